"""A worker of the sample company, and the provider that its jobs ask."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.registry import FailedJobRegistry
from sqlalchemy import Engine, select

from calls.database import engine_of
from calls.tables import calls
from config.environment import of_process
from live.queue import OURS, queue
from tests.moments import SAMPLE
from tests.published import forget_settings, publish
from tests.voice.provider import ACCOUNT, TOKEN, Side, provider_side
from voice import jobs

MAIN = "+34910000001"
CUSTOMER = "+34600000001"
NAME = "jobs-of-a-test"


class Counting(SimpleWorker):
    """Counts what it does."""

    done = 0

    def execute_job(self, job: Any, queue: Any) -> Any:
        self.done += 1
        return super().execute_job(job, queue)


@dataclass(frozen=True)
class Worker:
    """A worker, the provider that it asks, and what it writes."""

    side: Side
    redis: Redis
    engine: Engine

    def does(self, job: str, *arguments: object) -> int:
        """Let it do a job, and those that come of it; returns how many there were."""
        origin = queue(self.redis, NAME)
        origin.enqueue(job if "." in job else f"voice.jobs.{job}", *arguments)
        worker = Counting([origin], connection=self.redis, **OURS)
        worker.work(burst=True, logging_level=logging.CRITICAL)
        assert len(FailedJobRegistry(queue=origin)) == 0
        return worker.done

    def rows(self) -> list[Any]:
        """The calls on file."""
        with self.engine.connect() as connection:
            return list(connection.execute(select(calls).order_by(calls.c.started_at.desc())))

    def incoming(self, ago: float = 3600, **more: Any) -> str:
        """A customer's call that we have not heard of."""
        return self.add(**{"from_": CUSTOMER, "to": MAIN, "seconds": 60} | more, ago=ago)

    def add(self, ago: float, **call: Any) -> str:
        """A call at the provider, by the real clock that jobs go by."""
        return self.side.rest.add_call(started_at=datetime.now(UTC) - timedelta(seconds=ago), **call)


@pytest.fixture
def environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, redis_url: str, database: str
) -> Iterator[Callable[..., None]]:
    """Set the environment of the worker: environment(**variables); the company is the sample unless `text` is given."""

    def forget() -> None:
        forget_settings()
        for cached in (of_process, jobs._api):
            cached.cache_clear()

    def set_(api_url: str, text: str = "") -> None:
        document = text or SAMPLE.read_text("utf-8")
        company = tmp_path / "company.yaml"
        company.write_text(document, "utf-8")
        publish(engine_of(database), document)
        for name, value in {
            "PUBLIC_URL": "https://acme.example.com",
            "PROVIDER": "simulator",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SECRET_KEY": "a secret of the tests",
            "TWILIO_API_URL": api_url,
            "REDIS_URL": redis_url,
            "DATABASE_URL": database,
            "COMPANY_FILE": str(company),
        }.items():
            monkeypatch.setenv(name, value)
        forget()

    yield set_
    forget()


@pytest.fixture
def worker(environment: Callable[..., None], redis: Redis, database: str) -> Iterator[Worker]:
    """A worker of the sample company."""
    engine = engine_of(database)
    with provider_side() as side:
        environment(side.url)
        yield Worker(side, redis, engine)
    engine.dispose()
