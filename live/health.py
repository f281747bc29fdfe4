"""How Redis and the worker are, in words: for /readyz, the operator's page and `flask doctor`."""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError

from live.queue import QUICK, SLOW, unattended

log = logging.getLogger("ringpath")

NO_WORKER = {
    QUICK: "no worker is running; callers on hold wait for the music to end, and calls wait to be filed",
    SLOW: "the worker of the slow jobs is not running; calls wait to be filed",
}


def redis_problem(redis: Redis) -> str | None:
    """Say that Redis is out of reach; None when it answers."""
    try:
        redis.ping()
    except RedisError as error:
        log.warning("Redis is out of reach (%s)", error)
        return "out of reach; calls are routed without it, groups in listed order"
    return None


def worker_problem(redis: Redis) -> str | None:
    """Say which queue nobody empties; None when each has a worker."""
    try:
        missing = unattended(redis)
    except RedisError:
        return "unknown while Redis is out of reach"
    return next((problem for name, problem in NO_WORKER.items() if name in missing), None)
