"""How Redis and the worker are, in words: for /readyz, the operator's page and `flask doctor`."""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError

from live.queue import QUICK, SLOW, unattended
from live.refusals import refusal, try_a_change

log = logging.getLogger("ringpath")

NO_WORKER = {
    QUICK: "no worker is running; callers on hold wait for the music to end, and calls wait to be filed",
    SLOW: "the worker of the slow jobs is not running; calls wait to be filed",
}


WITHOUT = "calls are routed without it, groups in listed order"


def redis_problem(redis: Redis) -> str | None:
    """Say that Redis is out of reach, or takes nothing, and then what to do; None when it is well."""
    try:
        try_a_change(redis)
    except RedisError as error:
        why = refusal(error)
        log.warning("Redis is %s (%s)", why.said if why else "out of reach", error)
        return f"{why.said}; {WITHOUT}: {why.remedy}" if why else f"out of reach; {WITHOUT}"
    return None


def worker_problem(redis: Redis) -> str | None:
    """Say which queue nobody empties; None when each has a worker."""
    try:
        missing = unattended(redis)
    except RedisError:
        return "unknown while Redis is out of reach"
    return next((problem for name, problem in NO_WORKER.items() if name in missing), None)
