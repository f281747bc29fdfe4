"""What every test may use: a real Redis, companies, and houses that can be called."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from redis import Redis

from config.company import Company
from config.loader import parse
from flows.trace import sentence
from live import readings
from live.connection import ANSWER_WITHIN, connect
from local import valkey
from local.house import House, house
from simulator import Caller
from tests.moments import OPEN, SAMPLE, at
from tests.providers import (
    chosen,
    for_provider,
    pytest_addoption,
    pytest_collection_modifyitems,
    pytest_configure,
)
from tests.waiting import SOON

__all__ = ["pytest_addoption", "pytest_collection_modifyitems", "pytest_configure"]

pytest_plugins = ["tests.order", "tests.kept", "tests.databases", "tests.browsers"]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server of this test process alone.

    No house goes on without it because this machine does something else meanwhile: what a caller gets for whom Redis is
    slow is tried with servers that hang.
    """
    embedded = valkey.ensure(tmp_path_factory.mktemp("valkey"))

    def patiently(url: str) -> Redis:
        return connect(url, answer_within=SOON if url == embedded.url else ANSWER_WITHIN)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("app.connect", patiently)
        yield embedded.url
    valkey.stop(embedded)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """That server, emptied."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def sample() -> Company:
    """The company that ships with the app."""
    return parse(for_provider(SAMPLE.read_text("utf-8"), chosen()))


@pytest.fixture
def open_house(redis_url: str, redis: Redis, sample: Company, caplog: Any) -> Iterator[Callable[..., House]]:
    """Open houses: open_house(settings, when=…, provider=…, duplicate=…).

    `settings` is YAML text, a Company, or nothing for the sample company. At the end the provider must have had
    nothing to complain of, and the app must not have failed; a test that wants a fault takes it from
    `house.exchange.faults`.
    """
    caplog.set_level(logging.WARNING)
    opened: list[House] = []
    with ExitStack() as stack:

        def open_(settings: str | Company | None = None, *, when: str = OPEN, **options: Any) -> House:
            provider = options.setdefault("provider", chosen())
            if isinstance(settings, str):
                settings = parse(for_provider(settings, provider))
            company = sample if settings is None else settings
            options.setdefault("redis_url", redis_url)
            found = stack.enter_context(house(company, start=at(when), **options))
            opened.append(found)
            return found

        yield open_
        for each in opened:  # or it would be written into the database of the next test
            each.app.extensions["ringpath"].later.abandon()
    assert [str(fault) for each in opened for fault in each.exchange.faults] == []
    assert [r.getMessage() for r in caplog.get_records("call") if r.levelno >= logging.ERROR] == []


@pytest.fixture
def caller(open_house: Callable[..., House]) -> Caller:
    """Somebody who calls the sample company on a Tuesday morning."""
    return Caller(open_house().exchange)


@pytest.fixture
def why(redis: Redis) -> Callable[[House | Company, Caller], list[str]]:
    """The trace of a caller's last call, in plain words: why(house, caller)."""

    def read(where: House | Company, caller: Caller) -> list[str]:
        company = where.company if isinstance(where, House) else where
        return [sentence(note, company) for note in readings.trace(redis, caller.call.sid)]

    return read
