"""What can be seen of the background jobs, with real jobs that a real worker runs."""

from __future__ import annotations

import logging
import time

import pytest
from redis import Redis
from rq import SimpleWorker

from live import jobs_seen
from live.queue import KNOWN, OURS, PERIODIC, QUEUES, QUICK, SLOW, enqueue_due, queue

SORRY = "the CRM is closed: <b>on Sundays</b>"


def fails(_what: str) -> None:
    """What a job does that fails."""
    print("tried")
    raise RuntimeError("first line\n" + SORRY)


def works(*_what: str) -> None:
    """What a job does that works."""


def work(redis: Redis, name: str = SLOW) -> None:
    """Let a worker empty a queue; it knows the jobs of this file, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("live.queue.KNOWN", KNOWN | {f"{__name__}.fails", f"{__name__}.works"})
        worker = SimpleWorker([queue(redis, name)], connection=redis, **OURS)
        worker.work(burst=True, logging_level=logging.CRITICAL)


def failure(redis: Redis, name: str = SLOW, function: str = "fails") -> str:
    """A job that has failed."""
    job = queue(redis, name).enqueue(f"{__name__}.{function}", "CA1", failure_ttl=3600)
    work(redis, name)
    return str(job.id)


def test_the_queues_are_counted(redis: Redis) -> None:
    queue(redis, QUICK).enqueue(f"{__name__}.works")
    failure(redis)
    seen = {each.name: each for each in jobs_seen.queues(redis)}
    assert tuple(seen) == QUEUES
    assert (seen[QUICK].waiting, seen[QUICK].failed) == (1, 0)
    assert (seen[SLOW].waiting, seen[SLOW].running, seen[SLOW].failed, seen[SLOW].workers) == (0, 0, 1, 0)


def test_a_failed_job_says_what_it_did_on_what_and_how_it_ended(redis: Redis) -> None:
    job_id = failure(redis)
    (job,) = jobs_seen.failed(redis)
    assert (job.id, job.queue, job.name, job.arguments) == (job_id, SLOW, f"{__name__}.fails", ("CA1",))
    assert job.error == SORRY
    assert job.ended is not None
    assert abs(job.ended.timestamp() - time.time()) < 60


def test_a_failed_job_is_tried_again(redis: Redis, capsys: pytest.CaptureFixture[str]) -> None:
    job_id = failure(redis)
    assert jobs_seen.retry(redis, job_id)
    assert jobs_seen.failed(redis) == []
    assert queue(redis, SLOW).job_ids == [job_id]
    work(redis)
    assert capsys.readouterr().out == "tried\n" * 2
    assert [job.id for job in jobs_seen.failed(redis)] == [job_id]


def test_a_failed_job_is_dismissed_for_good(redis: Redis) -> None:
    job_id = failure(redis, QUICK)
    assert jobs_seen.dismiss(redis, job_id)
    assert jobs_seen.failed(redis) == []
    assert not redis.exists(f"rq:job:{job_id}")


# Of two people who press the button one is late; and only what has failed can be touched.
def test_what_has_not_failed_is_left_alone(redis: Redis) -> None:
    job_id = failure(redis)
    assert jobs_seen.retry(redis, job_id)
    assert not jobs_seen.retry(redis, job_id)
    assert not jobs_seen.dismiss(redis, job_id)
    assert not jobs_seen.dismiss(redis, "no-such-job")
    assert queue(redis, SLOW).job_ids == [job_id]


def test_a_failed_job_that_was_forgotten_meanwhile_is_no_error(redis: Redis) -> None:
    job_id = failure(redis)
    redis.delete(f"rq:job:{job_id}")
    assert jobs_seen.failed(redis) == []
    assert not jobs_seen.retry(redis, job_id)


# A job of an older version of the app may not be readable any more; it can be dismissed all the same.
def test_a_job_that_cannot_be_read_can_be_dismissed(redis: Redis) -> None:
    job_id = failure(redis)
    redis.hset(f"rq:job:{job_id}", "data", b"what is this?")
    (job,) = jobs_seen.failed(redis)
    assert (job.id, job.name) == (job_id, "?")
    assert jobs_seen.dismiss(redis, job_id)


def test_the_latest_failures_are_told_of_and_all_are_counted(redis: Redis) -> None:
    for _ in range(jobs_seen.MOST + 2):
        queue(redis, SLOW).enqueue(f"{__name__}.fails", "CA1", failure_ttl=3600)
    work(redis)
    assert len(jobs_seen.failed(redis)) == jobs_seen.MOST
    assert jobs_seen.queues(redis)[QUEUES.index(SLOW)].failed == jobs_seen.MOST + 2


def test_each_periodic_job_tells_when_it_last_ran(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    seldom, often = f"{__name__}.works", f"{__name__}.fails"
    periodic = {seldom: PERIODIC["voice.jobs.remind"], often: PERIODIC["crm.jobs.file_calls"]}
    monkeypatch.setattr("live.queue.PERIODIC", periodic)
    monkeypatch.setattr("live.jobs_seen.PERIODIC", periodic)
    now = time.time()
    before = {run.name: run for run in jobs_seen.last_runs(redis, now)}
    assert (before[seldom].ended, before[often].late) == (None, True)
    enqueue_due(redis, now)
    work(redis)
    runs = {run.name: run for run in jobs_seen.last_runs(redis, now)}
    assert (runs[seldom].state, runs[seldom].late) == ("finished", False)
    assert (runs[often].state, runs[often].late) == ("failed", False)
    assert {run.name: run.late for run in jobs_seen.last_runs(redis, now + 60)} == {seldom: False, often: True}


def test_the_server_says_what_it_is(redis: Redis) -> None:
    server = jobs_seen.server(redis)
    assert server.name == "Valkey"
    assert server.version.count(".") == 2
    assert server.used > 100_000
