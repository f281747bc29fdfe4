"""Missed calls: one entry for each caller who should be called back, worked out from the calls whenever it is asked.

Nothing is counted along the way, so a repeated callback cannot count twice. An entry is settled when the caller has got
through after his last missed call, or was called back after it; when he then misses us again, a new one begins. Callers
who withhold their number cannot be called back and have no entry. Every function raises StoreError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, case, delete, func, or_, select

from calls.database import upsert
from calls.filters import Filter, chosen, conditions, unindexed
from calls.listing import AT_ONCE, Key, older_than
from calls.outcomes import CALL_BACK, GOT_THROUGH
from calls.tables import callbacks, calls

DAYS = 30
"""How far back missed calls are looked for, where nobody says otherwise."""

COUNTED = 100
"""Entries whose calls are counted by one statement."""

GOT_IN = "got through"


@dataclass(frozen=True, kw_only=True, slots=True)
class Settled:
    """When an entry was settled, and how: GOT_IN, or what was said of the call back."""

    at: datetime
    how: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """A caller who did not get through: how often, from when to when, on which numbers, and whose he is.

    `times` counts his missed calls since he last got through or was called back; of a settled entry, all of the period.
    `messages` are those that he left with them. `call` is his last missed call, `employee` who owns it.
    """

    caller: str
    times: int
    first_at: datetime
    last_at: datetime
    numbers: tuple[str, ...]
    messages: int
    call: str
    name: str | None = None
    employee: str | None = None
    settled: Settled | None = None


def missed(
    connection: Connection,
    since: datetime,
    *,
    settled: bool = False,
    simulated: bool = False,
    limit: int = 200,
    caller: str | None = None,
    employees: frozenset[str] | None = None,
) -> list[Missed]:
    """Return the entries of the callers who have called since a moment, the latest call first, or of one `caller`.

    With `settled` also those that are settled; with `simulated` simulated calls count too. Where only the calls of some
    `employees` may be seen, an entry tells of the missed calls that are theirs; whoever the caller reached settles it.
    """
    counts = None if simulated else False
    wanted = Filter(since=since, caller=caller, outcomes=CALL_BACK, simulated=counts, employees=employees)
    found = _all(connection, wanted, limit) if settled else _open(connection, wanted, limit)
    parts = (found[place : place + COUNTED] for place in range(0, len(found), COUNTED))
    return [entry for part in parts for entry in _entries(connection, part, wanted)]


def _waiting(wanted: Filter) -> Select[Any]:
    """Select the callers who have not been reached since their last missed call, and when that was (`at`)."""
    whose = unindexed(calls.c.caller)  # the index of the callers would lead through all calls that there ever were
    columns = [whose.label("caller"), func.max(calls.c.started_at).label("at")]
    missed_ = select(*columns).where(*conditions(wanted, "in any order"), whose.is_not(None))
    last = missed_.group_by(whose).subquery()
    later = calls.alias()
    through = select(later.c.id).where(
        later.c.caller == last.c.caller,
        later.c.started_at >= wanted.since,
        unindexed(later.c.outcome).in_(GOT_THROUGH),
        func.coalesce(later.c.answered_at, later.c.started_at) >= last.c.at,
    )
    if wanted.simulated is not None:
        through = through.where(later.c.simulated.is_(wanted.simulated))
    back = select(callbacks.c.id).where(callbacks.c.caller == last.c.caller, callbacks.c.called_at >= last.c.at)
    return select(last.c.caller, last.c.at).where(~through.exists(), ~back.exists())


def called_back(engine: Engine, caller: str, when: datetime, how: str) -> None:
    """Note that a caller (E.164) was called back, by whom or how; safe to repeat."""
    values = {"caller": caller, "called_at": when, "how": how[:200]}
    with engine.begin() as connection:
        upsert(connection, callbacks, values, key=["caller", "called_at"], update={})


def not_called_back(engine: Engine, caller: str, when: datetime) -> None:
    """Take back what was noted of a caller at a moment."""
    noted = delete(callbacks).where(callbacks.c.caller == caller, callbacks.c.called_at == when)
    with engine.begin() as connection:
        connection.execute(noted)


LAST = tuple(calls.c[name] for name in ("id", "caller", "started_at", "employee", "contact_name"))
"""What is read of a last missed call."""


@dataclass(kw_only=True, slots=True)
class _Last:
    """The last missed call of a caller, and when he last got through and was called back."""

    id: str
    caller: str
    started_at: datetime
    employee: str | None
    contact_name: str | None
    through_at: datetime | None = None
    called_at: datetime | None = None

    @property
    def reached_at(self) -> datetime | None:
        return max((moment for moment in (self.through_at, self.called_at) if moment), default=None)

    @property
    def settled_at(self) -> datetime | None:
        reached = self.reached_at
        return reached if reached and reached >= self.started_at else None


def _open(connection: Connection, wanted: Filter, limit: int) -> list[_Last]:
    """Find the callers who wait: who is settled never leaves the database, of whom there may be any number."""
    waiting = _waiting(wanted)
    at = waiting.selected_columns["at"]
    moments = [(row.caller, row.at) for row in connection.execute(waiting.order_by(at.desc()).limit(limit))]
    found: list[_Last] = []
    for place in range(0, len(moments), COUNTED):
        some = _named(connection, moments[place : place + COUNTED], wanted)
        _find_when_reached(connection, some, wanted)
        found += some
    return found


def _named(connection: Connection, moments: Sequence[tuple[str, datetime]], wanted: Filter) -> list[_Last]:
    """Read the calls that callers made at a moment each, the newest first; of two at one moment one."""
    each = (and_(calls.c.caller == caller, calls.c.started_at == at) for caller, at in moments)
    query = select(*LAST).where(or_(*each), *conditions(replace(wanted, caller=None), rows="known"))
    rows = connection.execute(query.order_by(calls.c.started_at, calls.c.id))
    met = {row.caller: _Last(**row._mapping) for row in rows}
    return list(met.values())[::-1]


def _all(connection: Connection, wanted: Filter, limit: int) -> list[_Last]:
    """Find the callers who have ever missed us in the period, a part at a time until there are enough."""
    found: list[_Last] = []
    for some in _last_calls(connection, wanted):
        _find_when_reached(connection, some, wanted)
        found += some
        if len(found) >= limit:
            break
    return found[:limit]


def _last_calls(connection: Connection, wanted: Filter) -> Iterator[list[_Last]]:
    """Go back through the missed calls, some at a time; the first that is met of a caller is his last one."""
    newest = chosen(wanted, LAST).order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(AT_ONCE)
    query, seen = newest, set[str]()
    while rows := connection.execute(query).all():
        met: dict[str, _Last] = {}
        for row in rows:
            if row.caller and row.caller not in seen:
                seen.add(row.caller)
                met[row.caller] = _Last(**row._mapping)
        yield list(met.values())
        query = newest.where(older_than(Key(rows[-1].started_at, rows[-1].id)))


def _find_when_reached(connection: Connection, some: Sequence[_Last], wanted: Filter) -> None:
    """Ask when each was reached; the call that got through may have begun before the one that was missed."""
    callers = [last.caller for last in some]
    spoke = func.max(func.coalesce(calls.c.answered_at, calls.c.started_at))
    through = select(calls.c.caller, spoke).where(
        calls.c.caller.in_(callers), calls.c.started_at >= wanted.since, unindexed(calls.c.outcome).in_(GOT_THROUGH)
    )
    if wanted.simulated is not None:
        through = through.where(calls.c.simulated.is_(wanted.simulated))
    back = select(callbacks.c.caller, func.max(callbacks.c.called_at)).where(callbacks.c.caller.in_(callers))
    through_at = _by_caller(connection, through.group_by(calls.c.caller))
    called_at = _by_caller(connection, back.group_by(callbacks.c.caller))
    for last in some:
        last.through_at, last.called_at = through_at.get(last.caller), called_at.get(last.caller)


def _by_caller(connection: Connection, query: Select[Any]) -> dict[str, datetime]:
    return {row.caller: row[1] for row in connection.execute(query)}


def _entries(connection: Connection, some: Sequence[_Last], wanted: Filter) -> Iterator[Missed]:
    counted = (
        select(
            calls.c.caller,
            calls.c.number,
            func.count().label("times"),
            func.min(calls.c.started_at).label("first_at"),
            func.max(calls.c.started_at).label("last_at"),
            func.sum(case((calls.c.outcome == "voicemail", 1), else_=0)).label("messages"),
        )
        .where(calls.c.caller.in_([last.caller for last in some]), calls.c.started_at >= wanted.since)
        .where(*conditions(replace(wanted, caller=None), rows="known"), or_(*map(_his, some)))
        .group_by(calls.c.caller, calls.c.number)
        .order_by(func.max(calls.c.started_at).desc())
    )
    rows: dict[str, list[Any]] = {}
    for row in connection.execute(counted):
        rows.setdefault(row.caller, []).append(row)
    how = _told(connection, some)
    return (_entry(last, rows[last.caller], how) for last in some)


def _his(last: _Last) -> ColumnElement[bool]:
    """Which calls count for an entry."""
    his = calls.c.caller == last.caller
    new = last.reached_at is not None and last.settled_at is None
    return and_(his, calls.c.started_at > last.reached_at) if new else his


def _told(connection: Connection, some: Sequence[_Last]) -> dict[tuple[str, datetime], str]:
    """What was said of the last call back of each."""
    columns = (callbacks.c.caller, callbacks.c.called_at, callbacks.c.how)
    moments = [last.called_at for last in some if last.called_at]
    wanted = select(*columns).where(
        callbacks.c.caller.in_([last.caller for last in some]), callbacks.c.called_at.in_(moments)
    )
    return {(row.caller, row.called_at): row.how for row in connection.execute(wanted)}


def _entry(last: _Last, rows: Sequence[Any], how: Mapping[tuple[str, datetime], str]) -> Missed:
    at = last.settled_at
    return Missed(
        caller=last.caller,
        times=sum(row.times for row in rows),
        first_at=min(row.first_at for row in rows),
        last_at=last.started_at,
        numbers=tuple(row.number for row in rows),
        messages=sum(row.messages for row in rows),
        call=last.id,
        name=last.contact_name,
        employee=last.employee,
        settled=Settled(at=at, how=how.get((last.caller, at), GOT_IN)) if at else None,
    )
