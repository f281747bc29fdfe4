"""`flask company import`, `export`, `history` and `rollback`: the settings as they are published, revision by revision.

Exit codes: 0 done; 1 not published, or there is no such revision; 2 a wrong option; 3 the app is not set up
(commands.context).
"""

from __future__ import annotations

import getpass
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click
from sqlalchemy import Engine

from calls import revisions
from calls.revisions import Overtaken, Revision
from commands.context import NO, Office, office, opened
from commands.layout import printable, table
from config.loader import examine, read_text
from config.problems import SettingsError


class _No(click.ClickException):
    """What was asked cannot be done."""

    exit_code = NO


COMMENT = click.option("--comment", default="", help="Why, for whoever reads the history.")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@COMMENT
def import_(file: Path, *, comment: str) -> None:
    """Publish a settings file: it is checked, and in force for new calls within two seconds.

    - reads what is piped in.
    """
    with opened() as (_, engine):
        text = _text(file)
        with engine.connect() as connection:
            newest = revisions.newest(connection)
        if newest is not None and newest.document == text:
            click.echo(f"{file} is in force already, as revision {newest.number}: nothing to do.")
            return
        number = _published(engine, newest, text, comment or f"imported from {file.name}")
        for problem in examine(text)[1]:
            click.echo(problem)
        click.echo(f"{file} is published as revision {number}.")


@click.command("export")
@click.argument("number", type=click.IntRange(1), required=False)
@click.option("--output", type=click.File("wb", lazy=True), default="-", help="A file; - is the terminal.")
def export(number: int | None, *, output: BinaryIO) -> None:
    """Write the settings that are in force, or those of revision NUMBER, as they were published."""
    with opened() as (_, engine):
        output.write(_revision(engine, number).document.encode())


@click.command("history")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many, newest first.")
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON list.")
def history(*, limit: int, as_json: bool) -> None:
    """List what was published, when, by whom and why; the first line is in force."""
    with office() as at:
        with at.engine.connect() as connection:
            found = revisions.history(connection, limit)
        if as_json:
            rows = [_plain(each) for each in found]
            click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        elif not found:
            click.echo("Nothing is published yet: the settings file is imported at the first start.")
        else:
            header = ("number", "published", "by", "comment")
            for line in table([header, *(_row(each, at) for each in found)], shrink=(3,)):
                click.echo(line)


@click.command("rollback")
@click.argument("number", type=click.IntRange(1))
@COMMENT
def rollback(number: int, *, comment: str) -> None:
    """Publish the settings of revision NUMBER again, as a new revision, after checking them again."""
    with opened() as (_, engine):
        old, newest = _revision(engine, number), _revision(engine, None)
        if old.document == newest.document:
            click.echo(f"The settings of revision {number} are in force: nothing to do.")
            return
        published = _published(engine, newest, old.document, comment or f"back to revision {number}")
        click.echo(f"The settings of revision {number} are published again, as revision {published}.")


def _text(file: Path) -> str:
    try:
        return sys.stdin.read() if str(file) == "-" else read_text(file)
    except SettingsError as problem:
        raise _refused(problem) from None


def _published(engine: Engine, newest: Revision | None, document: str, comment: str) -> int:
    """Publish over what is in force; ends the command with what keeps it from that."""
    try:
        checked = revisions.check(document)
        with engine.begin() as connection:
            return revisions.publish(
                connection,
                checked,
                author=_author(),
                comment=comment,
                now=datetime.now(UTC),
                base=newest.number if newest else None,
            )
    except SettingsError as problem:
        raise _refused(problem) from None
    except Overtaken as other:
        raise _No(f"{other}: look at it, and do this again if it is still right") from None


def _refused(problem: SettingsError) -> _No:
    return _No(f"the settings are not right, and nothing was published.\n{problem}")


def _revision(engine: Engine, number: int | None) -> Revision:
    """Find a revision, the newest without a number; ends the command when there is none."""
    with engine.connect() as connection:
        found = revisions.newest(connection) if number is None else revisions.revision(connection, number)
    if found is None:
        raise _No("nothing is published yet" if number is None else f"there is no revision {number}")
    return found


def _row(revision: Revision, at: Office) -> tuple[str, ...]:
    moment = f"{at.local(revision.published_at):%Y-%m-%d %H:%M:%S}"
    return str(revision.number), moment, printable(revision.author), printable(revision.comment)


def _plain(revision: Revision) -> dict[str, object]:
    plain = asdict(revision) | {"published_at": revision.published_at.isoformat()}
    del plain["document"]
    return plain


def _author() -> str:
    """Name whoever sits at the terminal, as the system knows him."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container whose user has no name
        return "command line"
