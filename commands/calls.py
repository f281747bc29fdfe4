"""`flask calls …`: what happened on the telephone, who is to be called back, and what is still to be filed.

Exit codes: 0 done; 1 there is no such call, or nothing to do; 2 a wrong option; 3 the app is not set up
(commands.context).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TextIO

import click
from flask.cli import AppGroup

from calls import call_sheets, contacts, ledger, outbox, sheets
from calls.contacts import Book
from calls.details import CallDetails
from calls.listing import WITHHELD as LISTED
from calls.listing import Filter, Key, ids_that_begin_with, page, recordings_of
from calls.missed import DAYS, called_back, missed
from calls.outcomes import OUTCOMES
from commands.call_text import SHORT_ID, list_lines, missed_lines, page_lines, plain, why, why_lines
from commands.context import NO, WITHHELD, Moment, Number, Office, Unusable, moment, office
from commands.imported import Imported
from flows.trace import told

MOST_LISTED = 1000

STATES = ("pending", "filed", "skipped", "failed")
"""Of the filing of a call (calls.tables)."""

ELSEWHERE = {"fetch": "commands.recordings:fetch", "sound": "commands.recordings:sound"}

calls = AppGroup(
    "calls", commands=Imported(ELSEWHERE), help="Call details: list, show, export, file again; missed calls."
)


class Caller(Number):
    """A caller's number, or that it is withheld."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return it in E.164 form."""
        return LISTED if value in {LISTED, *WITHHELD} else super().convert(value, param, ctx)


FILTERS = (
    click.option("--since", type=Moment(), help='From when: "2026-11-24", "2026-11-24 10:30", today, yesterday.'),
    click.option("--until", type=Moment(), help="Until when; a day counts as a whole."),
    click.option("--number", help="The number of ours that was called."),
    click.option("--employee", help="Who owns the call: the key of the employee."),
    click.option("--caller", type=Caller(), help="Who called, such as +34600222001; anonymous or withheld."),
    click.option("--outcome", "outcomes", multiple=True, type=click.Choice(list(OUTCOMES)), help="May be repeated."),
    click.option("--crm", "crm_state", type=click.Choice(STATES), help="How their filing in the CRM stands."),
)


def filters(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say which calls are wanted."""
    for option in reversed(FILTERS):
        command = option(command)
    return command


def wanted_of(at: Office, since: str | None, until: str | None, number: str | None, **same: Any) -> Filter:
    """Read those options."""
    called = number and (at.company.number_called(number) or number)
    return Filter(since=moment(since, at), until=moment(until, at, end=True), number=called, **same)


@calls.command("list", with_appcontext=False)
@filters
@click.option("--before", metavar="CALL", help="Only calls that come after CALL in the list.")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print all fields but the trace, as a JSON list.")
def list_(*, before: str | None, limit: int, as_json: bool, **which: Any) -> None:
    """List calls, the newest first; times are the company's."""
    with office() as at:
        place = _the_call(at, before) if before else None
        with at.engine.connect() as connection:
            key = Key(place.started_at, place.id) if place else None
            found = page(connection, wanted_of(at, **which), limit, before=key)
            book = contacts.found(connection, {call.caller for call in found.calls if call.caller})
        if as_json:
            _print_json([_without_trace(call) for call in found.calls])
            return
        if not found.calls:
            click.echo("No calls.")
            return
        for line in list_lines(found.calls, book, at):
            click.echo(line)
        for line in why_lines(found.calls) if which["crm_state"] else ():
            click.echo(line)
        if found.older:
            click.echo(f"There are older ones: --before {found.calls[-1].id[:SHORT_ID]}")


@calls.command("show", with_appcontext=False)
@click.argument("call")
@click.option("--json", "as_json", is_flag=True, help="Print all fields, the trace and the recordings as JSON.")
def show(call: str, *, as_json: bool) -> None:
    """Tell all about one call, and why it went where it went.

    CALL is its id, or as much of its beginning as no other call shares.
    """
    with office() as at:
        found = _the_call(at, call)
        with at.engine.connect() as connection:
            recordings = recordings_of(connection, [found.id]).get(found.id, [])
            book = contacts.found(connection, [found.caller] if found.caller else [])
        if as_json:
            sentences = [told(note, at.company) for note in found.trace]
            _print_json(plain(found) | {"why": sentences, "recordings": [plain(each) for each in recordings]})
            return
        for line in page_lines(found, recordings, book, at):
            click.echo(line)


@calls.command("export", with_appcontext=False)
@filters
@click.option("--trace", "traces", is_flag=True, help="Add a column that says why each call went where it went.")
@click.option("--separator", type=click.Choice(sheets.SEPARATORS), default=",", show_default=True)
@click.option("--output", type=click.File("w", "utf-8", lazy=False), default="-", help="A file; - is the terminal.")
def export(*, traces: bool, separator: str, output: TextIO, **which: Any) -> None:
    """Write calls as CSV, the oldest first, safe to open in a spreadsheet."""
    with office() as at:
        reason = (lambda call: why(call, at)) if traces else None
        for line in call_sheets.written(at.engine, wanted_of(at, **which), at.zone, why=reason, separator=separator):
            output.write(line)


@calls.command("file", with_appcontext=False)
@click.argument("call", required=False)
@click.option("--failed", is_flag=True, help="Every call whose filing has failed.")
def file(call: str | None, *, failed: bool) -> None:
    """File calls in the CRM again whose filing has failed: all of them, or one CALL."""
    if failed == (call is not None):
        raise click.UsageError("name a call, or give --failed for all")
    with office() as at:
        found = _the_call(at, call) if call else None
        with at.engine.begin() as connection:
            count = outbox.again(connection, at.now, found.id if found else None)
    if found and not count:
        click.echo(f"{found.id} has not failed: it is {found.crm_state}.", err=True)
        raise SystemExit(NO)
    click.echo(f"{count} call{'' if count == 1 else 's'} will be filed again, now.")


@calls.command("reconcile", with_appcontext=False)
def reconcile() -> None:
    """Ask the provider about calls whose end was never told, and for calls that we have never heard of."""
    with office():
        from redis.exceptions import RedisError

        from voice.jobs import reconcile_now
        from voice.provider.rest import ProviderError

        try:
            said = reconcile_now()
        except ProviderError as fault:
            raise Unusable(f"the provider does not tell: {fault}") from None
        except RedisError as fault:
            raise Unusable(f"Redis has gone meanwhile ({fault}); what was put on file stays, do it again") from None
    click.echo(said)


@calls.command("missed", with_appcontext=False)
@click.option("--all", "settled", is_flag=True, help="Also those that are settled.")
@click.option("--simulated", is_flag=True, help="Also simulated calls.")
@click.option("--days", type=click.IntRange(1, 3650), default=DAYS, show_default=True, help="How far back.")
@click.option("--limit", type=click.IntRange(1, MOST_LISTED), default=200, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON list.")
def missed_(*, settled: bool, simulated: bool, days: int, limit: int, as_json: bool) -> None:
    """List the callers who did not get through and have not been called back, the latest first."""
    with office() as at:
        since = at.now - timedelta(days=days)
        with at.engine.connect() as connection:
            found = missed(connection, since, settled=settled, simulated=simulated, limit=limit)
            book = contacts.found(connection, [entry.caller for entry in found])
        if as_json:
            _print_json([plain(entry) for entry in found])
        elif not found:
            click.echo("Nobody is waiting to be called back.")
        else:
            _print_missed(found, book, at)


@calls.command("called-back", with_appcontext=False)
@click.argument("caller", metavar="NUMBER", type=Number())
@click.option("--how", default="noted in the terminal", show_default=True, help="By whom, or what was agreed.")
def called_back_(caller: str, how: str) -> None:
    """Note that somebody has called NUMBER back, which settles that caller's missed calls."""
    with office() as at:
        with at.engine.connect() as connection:
            waiting = missed(connection, at.now - timedelta(days=DAYS), simulated=True, limit=1, caller=caller)
        called_back(at.engine, caller, at.now, how)
    times = sum(entry.times for entry in waiting)
    settled = f"{times} missed call{'s' if times > 1 else ''} settled" if times else "noted; no missed call was waiting"
    click.echo(f"{caller}: {settled}.")


def _the_call(at: Office, start: str) -> CallDetails:
    """Find a call by its id or the beginning of it; ends the command when that is none, or several."""
    with at.engine.connect() as connection:
        ids = ids_that_begin_with(connection, start) if start else []
        found = ledger.find(connection, ids[0]) if len(ids) == 1 else None
    if found is None:
        several = "\n  ".join(["several calls begin so:", *ids]) if ids else "there is no such call."
        click.echo(f"{start}: {several}", err=True)
        raise SystemExit(NO)
    return found


def _print_missed(found: Sequence[Any], book: Book, at: Office) -> None:
    for line in missed_lines(found, book, at):
        click.echo(line)


def _without_trace(call: CallDetails) -> dict[str, Any]:
    return {name: value for name, value in plain(call).items() if name != "trace"}


def _print_json(value: Any) -> None:
    json.dump(value, sys.stdout, indent=2, ensure_ascii=False)
    click.echo()
