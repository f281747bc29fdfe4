"""Figures for charts: calls by the hour and outcome, and how long callers waited for an answer.

SQL counts by the quarter of an hour in UTC, of which every time zone's hours are made; they are put together here, so
that the days on which the clocks change are right. Every function with a connection raises StoreError.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Integer, func
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from calls.filters import Filter, chosen
from calls.outcomes import GOT_THROUGH, Outcome
from calls.tables import calls

QUARTER = timedelta(minutes=15)


class Tally(NamedTuple):
    """How many calls with one outcome began in one quarter of an hour, which began at `at` (UTC)."""

    at: datetime
    outcome: Outcome
    calls: int


@dataclass(kw_only=True, slots=True)
class Hour:
    """One hour, or all of a period that have the same number on the clock: their calls, and how many hours they are.

    `second` is the later one of two hours with the same number, on the day on which the clocks go back.
    """

    hour: int
    second: bool = False
    hours: int = 0
    calls: Counter[Outcome] = field(default_factory=Counter)

    def average(self, outcome: Outcome) -> float:
        """Calls with an outcome in one hour."""
        return self.calls[outcome] / self.hours if self.hours else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """How long the callers who got through had waited: how many did for how many seconds."""

    seconds: Mapping[int, int]

    @property
    def calls(self) -> int:
        """How many got through."""
        return sum(self.seconds.values())

    def within(self, limit: int) -> float:
        """Return the part of them, from 0 to 1, that waited for up to `limit` seconds."""
        return sum(number for wait, number in self.seconds.items() if wait <= limit) / self.calls if self.calls else 0.0

    def below(self, part: float) -> int | None:
        """Return the seconds that a `part` of them (0.5: half) did not wait for longer than; None without any."""
        reached = 0
        for wait, number in sorted(self.seconds.items()):
            reached += number
            if reached >= part * self.calls:
                return wait
        return None


def tallies(connection: Connection, wanted: Filter) -> list[Tally]:
    """Count the calls that are wanted, which should be those of a bounded period."""
    quarter = _Quarter(calls.c.started_at)
    columns = (quarter.label("quarter"), calls.c.outcome, func.count().label("calls"))
    counted = chosen(wanted, columns).group_by(quarter, calls.c.outcome)
    return [Tally(_moment(row.quarter), row.outcome, row.calls) for row in connection.execute(counted)]


def waits(connection: Connection, wanted: Filter) -> Waits:
    """Return how long the callers of the calls that are wanted waited, if they got through."""
    counted = chosen(wanted, (calls.c.wait_seconds, func.count().label("calls"))).group_by(calls.c.wait_seconds)
    rows = connection.execute(counted.where(calls.c.answered_at.is_not(None), calls.c.outcome.in_(GOT_THROUGH)))
    return Waits(seconds={row.wait_seconds: row.calls for row in rows})


def hours_of_a_day(some: Iterable[Tally], since: datetime, until: datetime, zone: ZoneInfo) -> list[Hour]:
    """Set tallies out over the hours of one day, of which there are 23 or 25 when the clocks change."""
    found: dict[tuple[int, int], Hour] = {}
    for at in _quarters(since, until):
        local = at.astimezone(zone)
        found.setdefault((local.hour, local.fold), Hour(hour=local.hour, second=bool(local.fold), hours=1))
    for tally in some:
        local = tally.at.astimezone(zone)
        if (local.hour, local.fold) in found:
            found[local.hour, local.fold].calls[tally.outcome] += tally.calls
    return list(found.values())


def hours_of_the_day(some: Iterable[Tally], since: datetime, until: datetime, zone: ZoneInfo) -> list[Hour]:
    """Fold tallies of many days into the 24 hours of the clock; `hours` counts how often each has begun until then."""
    found = [Hour(hour=hour) for hour in range(24)]
    for _, hour in sorted({(local.date(), (local.hour, local.fold)) for local in _local(since, until, zone)}):
        found[hour[0]].hours += 1
    for tally in some:
        found[tally.at.astimezone(zone).hour].calls[tally.outcome] += tally.calls
    return found


def _local(since: datetime, until: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    return (at.astimezone(zone) for at in _quarters(since, until))


def _quarters(since: datetime, until: datetime) -> Iterator[datetime]:
    at, end = since.astimezone(UTC), until.astimezone(UTC)  # or a step would be one of the clock, not of time
    while at < end:
        yield at
        at += QUARTER


def _moment(quarter: int) -> datetime:
    return datetime.fromtimestamp(quarter * QUARTER.total_seconds(), UTC)


class _Quarter(FunctionElement[int]):
    """The number of the quarter of an hour, since 1970, in which a moment is."""

    name = "quarter"
    type = Integer()
    inherit_cache = True


@compiles(_Quarter, "sqlite")
def _in_sqlite(element: _Quarter, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **how)}) AS INTEGER) / 900"


@compiles(_Quarter)
def _in_postgresql(element: _Quarter, compiler: SQLCompiler, **how: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **how)}) / 900) AS INTEGER)"
