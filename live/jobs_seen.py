"""What can be seen of the background jobs: queues, workers, failed jobs, and when each periodic job last ran.

For people, never for a webhook. Every function raises RedisError.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from redis import Redis
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.registry import FailedJobRegistry

from live.queue import PERIODIC, QUEUES, OurJob, alive, queue

MOST = 50
"""Failed jobs that are told of, the latest first; all are counted."""

LOOKS_BACK = 4
"""Periods for which the result of a periodic job is kept (live.queue)."""

MOST_TEXT = 300
"""Characters of an argument or an error that are told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueSeen:
    """A queue: jobs that wait, run and have failed, and the workers that are alive."""

    name: str
    waiting: int
    running: int
    failed: int
    workers: int


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedJob:
    """A job that failed: what it does, on what, when, and the last line of its error."""

    id: str
    queue: str
    name: str
    arguments: tuple[str, ...]
    ended: datetime | None
    error: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LastRun:
    """A periodic job: every how many seconds it runs, when it last ended, and how; `ended` None when it is not known.

    `late` when it has not ended for three periods, which are half a minute at least.
    """

    name: str
    every: int
    ended: datetime | None
    state: str
    late: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """The Redis that is used: what it calls itself, its version, bytes used and at most (None: no limit)."""

    name: str
    version: str
    used: int
    most: int | None


def queues(redis: Redis) -> list[QueueSeen]:
    """Look at every queue."""
    workers = alive(redis)
    return [_queue(redis, name, workers[name]) for name in QUEUES]


def failed(redis: Redis) -> list[FailedJob]:
    """Return the jobs that failed, the latest first."""
    ids = {job_id: name for name in QUEUES for job_id in _failures(redis, name).get_job_ids(0, MOST - 1, desc=True)}
    jobs = [job for job in OurJob.fetch_many(list(ids), connection=redis) if job is not None]
    jobs.sort(key=lambda job: job.ended_at or job.created_at, reverse=True)
    return [_failed(job, ids[job.id]) for job in jobs[:MOST]]


def retry(redis: Redis, job_id: str) -> bool:
    """Put a failed job back on its queue; False when it is not among the failed ones any more."""
    return _with_failed(redis, job_id, lambda registry: registry.requeue(job_id))


def dismiss(redis: Redis, job_id: str) -> bool:
    """Forget a failed job; False when it is not among the failed ones any more."""
    return _with_failed(redis, job_id, lambda registry: registry.remove(job_id, delete_job=True))


def last_runs(redis: Redis, now: float | None = None) -> list[LastRun]:
    """Tell when each periodic job last ended; `now` in Unix seconds, by the clockwork's own clock."""
    moment = time.time() if now is None else now
    ids = {
        f"{name.rpartition('.')[2]}-{int(moment // every.seconds) - back}": name
        for name, every in PERIODIC.items()
        for back in range(LOOKS_BACK)
    }
    runs: dict[str, OurJob] = {}
    for job in OurJob.fetch_many(list(ids), connection=redis):
        if job is not None and job.ended_at is not None:
            known = runs.setdefault(ids[job.id], job)
            if known.ended_at < job.ended_at:
                runs[ids[job.id]] = job
    return [_last_run(name, runs.get(name), moment) for name in PERIODIC]


def server(redis: Redis) -> Server:
    """Ask Redis about itself."""
    about = redis.info()
    name = "Valkey" if about.get("server_name") == "valkey" else "Redis"
    version = str(about.get("valkey_version" if name == "Valkey" else "redis_version", ""))
    return Server(
        name=name, version=version, used=int(about.get("used_memory", 0)), most=int(about.get("maxmemory", 0)) or None
    )


def _queue(redis: Redis, name: str, workers: int) -> QueueSeen:
    jobs = queue(redis, name)
    return QueueSeen(
        name=name,
        waiting=jobs.count,
        running=jobs.started_job_registry.get_job_count(cleanup=False),
        failed=_failures(redis, name).get_job_count(cleanup=False),
        workers=workers,
    )


def _failures(redis: Redis, name: str) -> FailedJobRegistry:
    return queue(redis, name).failed_job_registry


def _with_failed(redis: Redis, job_id: str, act: Callable[[FailedJobRegistry], object]) -> bool:
    """Do something with the registry that has a job, once: of two people who press the button, one is late."""
    for name in QUEUES:
        registry = _failures(redis, name)
        if redis.zscore(registry.key, job_id) is None:
            continue
        try:
            act(registry)
        except (NoSuchJobError, InvalidJobOperation):
            return False
        return True
    return False


def _failed(job: OurJob, name: str) -> FailedJob:
    known = job.readable  # what is none of ours can be dismissed all the same
    return FailedJob(
        id=job.id,
        queue=name,
        name=str(job.func_name) if known else "?",
        arguments=tuple(str(each)[:MOST_TEXT] for each in job.args) if known else (),
        ended=_utc(job.ended_at),
        error=_error(job),
    )


def _error(job: OurJob) -> str:
    try:
        result = job.latest_result()
    except Exception:  # whatever it is that Redis has there
        return ""
    said = (result.exc_string or "").strip().splitlines() if result else []
    return said[-1][:MOST_TEXT] if said else ""


def _last_run(name: str, job: OurJob | None, now: float) -> LastRun:
    every = PERIODIC[name].seconds
    if job is None:
        return LastRun(name=name, every=every, ended=None, state="", late=every < 86_400)
    ended = _utc(job.ended_at)
    late = ended is None or now - ended.timestamp() > max(3 * every, 30)
    return LastRun(name=name, every=every, ended=ended, state=job.get_status(refresh=False).value, late=late)


def _utc(moment: datetime | None) -> datetime | None:
    """What rq stores is UTC, whether it says so or not."""
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
