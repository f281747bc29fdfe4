"""Call details, found and paged through: by key, never by counting, so that the last page costs what the first does.

Every function raises StoreError.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, or_, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from calls.details import CallDetails
from calls.outcomes import Outcome
from calls.tables import calls, recordings

WITHHELD = ""
"""The `caller` of a filter that wants the calls whose caller did not show his number."""

AT_ONCE = 1000
"""Rows of one statement of an export."""

LIGHT = tuple(column for column in calls.c if column.name != "trace")
"""What a list shows; a trace is longer than all the rest, and read for one call only."""


class Key(NamedTuple):
    """Where a call stands in a list."""

    started_at: datetime
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Which calls are wanted: those that began at `since` or later and before `until`, and fit all that is named."""

    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    employee: str | None = None
    caller: str | None = None
    outcomes: tuple[Outcome, ...] = ()
    crm_state: str | None = None
    simulated: bool | None = None


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
    keys = (calls.c.started_at, calls.c.id)
    order = keys if oldest_first else tuple(key.desc() for key in keys)
    query = chosen(wanted, calls.c if traces else LIGHT).order_by(*order).limit(limit)
    return query if place is None else query.where(place)


def chosen(wanted: Filter, columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Select columns of the calls that are wanted."""
    return select(*columns).where(*conditions(wanted))


def conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    """Say a filter in SQL; of the indices that could be used, SQLite is left the one that leads to few rows in order.

    It has no statistics, and would rather find half of the table by an outcome and sort it.
    """
    if wanted.since is not None:
        yield calls.c.started_at >= wanted.since
    if wanted.until is not None:
        yield calls.c.started_at < wanted.until
    if wanted.simulated is not None:
        yield calls.c.simulated.is_(wanted.simulated)
    leading = next((name for name, leads in _LEADS.items() if leads(wanted)), None)
    for name, term in _TERMS.items():
        value = getattr(wanted, name)
        if value is not None and value != ():
            column = calls.c[_COLUMNS.get(name, name)]
            yield term(column if name == leading else unindexed(column), value)


_COLUMNS = {"outcomes": "outcome"}

_TERMS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "caller": lambda column, value: column.is_(None) if value == WITHHELD else column == value,
    "employee": operator.eq,
    "number": operator.eq,
    "outcomes": lambda column, value: column.in_(value),
    "crm_state": operator.eq,
}

_LEADS: dict[str, Callable[[Filter], bool]] = {
    "caller": lambda wanted: wanted.caller is not None,
    "crm_state": lambda wanted: wanted.crm_state in {"pending", "failed"},  # few, it is to be hoped
    "employee": lambda wanted: wanted.employee is not None,
    "outcomes": lambda wanted: len(wanted.outcomes) == 1,
    "number": lambda wanted: wanted.number is not None,
}
"""What a filter names whose index is the best, the best first; else it is that of the time."""


class _Unindexed(FunctionElement[Any]):
    """A column, for PostgreSQL, which knows better; for SQLite a term that no index fits."""

    name = "unindexed"
    inherit_cache = True


@compiles(_Unindexed)
def _as_it_is(element: _Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return compiler.process(element.clauses, **how)


@compiles(_Unindexed, "sqlite")
def _with_a_plus(element: _Unindexed, compiler: SQLCompiler, **how: Any) -> str:
    return "+" + compiler.process(element.clauses, **how)


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Keep SQLite from finding rows by the index of a column."""
    return type_coerce(_Unindexed(column), column.type)


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
