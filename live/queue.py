"""The queue of background jobs, and the clockwork that fills it at regular times."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import DuplicateJobError

NAME = "ringpath"

PERIODIC = {
    "voice.settling.settle_records": 5,
    "crm.jobs.file_calls": 5,
    "voice.jobs.confirm_calls": 30,
    "voice.settling.mirror_blocks": 60,
    "voice.jobs.fetch_balance": 60,
    "voice.jobs.reconcile": 600,
    "voice.jobs.remind": 86_400,
}
"""What runs at regular times, and every how many seconds."""


def queue(redis: Redis) -> Queue:
    """The one queue that the web fills and the workers empty."""
    return Queue(NAME, connection=redis)


def enqueue_due(redis: Redis, now: float) -> None:
    """Enqueue what is due at a time (Unix seconds).

    A job carries the number of its period in its id, so that of two clockworks, or a restarted one, the first wins.
    """
    for job, seconds in PERIODIC.items():
        period = int(now // seconds)
        try:
            queue(redis).enqueue(
                job,
                job_id=f"{job.rpartition('.')[2]}-{period}",
                unique=True,
                result_ttl=4 * seconds,
                failure_ttl=3600,
                ttl=seconds,
            )
        except DuplicateJobError:
            continue


def clockwork(redis: Redis, parent: int) -> None:
    """Keep the periodic jobs coming until told to stop, or until the worker that started us (a pid) is gone."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    while not stop.wait(1.0) and os.getppid() == parent:
        try:
            enqueue_due(redis, time.time())
        except RedisError:
            stop.wait(5.0)  # the worker logs that Redis is gone; here it only has to come back


def workers(redis: Redis) -> int:
    """Count the workers that are alive on our queue."""
    return len(Worker.all(queue=queue(redis)))
