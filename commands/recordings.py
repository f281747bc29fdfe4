"""`flask calls sound` and `flask calls fetch`: the sound of recordings. Exit codes as in commands.calls."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import BinaryIO

import click

from calls import fetching
from calls.recordings import Whereabouts, that_begin_with
from calls.shelf import ShelfError, shelf_of
from commands.context import NO, Office, Unusable, office
from config.environment import read


@click.command("sound")
@click.argument("recording")
@click.option("--output", type=click.File("wb", lazy=True), default="-", help="A file; - is the standard output.")
def sound(recording: str, *, output: BinaryIO) -> None:
    """Write the sound of a recording, from where it is kept, else from the provider.

    RECORDING is its id, as `flask calls show` tells it, or as much of its beginning as no other recording shares.
    """
    if getattr(output, "name", "") in {"-", "<stdout>"} and _is_terminal():
        raise click.UsageError("name a file with --output FILE: this is a terminal")
    with office() as at, _opened(_the_recording(at, recording)) as file:
        shutil.copyfileobj(file, output)


@click.command("fetch")
@click.argument("recording", required=False)
@click.option("--failed", is_flag=True, help="Every recording that could not be fetched, or attached in the CRM.")
@click.option("--remote", is_flag=True, help="Every recording that has stayed at the provider.")
def fetch(recording: str | None, *, failed: bool, remote: bool) -> None:
    """Fetch recordings from the provider again, or attach them to their call in the CRM, where that has failed."""
    if [recording is not None, failed, remote].count(True) != 1:
        raise click.UsageError("name a recording, or give --failed, or --remote")
    _need_a_way()
    with office() as at:
        found = _the_recording(at, recording) if recording else None
        which = fetching.named(found.id) if found else fetching.FAILED if failed else fetching.REMOTE
        with at.engine.begin() as connection:
            count = fetching.again(connection, at.now, which)
    if found and not count:
        click.echo(f"{found.id} has not failed: it is {found.state}.", err=True)
        raise SystemExit(NO)
    click.echo(f"{count} recording{'' if count == 1 else 's'} will be fetched or attached again, now.")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _need_a_way() -> None:
    from voice.recordings.keeping import why_remote

    with office():  # which says what is missing when the environment is not right
        reason = why_remote(read())
    if reason:
        raise Unusable(f"recordings stay at the provider: {reason}")


def _the_recording(at: Office, start: str) -> Whereabouts:
    """Find a recording by its id or the beginning of it; ends the command when that is none, or several."""
    with at.engine.connect() as connection:
        found = that_begin_with(connection, start) if start else []
    if len(found) != 1:
        several = "\n  ".join(["several recordings begin so:", *(each.id for each in found)])
        click.echo(f"{start}: {several if found else 'there is no such recording.'}", err=True)
        raise SystemExit(NO)
    return found[0]


@contextmanager
def _opened(found: Whereabouts) -> Iterator[BinaryIO]:
    """Open the sound of a recording; ends the command when it cannot be had."""
    if found.state == "removed":
        click.echo(f"{found.id} was removed: {found.reason}", err=True)
        raise SystemExit(NO)
    opened = _kept(found.file) if found.file else _from_the_provider(found)
    with opened as file:
        yield file


@contextmanager
def _kept(name: str) -> Iterator[BinaryIO]:
    try:
        with shelf_of(read().recordings_url).as_file(name) as path, path.open("rb") as file:
            yield file
    except ShelfError as error:
        raise Unusable(f"the recording cannot be read: {error}") from None


@contextmanager
def _from_the_provider(found: Whereabouts) -> Iterator[BinaryIO]:
    from voice.provider.access import provider_api, unasked
    from voice.provider.rest import ProviderError
    from voice.recordings.keeping import MOST_BYTES

    environment = read()
    api = provider_api(environment)
    if api is None:
        raise Unusable(f"{found.id} is at the provider, and {unasked(environment)}")
    with TemporaryFile() as file:
        try:
            api.media(found.url, file, MOST_BYTES)
        except ProviderError as error:
            raise Unusable(f"{found.id} is {found.state}, and the provider does not give it: {error}") from None
        file.seek(0)
        yield file
