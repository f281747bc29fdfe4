"""Call details as a table that a spreadsheet opens: CSV, a piece at a time. Raises StoreError."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from calls import sheets
from calls.details import CallDetails
from calls.filters import Filter
from calls.listing import Heard, every, recordings_of

COLUMNS = tuple(field.name for field in fields(CallDetails) if field.name != "trace")

AT_ONCE = 500
"""Calls whose recordings are asked for by one statement."""

Why = Callable[[CallDetails], str]
"""Tells the trace of a call in one cell."""


def written(
    engine: Engine, wanted: Filter, zone: ZoneInfo, *, why: Why | None = None, separator: str = ","
) -> Iterator[str]:
    """Write the calls that are wanted, the oldest first; nothing is held, and no transaction lasts as long as the list.

    With `why` there is one more column, for the trace.
    """
    header = [*COLUMNS, "recordings", *(["trace"] if why else [])]
    return sheets.lines(header, _rows(engine, wanted, zone, why), separator)


def _rows(engine: Engine, wanted: Filter, zone: ZoneInfo, why: Why | None) -> Iterator[Sequence[str]]:
    rows = every(engine, wanted, traces=why is not None)
    while some := list(islice(rows, AT_ONCE)):
        with engine.connect() as connection:
            recordings = recordings_of(connection, [call.id for call in some])
        for call in some:
            line = _cells(call, recordings.get(call.id, ()), zone)
            yield [*line, why(call)] if why else line


def _cells(call: CallDetails, recordings: Sequence[Heard], zone: ZoneInfo) -> list[str]:
    values = [_cell(getattr(call, name), zone) for name in COLUMNS]
    return [*values, " ".join(recording.id for recording in recordings)]


def _cell(value: object, zone: ZoneInfo) -> str:
    """Write a field: times as the clocks at the company show them, with their offset."""
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
