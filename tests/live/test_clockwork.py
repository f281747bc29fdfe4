"""The clockwork: each periodic job runs once when it is due, and each queue is known to have a worker or none."""

from __future__ import annotations

import pytest
from redis import Redis
from rq import SimpleWorker

from live.queue import PERIODIC, QUEUES, QUICK, SLOW, OurJob, enqueue_due, queue, unattended

CONFIRMS = "voice.jobs.confirm_calls"
ONE_JOB = {CONFIRMS: PERIODIC[CONFIRMS]}


# A periodic job runs once for two clockworks.
def test_a_periodic_job_runs_once_for_two_clockworks(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = ONE_JOB[CONFIRMS].seconds
    monkeypatch.setattr("live.queue.PERIODIC", ONE_JOB)
    period, slow = 59_849_803, queue(redis, SLOW)
    with Redis.from_url(redis_url) as other:
        for second in range(seconds - 1):
            enqueue_due(redis, period * seconds + second)
            enqueue_due(other, period * seconds + second)
        assert slow.job_ids == [f"confirm_calls-{period}"]
        done = slow.fetch_job(slow.job_ids[0])
        assert done is not None
        slow.remove(done)
        enqueue_due(other, period * seconds + seconds - 1)  # it has run, and is not due again
        assert slow.count == 0
        enqueue_due(redis, (period + 1) * seconds)
        enqueue_due(other, (period + 1) * seconds)
        assert slow.job_ids == [f"confirm_calls-{period + 1}"]


def test_a_periodic_job_that_nobody_takes_is_dropped(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.queue.PERIODIC", ONE_JOB)
    enqueue_due(redis, 1_795_512_600.0)
    [job_id] = queue(redis, SLOW).job_ids
    assert OurJob.fetch(job_id, connection=redis).ttl == PERIODIC[CONFIRMS].seconds


def test_each_queue_is_known_to_have_a_worker_or_none(redis: Redis) -> None:
    assert unattended(redis) == list(QUEUES)
    worker = SimpleWorker([queue(redis)], connection=redis)
    worker.register_birth()
    assert unattended(redis) == [name for name in QUEUES if name != QUICK]
    worker.register_death()
    assert unattended(redis) == list(QUEUES)


# "one queue per worker, because a worker on several can lose a job" (runtime.md): what a caller may wait for never
# stands behind a CRM that is slow.
def test_no_job_that_asks_a_crm_stands_in_the_way_of_callers() -> None:
    assert QUICK not in {every.queue for every in PERIODIC.values()}
