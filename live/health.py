"""How Redis and the worker are: for /readyz, the pages and `flask doctor`."""

from __future__ import annotations

import logging

from redis import Redis
from redis.exceptions import RedisError

from config.trouble import Trouble, Troubles
from live.queue import QUICK, SLOW, unattended
from live.refusals import WITHOUT, refusal, try_a_change

log = logging.getLogger("ringpath")

AWAY = Trouble(code="redis_away", text="out of reach", meanwhile=WITHOUT)

UNKNOWN = Trouble(code="unknown_without_redis", text="unknown while Redis is out of reach", level="unknown")
"""What Redis alone can tell."""

NO_WORKER = {
    QUICK: Trouble(
        code="no_worker",
        text="no worker is running",
        meanwhile="callers on hold wait for the music to end, and calls wait to be filed",
    ),
    SLOW: Trouble(
        code="no_slow_worker", text="the worker of the slow jobs is not running", meanwhile="calls wait to be filed"
    ),
}


def redis_troubles(redis: Redis) -> Troubles:
    """Say that Redis is out of reach, or takes nothing, and then what to do."""
    try:
        try_a_change(redis)
    except RedisError as error:
        why = refusal(error) or AWAY
        log.warning("Redis is %s (%s)", why.said, error)
        return (why,)
    return ()


def worker_troubles(redis: Redis) -> Troubles:
    """Say which queue nobody empties, the more important one alone."""
    try:
        missing = unattended(redis)
    except RedisError:
        return (UNKNOWN,)
    return tuple(trouble for name, trouble in NO_WORKER.items() if name in missing)[:1]
