"""Calls that are over, and that Redis takes for up: it was away, or took nothing, when their end was told.

SQL has their records, which were written at that end, so Redis can be told without asking the provider. Otherwise those
who talked would count as busy for as long as a talk may last, where the provider has no API to be asked.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from redis import Redis
from sqlalchemy import Engine

from calls import ledger
from flows.calls import Call
from live import about, readings

log = logging.getLogger("ringpath.closing")

LATE = timedelta(seconds=10)
"""After the end of a call: by then Redis has been told, if it could be."""

MOST = 200
"""Records looked at in one run; as a rule a few are not settled yet."""

End = Callable[[Call, str, datetime, datetime], object]
"""Tells Redis of the end of a call: with which status, now, and when it was."""


def close_ended(redis: Redis, engine: Engine, end: End, now: datetime) -> int:
    """Tell Redis of the ends that it has missed; returns how many. Raises RedisError and StoreError."""
    with engine.connect() as connection:
        unsettled = ledger.forgotten(connection, now - LATE, MOST)
        missed = readings.up(redis, unsettled)
        ended = [found for call in missed if (found := ledger.find(connection, call))]
    for each in ended:
        with about.at(call=each.id):
            log.warning("call %s: its end is told to Redis late", each.id)
            call = Call(id=each.id, number=each.number, caller=each.caller, called=each.number)
            end(call, "completed", now, each.ended_at)
    return len(ended)
