"""The jobs that ask the provider: what the account has left, whose calls we never heard of, what is to be renewed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import func, select

from calls.tables import callbacks, calls
from config.environment import of_process
from live import keys, readings
from live.state import RedisLive
from tests.databases import tables_are_away
from tests.voice.provider import HURRIED
from tests.voice.working import CUSTOMER, MAIN, Worker
from voice import jobs
from voice.ending import reconciling
from voice.provider import rest as client

MOBILE = "+34600111222"  # Ana's, in the sample


# Calls of the last day that we have never heard of are found and put on file, with what the provider tells.
def test_an_unheard_call_is_put_on_file(worker: Worker) -> None:
    sid = worker.incoming(status="no-answer", seconds=None)
    worker.incoming(to="+34910999999")
    assert worker.does("reconcile") == 1
    [row] = worker.rows()
    assert (row.id, row.number, row.caller) == (sid, MAIN, CUSTOMER)
    assert row.started_at == row.ended_at
    assert row.settled_at is not None
    assert (row.answered_at, row.talk_seconds) == (None, 0)


# What the legs tell: the safe document dialled somebody while we were out of reach, say.
def test_an_unheard_call_that_was_taken_is_told_so(worker: Worker) -> None:
    sid = worker.incoming(ago=3600, seconds=60)
    worker.add(ago=3590, from_=CUSTOMER, to=MOBILE, seconds=45, direction="outbound-dial", parent=sid)
    worker.does("reconcile")
    [row] = worker.rows()
    assert (row.outcome, row.forwarded_to, row.talk_seconds) == ("forwarded", MOBILE, 45)


# Its end was told while nothing could be kept; what was decided was held, and Redis took it when it was back.
def test_an_unheard_call_has_the_trace_that_redis_was_given(worker: Worker, redis: Redis) -> None:
    sid = worker.incoming(status="no-answer", seconds=None)
    live = RedisLive(redis, address=lambda *_: "", queues=lambda _: (), wake=lambda _: None)
    when = datetime.now(UTC) - timedelta(minutes=30)
    notes = [{"code": code, "t": int(when.timestamp() * 1000)} for code in ("arrived", "blocked")]
    assert live.take([(sid, "in", when, notes)])
    worker.does("reconcile")
    assert worker.rows() == [], "settling it comes first"
    worker.does("voice.ending.settling.settle_records")
    worker.does("reconcile")
    [row] = worker.rows()
    assert (row.outcome, [note["code"] for note in row.trace]) == ("blocked", ["arrived", "blocked"])


def test_what_is_on_file_is_not_written_again(worker: Worker) -> None:
    worker.incoming()
    worker.does("reconcile")
    before = worker.rows()
    worker.does("reconcile")
    assert worker.rows() == before


def test_a_call_back_is_noted_once(worker: Worker) -> None:
    worker.add(ago=600, from_=MAIN, to=CUSTOMER, seconds=30, direction="outbound-api")
    worker.does("reconcile")
    worker.does("reconcile")
    with worker.engine.connect() as connection:
        [row] = connection.execute(select(callbacks))
    assert (row.caller, row.how) == (CUSTOMER, f"called from {MAIN}")


# Bounded: what is left over is done by a job of its own, right after.
def test_a_long_list_is_done_in_several_jobs(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "MOST_CLOSED", 4)
    monkeypatch.setattr(client, "CALLS_ON_A_PAGE", 3)
    for ago in range(10):
        worker.incoming(ago=600 + ago)
    assert worker.does("reconcile") == 3
    assert len(worker.rows()) == 10


def test_no_list_keeps_a_worker_for_ever(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "MOST_CLOSED", 1)
    for ago in range(10):
        worker.incoming(ago=600 + ago)
    assert worker.does("reconcile", "", 4) == 4
    assert len(worker.rows()) == 4


@pytest.mark.parametrize("kind", ["500", "before", "page", "halfway"])
def test_a_provider_that_fails_is_asked_again_next_time(
    worker: Worker, caplog: pytest.LogCaptureFixture, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.incoming()
    worker.side.rest.break_down(kind)
    with monkeypatch.context() as patched:
        patched.setattr(client.ProviderApi.__init__, "__kwdefaults__", {"timeouts": HURRIED})
        worker.does("reconcile")
    assert worker.rows() == []
    assert "could not be compared" in caplog.text
    worker.does("reconcile")
    assert len(worker.rows()) == 1


def test_a_database_that_is_gone_is_written_to_next_time(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    worker.incoming()
    with tables_are_away(worker.engine, "calls"):
        worker.does("reconcile")
    assert "could not be compared" in caplog.text
    worker.does("reconcile")
    assert len(worker.rows()) == 1


# A slow provider: what is left when the time is over is done by a job of its own too, until all is done.
def test_a_run_whose_time_is_over_leaves_the_rest_to_the_next(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "WORKS_FOR", 0.0)
    for ago in range(2):
        worker.incoming(ago=600 + ago)
        worker.add(ago=700 + ago, from_=MAIN, to=f"{CUSTOMER}{ago}", seconds=30, direction="outbound-api")
    assert worker.does("reconcile") == 4
    assert len(worker.rows()) == 2
    with worker.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(callbacks)) == 2


# It has the trace, and the job that settles it will write what the provider does not know.
@pytest.mark.parametrize("key", [keys.CALLS, keys.ENDED])
def test_what_redis_has_in_hand_is_not_written_without_its_trace(worker: Worker, redis: Redis, key: str) -> None:
    redis.zadd(key, {worker.incoming(ago=900): 1})
    other = worker.incoming(ago=600)
    worker.does("reconcile")
    assert [row.id for row in worker.rows()] == [other]


def test_nothing_is_written_while_redis_cannot_be_asked(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(*_: object) -> None:
        raise RedisConnectionError("gone")

    worker.incoming()
    monkeypatch.setattr(readings, "in_hand", gone)
    worker.does("reconcile")
    assert worker.rows() == []
    assert "could not be compared" in caplog.text


def test_by_hand_a_list_that_has_no_end_is_told_of(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "MOST_CLOSED", 1)
    monkeypatch.setattr(jobs, "MOST_RUNS", 2)
    for ago in range(3):
        worker.incoming(ago=600 + ago)
    assert jobs.reconcile_now().endswith("There are more: do it again.")
    assert jobs.reconcile_now().endswith("reached a customer: 0.")
    assert len(worker.rows()) == 3


# `flask calls reconcile` does it by hand (issue 3, part 1), outside any job.
def test_by_hand(worker: Worker, redis: Redis) -> None:
    worker.incoming()
    worker.add(ago=600, from_=MAIN, to=CUSTOMER, seconds=30, direction="outbound-api")
    redis.zadd(keys.CALLS, {worker.incoming(ago=300): 1, "CA nowhere": 2})
    assert jobs.reconcile_now() == (
        "Calls of which only the provider knew: 1; calls whose end was never told: 2; "
        "calls of ours that reached a customer: 1."
    )
    assert len(worker.rows()) == 1  # the other is left to the job that settles it
    assert redis.zcard(keys.CALLS) == 0


def test_by_hand_without_redis(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    of_process.cache_clear()
    worker.incoming()
    assert jobs.reconcile_now().startswith("Calls of which only the provider knew: 1; ")
    assert "without Redis" in caplog.text


def test_by_hand_a_provider_that_fails_is_an_error(worker: Worker) -> None:
    worker.side.rest.break_down("500")
    with pytest.raises(client.ProviderError):
        jobs.reconcile_now()


def test_without_a_rest_api_nothing_is_asked(worker: Worker, environment: Callable[..., None]) -> None:
    environment("")
    for job in ("fetch_balance", "reconcile", "confirm_calls"):
        worker.does(job)
    with pytest.raises(client.ProviderError, match="no provider to be asked"):
        jobs.reconcile_now()
    assert worker.side.rest.requests == []
    with worker.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(calls)) == 0
