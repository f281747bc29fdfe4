"""What can be read of the live state: traces, calls, queues, presence. For people and tests, never for a webhook."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from flows.live import Note
from live import keys


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """What an employee does: "free", "away", "ringing" or "talking", on which call and until when at most."""

    state: str
    call: str = ""
    until: datetime | None = None


_STATES = {"R": "ringing", "T": "talking"}


def trace(redis: Redis, call_id: str) -> list[Note]:
    """Return the decisions taken for a call, in order; `t` is in milliseconds since the epoch."""
    found: Any = redis.lrange(keys.trace(call_id), 0, -1)
    return [json.loads(text) for text in found]


def presence(redis: Redis, employee: str, now: datetime) -> Presence:
    """Tell what an employee does now."""
    if redis.hexists(keys.AWAY, employee):
        return Presence(state="away")
    entry: Any = redis.hget(keys.BUSY, employee)
    if entry is None:
        return Presence(state="free")
    state, until, _, call = entry.decode().split(" ", 3)
    ends = datetime.fromtimestamp(int(until) / 1000, UTC)
    return Presence(state=_STATES[state], call=call, until=ends) if ends > now else Presence(state="free")


def waiting(redis: Redis, group: str) -> list[str]:
    """Return the calls that wait for a group, first come first."""
    found: Any = redis.zrange(keys.waiting(group), 0, -1)
    return [call.decode() for call in found]


def active(redis: Redis) -> dict[str, datetime]:
    """Return the calls that are up, and when each was last heard of."""
    found: Any = redis.zrange(keys.CALLS, 0, -1, withscores=True)
    return {call.decode(): datetime.fromtimestamp(seen / 1000, UTC) for call, seen in found}


def call_fields(redis: Redis, call_id: str) -> dict[str, str]:
    """Return what is kept of a call; see live.keys.call."""
    found: Any = redis.hgetall(keys.call(call_id))
    return {name.decode(): value.decode() for name, value in found.items()}


def silent_calls(redis: Redis, since: datetime, most: int) -> list[str]:
    """Return calls that are up and have not been heard of since a moment, the longest silent first."""
    found: Any = redis.zrangebyscore(keys.CALLS, "-inf", since.timestamp() * 1000, start=0, num=most)
    return [call.decode() for call in found]


def still_up(redis: Redis, call_id: str, now: datetime) -> None:
    """Remember that a call was confirmed to be up."""
    redis.zadd(keys.CALLS, {call_id: now.timestamp() * 1000}, xx=True)
