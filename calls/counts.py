"""Calls counted by outcome, for Prometheus: a row each, so that to read them costs the same however many there were."""

from __future__ import annotations

from sqlalchemy import Connection, select

from calls.database import upsert
from calls.tables import counts


def count(connection: Connection, outcome: str, *, simulated: bool) -> None:
    """Count one call, in the transaction that settles it: each is counted once, or not settled."""
    values = {"outcome": outcome, "simulated": simulated, "total": 1}
    upsert(connection, counts, values, key=["outcome", "simulated"], update={"total": counts.c.total + 1})


def counted(connection: Connection, *, simulated: bool) -> dict[str, int]:
    """Return how many calls were settled with each outcome; those that were simulated are counted apart."""
    mine = select(counts.c.outcome, counts.c.total).where(counts.c.simulated.is_(simulated))
    return {row.outcome: row.total for row in connection.execute(mine)}
