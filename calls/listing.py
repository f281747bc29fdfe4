"""Call details, found and paged through: by key, never by counting, so that the last page costs what the first does.

Every function raises StoreError.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, or_, select, union_all

from calls.details import CallDetails
from calls.filters import WITHHELD, Filter, apart, chosen, narrowed
from calls.tables import calls, recordings

__all__ = ["WITHHELD", "Filter", "Heard", "Key", "Page", "every", "ids_that_begin_with", "page", "recordings_of"]

AT_ONCE = 1000
"""Rows of one statement of an export."""

LIGHT = tuple(column for column in calls.c if column.name != "trace")
"""What a list shows; a trace is longer than all the rest, and read for one call only."""


class Key(NamedTuple):
    """Where a call stands in a list."""

    started_at: datetime
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Calls without their traces, the newest first; `older` and `newer` are where the pages beside it begin."""

    calls: tuple[CallDetails, ...]
    older: Key | None = None
    newer: Key | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """A recording of a call, as a list shows it."""

    id: str
    call_id: str
    kind: str
    mailbox: str | None
    seconds: int
    recorded_at: datetime
    state: str
    reason: str | None
    file: str | None


def page(
    connection: Connection, wanted: Filter, limit: int, *, before: Key | None = None, after: Key | None = None
) -> Page:
    """Return up to `limit` calls: the newest, or those next to a key, `before` (older) or `after` (newer) it."""
    if after is not None:
        rows = _run(connection, _in_order(wanted, _beyond(after), oldest_first=True, limit=limit + 1))
        shown = rows[:limit][::-1]
        newer, older = len(rows) > limit, True
    else:
        rows = _run(connection, _in_order(wanted, before and older_than(before), oldest_first=False, limit=limit + 1))
        shown = rows[:limit]
        newer, older = before is not None, len(rows) > limit
    return Page(
        calls=tuple(shown),
        older=_key(shown[-1]) if shown and older else None,
        newer=_key(shown[0]) if shown and newer else None,
    )


def every(engine: Engine, wanted: Filter, *, traces: bool = False) -> Iterator[CallDetails]:
    """Return all calls that are wanted, the oldest first; no statement and no transaction lasts as long as the list."""
    place: Key | None = None
    while True:
        query = _in_order(wanted, place and _beyond(place), oldest_first=True, limit=AT_ONCE, traces=traces)
        with engine.connect() as connection:
            rows = _run(connection, query)
        yield from rows
        if len(rows) < AT_ONCE:
            return
        place = _key(rows[-1])


def ids_that_begin_with(connection: Connection, start: str, most: int = 10) -> list[str]:
    """Return the calls whose id begins so; one whose id is just that is the only one meant."""
    if connection.execute(select(calls.c.id).where(calls.c.id == start)).first():
        return [start]
    same = func.substr(calls.c.id, 1, len(start)) == start
    return list(connection.execute(select(calls.c.id).where(same).order_by(calls.c.id).limit(most)).scalars())


def recordings_of(connection: Connection, call_ids: Sequence[str]) -> dict[str, list[Heard]]:
    """Return the recordings of some calls (a page of them), by call, in the order in which they were made."""
    columns = [recordings.c[name] for name in Heard.__dataclass_fields__]
    wanted = select(*columns).where(recordings.c.call_id.in_(call_ids)).order_by(recordings.c.recorded_at)
    found: dict[str, list[Heard]] = {}
    for row in connection.execute(wanted):
        found.setdefault(row.call_id, []).append(Heard(**row._mapping))
    return found


def _in_order(
    wanted: Filter, place: ColumnElement[bool] | None, *, oldest_first: bool, limit: int, traces: bool = False
) -> Select[Any]:
    columns = tuple(calls.c) if traces else LIGHT
    parts = [_first(part, columns, place, oldest_first, limit) for part in apart(narrowed(wanted))]
    if len(parts) == 1:
        return parts[0]
    # Each part is read off its own index in order, and no further than the page reaches.
    merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
    return select(merged).order_by(*_order(merged.c, oldest_first)).limit(limit)


def _first(
    wanted: Filter,
    columns: Iterable[ColumnElement[Any]],
    place: ColumnElement[bool] | None,
    oldest_first: bool,
    limit: int,
) -> Select[Any]:
    query = chosen(wanted, columns).order_by(*_order(calls.c, oldest_first)).limit(limit)
    return query if place is None else query.where(place)


def _order(columns: Any, oldest_first: bool) -> tuple[ColumnElement[Any], ...]:
    keys = (columns.started_at, columns.id)
    return keys if oldest_first else tuple(key.desc() for key in keys)


def older_than(key: Key) -> ColumnElement[bool]:
    """Older than a key; said so that an index on the time alone helps."""
    at = calls.c.started_at
    return and_(at <= key.started_at, or_(at < key.started_at, calls.c.id < key.id))


def _beyond(key: Key) -> ColumnElement[bool]:
    at = calls.c.started_at
    return and_(at >= key.started_at, or_(at > key.started_at, calls.c.id > key.id))


def _run(connection: Connection, query: Select[Any]) -> list[CallDetails]:
    return [_details(dict(row._mapping)) for row in connection.execute(query)]


def _details(columns: dict[str, Any]) -> CallDetails:
    return CallDetails(**columns | {"trace": tuple(columns.get("trace", ()))})


def _key(call: CallDetails) -> Key:
    return Key(call.started_at, call.id)
