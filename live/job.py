"""What a background job finds around it."""

from __future__ import annotations

from redis import Redis
from rq import get_current_job


def connection() -> Redis:
    """Return the Redis of the job that runs; raises RuntimeError outside one."""
    job = get_current_job()
    if job is None:
        raise RuntimeError("this runs as an rq job only")
    found: Redis = job.connection
    return found
