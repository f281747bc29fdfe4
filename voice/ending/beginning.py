"""When a call began, by all that has heard of it: no store need have been there from the first webhook on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from calls import ledger
from flows.live import Note
from live.keys import LIVES
from live.readings import Kept

ARRIVALS = frozenset({"arrived", "unknown_number"})
"""Decisions with which a trace begins."""

LONGEST = timedelta(seconds=LIVES["call"])


def began(connection: Connection, call_id: str, kept: Kept | None, trace: Sequence[Note], told: datetime) -> datetime:
    """Tell when a call began: when the first store heard of it.

    Where none has its arrival any more, because it was emptied meanwhile, by what the provider `told` at its end too,
    and by what was put on file then.
    """
    moments = [moment(note["t"]) for note in trace]
    if kept and "started" in kept.fields:
        moments.append(moment(kept.fields["started"]))
    heard = [each for each in moments if each > told - LONGEST]  # what is older is of the call that this one replays
    if heard and any(note["code"] in ARRIVALS for note in trace):
        return min(heard)
    first = min([*heard, told])
    written = ledger.find(connection, call_id)
    # A call that began when that one was over is the same one told again (calls.ledger).
    return min(first, written.started_at) if written and written.ended_at >= first else first


def moment(ms: str | int) -> datetime:
    """Read a time of Redis: milliseconds since the epoch."""
    return datetime.fromtimestamp(int(ms) / 1000, UTC)
