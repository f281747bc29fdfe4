"""Somebody who can write to Redis writes jobs: nothing of them is executed but what our own jobs do."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from rq import Callback, Queue, SimpleWorker
from rq.intermediate_queue import IntermediateQueue
from rq.webhook import Webhook

from live import jobs_seen, keys
from live.queue import KNOWN, OURS, PERIODIC, QUEUES, QUICK, SLOW, OurJob, enqueue_due, queue
from live.worker import Attentive
from local.house import PUBLIC_URL
from tests.live import test_background_jobs as background
from tests.live.asking import Switch, waits
from tests.moments import ROOT

OURS_TO_FAIL = "voice.jobs.wake"
"""A job of ours that fails when it is called with no call."""


class Bomb:
    """What makes a file as soon as somebody unpickles it."""

    def __init__(self, file: Path) -> None:
        self._file = str(file)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str, str]]:
        return open, (self._file, "w")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The file that a forged job would make."""
    return tmp_path / "made by a job"


def work(redis: Redis, name: str = QUICK) -> None:
    """Let a worker empty a queue, in this process."""
    SimpleWorker([queue(redis, name)], connection=redis, **OURS).work(burst=True, logging_level=logging.CRITICAL)


def forged(redis: Redis, data: object, **fields: str) -> str:
    """A job that somebody has written into Redis by hand."""
    job_id = str(queue(redis).enqueue(OURS_TO_FAIL, failure_ttl=3600).id)
    redis.hset(f"rq:job:{job_id}", mapping={"data": zlib.compress(json.dumps(data).encode()), **fields})
    return job_id


@pytest.mark.parametrize(
    "name", ["os.mkdir", "os.system", "builtins.exec", "live.queue.queue", "voice.jobs.provider_api", "jobs.wake"]
)
def test_only_jobs_of_ours_are_called(redis: Redis, made: Path, name: str) -> None:
    job_id = forged(redis, [name, None, [str(made)], {}])
    work(redis)
    assert not made.exists()
    (job,) = jobs_seen.failed(redis)
    assert (job.id, job.name) == (job_id, name), "and the operator sees who tried"
    assert job.error == f"live.queue.UnknownJobError: {name} is none of our jobs"


def test_no_method_of_a_value_is_called(redis: Redis) -> None:
    forged(redis, [OURS_TO_FAIL, "a text", [], {}])
    forged(redis, ["format", "a {}", ["text"], {}])
    work(redis)
    assert {job.error.partition(":")[0] for job in jobs_seen.failed(redis)} == {"live.queue.UnknownJobError"}


# rq calls what a job names when it has succeeded, failed or been stopped, and tells addresses of it.
def test_nothing_else_is_called_when_a_job_has_ended(redis: Redis, made: Path) -> None:
    calls = Callback("os.mkdir")
    job = Queue(QUICK, connection=redis, serializer="json").enqueue(
        OURS_TO_FAIL,
        on_success=calls,
        on_failure=calls,
        on_stopped=calls,
        webhooks=[Webhook("http://127.0.0.1:1/", "failed")],
        meta={"a": "value"},
        depends_on=["another"],
    )
    found = OurJob.fetch(job.id, connection=redis)
    assert (found.success_callback, found.failure_callback, found.stopped_callback) == (None, None, None)
    assert (found.webhooks, found.meta, found._dependency_ids) == ([], {}, [])


# The same for what rq keeps: what a job returned, and what was noted about it.
@pytest.mark.parametrize("field", ["data", "result", "meta"])
def test_nobody_who_looks_at_jobs_unpickles_anything(redis: Redis, made: Path, field: str) -> None:
    job_id = forged(redis, [OURS_TO_FAIL, None, [], {}])
    work(redis)
    bomb = pickle.dumps(Bomb(made))
    pickle.loads(bomb).close()
    made.unlink()
    redis.hset(f"rq:job:{job_id}", field, bomb)
    redis.xadd(f"rq:results:{job_id}", {"type": 2, "return_value": base64.b64encode(bomb).decode()})
    assert [job.id for job in jobs_seen.failed(redis)] == [job_id]
    assert jobs_seen.retry(redis, job_id)
    work(redis)
    assert jobs_seen.dismiss(redis, job_id)
    assert not made.exists()


# A document that is fetched elsewhere could dial any number at the company's expense.
@pytest.mark.parametrize("address", ["https://evil.example.org/voice/", f"{PUBLIC_URL}.evil.example.org/voice/", ""])
def test_no_caller_on_hold_is_led_to_another_s_address(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    background.environ(monkeypatch, redis_url, "http://127.0.0.1:1")
    Switch(redis).asks("CA1", waits("support"))
    redis.hset(keys.call("CA1"), "resume", address)
    queue(redis).enqueue("voice.jobs.wake", "CA1")
    assert background.work(redis) == 1
    (job,) = jobs_seen.failed(redis)
    assert job.error == "ValueError: a caller on hold is to be led to an address that is none of ours"


# On an upgrade jobs of the version before, which were pickled, may still stand in the queues.
def test_jobs_that_cannot_be_read_are_dropped_and_said_to_be(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    pickled = [Queue(SLOW, connection=redis).enqueue(job).id for job in PERIODIC]
    shapeless = [forged(redis, data) for data in ([], {}, "text", [None, None, [], {}], [OURS_TO_FAIL, None, 7, {}])]
    for name in QUEUES:
        Attentive([queue(redis, name)], connection=redis, **OURS).work(burst=True, logging_level=logging.CRITICAL)
        assert redis.llen(queue(redis, name).key) == 0
        assert IntermediateQueue(queue(redis, name).key, redis).get_job_ids() == []
    assert {f"job {each} on {SLOW} is dropped: it is none that this version can read" for each in pickled} <= {
        record.getMessage() for record in caplog.records
    }
    assert sum(" is dropped: " in record.getMessage() for record in caplog.records) == len(pickled + shapeless)
    assert (jobs_seen.failed(redis), redis.keys("rq:job:*")) == ([], [])


# "Only our own functions may be called by name", and they are all there, with arguments that JSON knows.
def test_the_clockwork_s_jobs_are_known_and_plain(redis: Redis) -> None:
    enqueue_due(redis, 1_795_512_600.0)
    jobs = OurJob.fetch_many(queue(redis, SLOW).job_ids, connection=redis)
    assert {job.func_name for job in jobs if job} == set(PERIODIC)
    assert all(callable(job.func) and json.loads(job.data) for job in jobs if job)
    assert KNOWN - set(PERIODIC) == {"voice.jobs.wake"}


def test_every_queue_is_made_in_one_place() -> None:
    makes = re.compile(r"^import (rq|pickle)\b|^from rq import .*\bQueue\b.*^.*\bQueue\(|\bpickle\.", re.M | re.S)
    folders = ("live", "voice", "crm", "calls", "web", "commands", "flows", "config", "local")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in files if makes.search(path.read_text("utf-8"))] == ["live/queue.py"]
