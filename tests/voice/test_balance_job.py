"""The jobs that watch over the forwards: what the account has left, and what is to be renewed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis

from calls.settings import of_process
from config.trouble import english
from live import keys
from tests.moments import SAMPLE
from tests.voice.working import Worker
from voice import jobs, readiness


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was warned of."""
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# The provider's balance is checked by a job and kept in Redis (DESIGN section 3).
def test_the_balance_is_kept_for_the_forwards(worker: Worker, redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    worker.side.rest.balance = "12.3450"
    worker.does("fetch_balance")
    assert redis.get(keys.BALANCE) == b"12.3450"
    assert 3590 < int(redis.ttl(keys.BALANCE)) <= jobs.BALANCE_LIVES
    assert warnings(caplog) == []


# … warnings in the log (issue 3, part 7), once and not every minute; again when it was well in between.
def test_a_low_balance_is_warned_of_once(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    for balance in ("100", "1.99", "1.50", "-3", "2.00", "1.99"):
        worker.side.rest.balance = balance
        worker.does("fetch_balance")
    told = warnings(caplog)
    assert [said.partition(":")[0] for said in told] == [
        "the provider balance is 1.99, below forwarding.minimum_balance (2)",
        "the provider balance is 1.99, below forwarding.minimum_balance (2)",
    ]


# A balance that cannot be confirmed stands for a while, and is then unknown: allowed.
def test_a_balance_that_cannot_be_confirmed_stands_for_a_while(
    worker: Worker, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    worker.does("fetch_balance")
    left = redis.ttl(keys.BALANCE)
    worker.side.rest.break_down("500")
    worker.does("fetch_balance")
    assert redis.get(keys.BALANCE) == b"100.00"
    assert redis.ttl(keys.BALANCE) <= left
    assert warnings(caplog) == []


def test_an_unknown_balance_is_warned_of_now_and_then(
    worker: Worker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        minute_now = 0

        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 3, 2, 9, cls.minute_now, tzinfo=tz)

    monkeypatch.setattr(jobs, "datetime", Clock)
    worker.side.rest.break_down("500", times=99)
    for Clock.minute_now in (0, 1, 14, 15, 16, 59):
        worker.does("fetch_balance")
    assert len(warnings(caplog)) == 2


def test_nobody_asks_for_a_balance_that_nobody_needs(
    worker: Worker, environment: Callable[..., None], redis: Redis
) -> None:
    text = SAMPLE.read_text("utf-8")
    environment(worker.side.url, text.replace("  minimum_balance:", "  #"))
    worker.does("fetch_balance")
    assert worker.side.rest.requests == []
    assert redis.get(keys.BALANCE) is None


# Once a day, whatever keeps forwards from being dialled.
def test_the_reminder_of_the_day(
    worker: Worker, environment: Callable[..., None], redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    worker.does("remind")
    assert warnings(caplog) == []
    redis.set(keys.BALANCE, "0.5")
    environment(worker.side.url, SAMPLE.read_text("utf-8").replace("2027-06-30", "2020-06-30"))
    worker.does("remind")
    balance, connector = warnings(caplog)
    company = of_process().company
    assert balance == english(readiness.balance(redis, company))
    assert connector == english(readiness.sip_connector(company, datetime.now(UTC)))
