"""The calls of a day in a line: how many, by employee and outcome. Raises StoreError."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from calls.filters import Filter, conditions
from calls.outcomes import GOT_THROUGH
from calls.tables import calls


class Tally(NamedTuple):
    """So many calls of one employee (None: nobody's) that ended in one way."""

    employee: str | None
    outcome: str
    total: int


class Figures(NamedTuple):
    """Calls that have ended, those that somebody took, and those that should be called back."""

    calls: int
    answered: int
    missed: int


NOT_MISSED = frozenset({*GOT_THROUGH, "blocked"})


def tallies(connection: Connection, since: datetime, *, simulated: bool) -> tuple[Tally, ...]:
    """Count the calls that began at a moment or later; with `simulated` those too that nobody really made."""
    wanted = Filter(since=since, simulated=None if simulated else False)
    columns = (calls.c.employee, calls.c.outcome)
    rows = connection.execute(select(*columns, func.count()).where(*conditions(wanted)).group_by(*columns))
    return tuple(Tally(*row) for row in rows)


def figures(counted: tuple[Tally, ...], reach: frozenset[str] | None) -> Figures:
    """Add up what somebody may see: the calls of the employees in his reach, None: all."""
    seen = [tally for tally in counted if reach is None or tally.employee in reach]
    return Figures(
        calls=sum(tally.total for tally in seen),
        answered=sum(tally.total for tally in seen if tally.outcome in GOT_THROUGH),
        missed=sum(tally.total for tally in seen if tally.outcome not in NOT_MISSED),
    )
