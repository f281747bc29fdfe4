"""Why a Redis that answers takes nothing, in words, and what there is to do about it.

A PING says nothing of that: a server that is full, or has become a replica, answers it as ever. What is refused is
refused whole: a script is stopped at its first change, and after it never (tests/live/test_refused_scripts.py).
"""

from __future__ import annotations

import logging
import time
from functools import partial

from redis import Redis
from redis.exceptions import NoPermissionError, OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from config.trouble import Trouble
from live import keys

log = logging.getLogger("ringpath.live")

COMPLAINS_EVERY = 60.0
"""Seconds between two lines that say what is to be done; each webhook has a line of its own."""

WITHOUT = "calls are routed without it, groups in listed order"

_without = partial(Trouble, meanwhile=WITHOUT)

REFUSALS = {
    "OOM": _without(
        code="redis_full",
        text="full",
        remedy="raise its maxmemory or take a larger plan; its maxmemory-policy must be noeviction",
    ),
    "MISCONF": _without(
        code="redis_disk", text="unable to write to its disk", remedy="make room on its disk, and see its log"
    ),
    "READONLY": _without(code="redis_replica", text="a read-only replica", remedy="let REDIS_URL name the primary"),
    "NOREPLICAS": _without(
        code="redis_alone", text="without its replicas", remedy="bring them back, or lower its min-replicas-to-write"
    ),
    "NOPERM": _without(
        code="redis_shut", text="not open to our user", remedy="let the user of REDIS_URL run scripts and change keys"
    ),
}
"""By the word with which the server's refusal begins; redis-py takes it off some of them."""

_KINDS: dict[type[RedisError], str] = {
    OutOfMemoryError: "OOM",
    ReadOnlyError: "READONLY",
    NoPermissionError: "NOPERM",
}


def refusal(error: RedisError) -> Trouble | None:
    """Tell why a Redis took nothing; None when it is out of reach, or had an objection to what was asked alone."""
    kind = next((word for kind, word in _KINDS.items() if isinstance(error, kind)), None)
    # Redis 6 puts its own words around what a script ran into.
    word = kind or next((word for word in REFUSALS if f"{word} " in str(error)), None)
    return REFUSALS[word] if word else None


def try_a_change(redis: Redis) -> None:
    """See whether a Redis takes changes, without making one; raises RedisError."""
    redis.set(keys.PROBE, "", xx=True)


def takes_changes(redis: Redis) -> bool:
    """Tell whether a Redis that answers takes changes; raises RedisError when it does not answer."""
    try:
        try_a_change(redis)
    except ResponseError:
        return False
    return True


class Complaint:
    """Says in the log what is to be done: at once, and again every so often as long as it lasts."""

    def __init__(self) -> None:
        self._again_at = 0.0

    def make(self, sentence: str) -> None:
        """Say it, unless something was said just now."""
        now = time.monotonic()
        if now >= self._again_at:
            self._again_at = now + COMPLAINS_EVERY
            log.error("%s", sentence)
