"""The queues of background jobs, and the clockwork that fills them at regular times."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import FrameType
from typing import Any, NamedTuple

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DeserializationError, DuplicateJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_registration import WORKERS_BY_QUEUE_KEY

QUICK, SLOW = "ringpath", "ringpath-slow"
"""Jobs for which somebody on the telephone may wait; and those that ask other systems, which takes as long as it takes.
Each has a worker process of its own, because a worker on several queues can lose a job."""

QUEUES = (QUICK, SLOW)


class Every(NamedTuple):
    """Every how many seconds a job runs, and on which queue."""

    seconds: int
    queue: str


PERIODIC = {
    "voice.ending.settling.mirror_blocks": Every(60, SLOW),
    "voice.ending.settling.settle_records": Every(5, SLOW),
    "crm.jobs.file_calls": Every(5, SLOW),
    "voice.recordings.jobs.fetch_recordings": Every(10, SLOW),
    "crm.jobs.attach_recordings": Every(10, SLOW),
    "voice.jobs.confirm_calls": Every(30, SLOW),
    "voice.jobs.fetch_balance": Every(60, SLOW),
    "voice.jobs.fetch_numbers": Every(3600, SLOW),
    "voice.jobs.reconcile": Every(600, SLOW),
    "voice.recordings.jobs.remove_recordings": Every(60, SLOW),
    "voice.jobs.remind": Every(86_400, SLOW),
    "voice.ending.settling.forget": Every(86_400, SLOW),
}
"""What runs at regular times."""

OF_A_CALL = frozenset({"voice.jobs.wake"})
"""Jobs about one call, whose id is their first argument."""

BEFORE_A_JOB = "calls.settings.before_a_job"
"""What the worker of the slow jobs does before it forks a process for one: the settings are then at hand there. The
quick jobs do not wait for SQL, and whichever wants the settings looks for itself."""


KNOWN = frozenset(PERIODIC) | OF_A_CALL
"""All that a job may call."""

READ = frozenset(
    b"created_at data description ended_at enqueued_at exc_info failure_ttl last_heartbeat origin result_ttl "
    b"started_at status timeout ttl worker_name".split()
)
"""What is read of a job in Redis: not what else rq would obey, such as names of callbacks, or addresses to be told."""


class UnknownJobError(Exception):
    """A job calls something that is none of ours: it was forged, or made by another version of the app."""


class OurJob(Job):  # type: ignore[misc]
    """A job as we make it: the name of one of our functions, and plain values, as JSON.

    rq by itself reads jobs as Python objects, and calls what they name: whoever could write to Redis could have any
    code run, by the web processes that look at jobs, too.
    """

    def __init__(self, id: str | None = None, connection: Redis | None = None, serializer: object = None) -> None:  # noqa: A002, ARG002 - rq's signature
        super().__init__(id, connection, JSONSerializer)

    def restore(self, raw_data: dict[bytes, bytes]) -> None:
        """Take what Redis has of it."""
        super().restore({field: value for field, value in raw_data.items() if field in READ})

    @property
    def func(self) -> Any:
        """The function that it calls; raises UnknownJobError."""
        if self.instance is not None or self.func_name not in KNOWN:
            raise UnknownJobError(f"{self.func_name} is none of our jobs")
        return super().func

    @property
    def readable(self) -> bool:
        """Whether it can be read at all: older versions of the app pickled their jobs."""
        try:
            return isinstance(self.func_name, str) and isinstance(self.args, list) and isinstance(self.kwargs, dict)
        except DeserializationError:
            return False


OURS: dict[str, Any] = {"job_class": OurJob, "serializer": JSONSerializer}
"""How queues and workers make and read their jobs."""


def queue(redis: Redis, name: str = QUICK) -> Queue:
    """One of the queues that the web and the clockwork fill, and the workers empty."""
    return Queue(name, connection=redis, **OURS)


def enqueue_due(redis: Redis, now: float) -> None:
    """Enqueue what is due at a time (Unix seconds).

    A job carries the number of its period in its id, so that of two clockworks, or a restarted one, the first wins.
    """
    for job, (seconds, name) in PERIODIC.items():
        period = int(now // seconds)
        try:
            queue(redis, name).enqueue(
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


def alive(redis: Redis) -> dict[str, int]:
    """Count the workers of each queue that are alive.

    Not Worker.count: one that was killed stays on rq's list until another tidies up, which none does after the last.
    """
    with redis.pipeline(transaction=False) as question:
        for name in QUEUES:
            question.smembers(WORKERS_BY_QUEUE_KEY % name)
        listed = question.execute()
        for key in (key for keys in listed for key in keys):
            question.exists(key)
        there = iter(question.execute())
    return {name: sum(next(there) for _ in keys) for name, keys in zip(QUEUES, listed, strict=True)}


def unattended(redis: Redis) -> list[str]:
    """Name the queues on which no worker is alive."""
    return [name for name, workers in alive(redis).items() if not workers]
