"""What can be read of the live state: traces, calls, queues, presence. For people and tests, never for a webhook."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from redis import Redis

from flows.live import Note
from live import keys
from live.keys import REAL, Space
from live.scripts import FOLDER


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """What is kept of one call: its fields (live.keys.call) and its trace, in order."""

    fields: Mapping[str, str]
    trace: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """What an employee does: "free", "away", "ringing" or "talking", on which call and until when at most."""

    state: str
    call: str = ""
    until: datetime | None = None


_STATES = {"R": "ringing", "T": "talking"}


def trace(redis: Redis, call_id: str, space: Space = REAL) -> list[Note]:
    """Return the decisions taken for a call, in order; `t` is in milliseconds since the epoch."""
    found: Any = redis.lrange(keys.trace(call_id, space.begins), 0, -1)
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


def queue_of(redis: Redis, fields: Mapping[str, str]) -> str:
    """Return the group for which a call waits, by the key that it has now; "" when it waits for none."""
    group = fields.get("queue", "")
    renamed: Any = redis.hget(keys.RENAMED, f"groups:{group}")
    return renamed.decode() if renamed else group


def active(redis: Redis) -> dict[str, datetime]:
    """Return the calls that are up, and when each was last heard of."""
    found: Any = redis.zrange(keys.CALLS, 0, -1, withscores=True)
    return {call.decode(): datetime.fromtimestamp(seen / 1000, UTC) for call, seen in found}


def call_fields(redis: Redis, call_id: str, space: Space = REAL) -> dict[str, str]:
    """Return what is kept of a call; see live.keys.call."""
    found: Any = redis.hgetall(keys.call(call_id, space.begins))
    return {name.decode(): value.decode() for name, value in found.items()}


def known_balance(redis: Redis) -> Decimal | None:
    """Return the provider balance that was confirmed last, None when that is too long ago; raises RedisError."""
    found = redis.get(keys.BALANCE)
    try:
        return Decimal(found.decode()) if isinstance(found, bytes) else None
    except InvalidOperation:
        return None


def kept_of(answer: dict[str, Any]) -> Kept:
    """Read what finish gives; an empty table of Lua is an object in JSON."""
    flat = answer["fields"] or []
    return Kept(
        fields=dict(zip(flat[::2], flat[1::2], strict=True)), trace=tuple(json.loads(t) for t in answer["trace"] or [])
    )


def kept(redis: Redis, call_id: str, space: Space = REAL) -> Kept:
    """Return what is kept of a call."""
    return Kept(fields=call_fields(redis, call_id, space), trace=tuple(trace(redis, call_id, space)))


def forget(redis: Redis, space: Space, call_id: str, groups: Iterable[str]) -> None:
    """Remove what a rehearsal has left."""
    redis.delete(*space.all_own(call_id, groups))


def ended(redis: Redis, now: datetime, most: int) -> dict[str, str]:
    """Return the calls whose record is to be settled by now, and the score under which each stands in the list."""
    found: Any = redis.zrangebyscore(
        keys.ENDED, "-inf", now.timestamp() * 1000, start=0, num=most, withscores=True, score_cast_func=bytes.decode
    )
    return {call.decode(): score for call, score in found}


def settled(redis: Redis, call_id: str, score: str) -> None:
    """Take a call off that list, unless something was told of it meanwhile."""
    names = (keys.ENDED, keys.call(call_id), keys.trace(call_id))
    lives = (keys.LIVES["call"], keys.LIVES["trace"])
    redis.eval((FOLDER / "settled.lua").read_text("utf-8"), len(names), *names, call_id, score, *lives)


def settle_later(redis: Redis, call_id: str, when: datetime) -> None:
    """Put a call off on that list."""
    redis.zadd(keys.ENDED, {call_id: when.timestamp() * 1000}, xx=True, gt=True)


def keep_blocks(redis: Redis, blocked: Mapping[str, int]) -> None:
    """Put the block list where the scripts look: number → until when (ms), 0 for good."""
    with redis.pipeline(transaction=True) as change:
        change.delete(keys.BLOCKED)
        if blocked:
            change.hset(keys.BLOCKED, mapping={number: str(until) for number, until in blocked.items()})
            change.expire(keys.BLOCKED, keys.LIVES["blocked"])
        change.execute()


def silent_calls(redis: Redis, since: datetime, most: int) -> list[str]:
    """Return calls that are up and have not been heard of since a moment, the longest silent first."""
    found: Any = redis.zrangebyscore(keys.CALLS, "-inf", since.timestamp() * 1000, start=0, num=most)
    return [call.decode() for call in found]


def still_up(redis: Redis, call_id: str, now: datetime) -> None:
    """Remember that a call was confirmed to be up."""
    redis.zadd(keys.CALLS, {call_id: now.timestamp() * 1000}, xx=True)


def up(redis: Redis, call_ids: Sequence[str]) -> list[str]:
    """Return those of some calls that are up."""
    scores: Any = redis.zmscore(keys.CALLS, list(call_ids)) if call_ids else []
    return [call for call, score in zip(call_ids, scores, strict=True) if score is not None]


def in_hand(redis: Redis, call_ids: Sequence[str]) -> set[str]:
    """Return those of some calls that are up, or over with their record still to be settled."""
    if not call_ids:
        return set()
    with redis.pipeline(transaction=True) as question:  # so that none is missed on its way from one list to the other
        question.zmscore(keys.CALLS, list(call_ids))
        question.zmscore(keys.ENDED, list(call_ids))
        up, over = question.execute()
    return {call for call, *scores in zip(call_ids, up, over, strict=True) if scores != [None, None]}
