"""Calls in words: as rows of a list, as a page about one call, and as plain values for JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from calls.contacts import Book, name_of
from calls.details import CallDetails
from calls.listing import Heard
from calls.missed import Missed
from calls.outcomes import MISSED_CODES, OUTCOMES
from commands.context import Office
from commands.layout import printable, span, table
from flows.live import Note
from flows.trace import told

SHORT_ID = 8
"""Characters of a call's id in a list: enough to find it again."""

HEADER = ("time", "call", "caller", "contact", "to", "employee", "outcome", "wait", "talk", "CRM")


def list_lines(calls: Sequence[CallDetails], book: Book, at: Office) -> Iterator[str]:
    """Set calls as a table with a line for each day."""
    listed = list(table([HEADER, *(_row(call, book, at) for call in calls)], shrink=(3, 4, 5), right=(7, 8)))
    yield listed[0]
    for day, pairs in groupby(zip(calls, listed[1:], strict=True), lambda pair: at.local(pair[0].started_at).date()):
        yield f"{day:%A} {day.day} {day:%B %Y}"
        yield from (line for _, line in pairs)


def why_lines(calls: Sequence[CallDetails]) -> Iterator[str]:
    """Say what keeps listed calls from the CRM, each reason once with how many have it."""
    stand = [(call.crm_state, call.crm_reason) for call in calls if not call.simulated and call.crm_reason]
    for (state, reason), count in Counter(each for each in stand if each[0] in ("pending", "failed")).items():
        yield f"{count} {state}: {printable(str(reason))}"


def _row(call: CallDetails, book: Book, at: Office) -> tuple[str, ...]:
    answered = call.answered_at is not None
    return (
        f"{at.local(call.started_at):%H:%M}",
        call.id[:SHORT_ID],
        call.caller or "withheld",
        name_of(call.caller, call.contact_name, book),
        number_name(call.number, at),
        employee_name(call.employee, at),
        call.outcome + (f" {call.code}" if _says_more(call) else ""),
        span(call.wait_seconds),
        span(call.talk_seconds) if answered else "",
        "simulated" if call.simulated else call.crm_state,
    )


def number_name(number: str, at: Office) -> str:
    """Return the name of a number of ours; itself when the settings no longer list it."""
    return at.company.numbers[number].name if number in at.company.numbers else number


def employee_name(key: str | None, at: Office) -> str:
    """Return an employee's name; the key when the settings no longer list him."""
    return at.company.employees[key].name if key in at.company.employees else key or ""


def page_lines(call: CallDetails, recordings: Sequence[Heard], book: Book, at: Office) -> Iterator[str]:
    """Tell all that is known of one call, and why it went where it went."""
    yield f"Call {call.id}"
    for title, text in _page(call, book, at):
        if text:
            yield f"  {title:<13}{printable(text)}"
    yield "Recordings" if recordings else "Recordings: none"
    yield from (f"  {printable(_recording(recording, at))}" for recording in recordings)
    yield "What was decided, and when" if call.trace else "What was decided is not known"
    yield from (f"  {at.local(_time(note)):%H:%M:%S}  {printable(told(note, at.company))}" for note in call.trace)


def _page(call: CallDetails, book: Book, at: Office) -> Iterator[tuple[str, str]]:
    name = name_of(call.caller, call.contact_name, book)
    outcome = f"{call.outcome}: {OUTCOMES[call.outcome].rule}"
    yield "caller", (call.caller or "withheld") + (f", {name}" if name else "")
    yield "CRM contact", f"{call.contact_type} {call.contact_id}" if call.contact_id else ""
    yield "number", _named(call.number, number_name(call.number, at))
    yield "began", f"{at.local(call.started_at):%A %Y-%m-%d %H:%M:%S} ({at.company.timezone})"
    yield "answered", f"{at.local(call.answered_at):%H:%M:%S}" if call.answered_at else ""
    yield "ended", f"{at.local(call.ended_at):%H:%M:%S}"
    yield "wait, talk", f"{span(call.wait_seconds)}, {span(call.talk_seconds)}"
    yield "outcome", outcome
    yield "code", call.code + (f": {MISSED_CODES[call.code]}" if _says_more(call) else "")
    yield "hours", "out of hours" if call.out_of_hours else ""
    yield "employee", _named(call.employee, employee_name(call.employee, at)) if call.employee else "nobody"
    yield "spoke with", employee_name(call.answered_by, at)
    yield "forwarded to", call.forwarded_to or ""
    yield "mailbox", _mailbox(call.mailbox, at)
    yield "simulated", "yes: nobody really called" if call.simulated else ""
    yield "settled", f"{at.local(call.settled_at):%Y-%m-%d %H:%M:%S}" if call.settled_at else "not yet"
    yield "CRM", _filing(call, at)


def _says_more(call: CallDetails) -> bool:
    return OUTCOMES[call.outcome].call_back and call.code != OUTCOMES[call.outcome].code


def _named(key: str | None, name: str) -> str:
    return f"{name} ({key})" if key != name else name


def _mailbox(mailbox: str | None, at: Office) -> str:
    kind, _, key = (mailbox or "").partition(":")
    if kind == "group" and key in at.company.groups:
        return _named(key, at.company.groups[key].name)
    return _named(key, employee_name(key, at)) if kind == "employee" else key


def _filing(call: CallDetails, at: Office) -> str:
    parts = [call.crm_state]
    parts += [f"as {call.crm_call_id}"] if call.crm_call_id else []
    parts += [f"after {call.crm_attempts} attempts"] if call.crm_attempts > 1 else []
    if call.crm_state == "pending" and call.crm_due_at:
        parts.append(f"next attempt {at.local(call.crm_due_at):%Y-%m-%d %H:%M:%S}")
    return ", ".join(parts) + (f": {call.crm_reason}" if call.crm_reason else "")


def _recording(recording: Heard, at: Office) -> str:
    parts = [f"{at.local(recording.recorded_at):%H:%M:%S}  {recording.kind}, {span(recording.seconds)}"]
    parts += [_mailbox(recording.mailbox, at)] if recording.mailbox else []
    parts.append(recording.state + (f": {recording.reason}" if recording.reason else ""))
    parts += [recording.file] if recording.file else []
    return ", ".join(parts) + f"  {recording.id}"


def _time(note: Note) -> datetime:
    return datetime.fromtimestamp(note.get("t", 0) / 1000, UTC)


def missed_lines(entries: Sequence[Missed], book: Book, at: Office) -> Iterator[str]:
    """Set missed calls as a table, one row for each caller, and below it how it was settled."""
    header = ("caller", "contact", "times", "first", "last", "to", "employee", "messages")
    rows = table([header, *(_missed_row(entry, book, at) for entry in entries)], shrink=(1, 5, 6), right=(2,))
    yield next(rows)
    for entry, row in zip(entries, rows, strict=True):
        yield row
        if entry.settled:
            yield f"  settled {_day(entry.settled.at, at)}: {printable(entry.settled.how)}"


def _missed_row(entry: Missed, book: Book, at: Office) -> tuple[str, ...]:
    return (
        entry.caller,
        name_of(entry.caller, entry.name, book),
        str(entry.times),
        _day(entry.first_at, at) if entry.times > 1 else "",
        _day(entry.last_at, at),
        ", ".join(number_name(number, at) for number in entry.numbers),
        employee_name(entry.employee, at),
        str(entry.messages or ""),
    )


def _day(moment: datetime, at: Office) -> str:
    return f"{at.local(moment):%d %b %H:%M}"


def why(call: CallDetails, at: Office) -> str:
    """The trace of a call in one cell."""
    return "\n".join(f"{at.local(_time(note)):%H:%M:%S} {told(note, at.company)}" for note in call.trace)


def plain(record: Any) -> Any:
    """Make a record what JSON knows; times are UTC."""
    return {name: _plain(value) for name, value in asdict(record).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return {name: _plain(part) for name, part in value.items()} if isinstance(value, dict) else value
