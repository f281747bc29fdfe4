"""What the whole calls share: who is free, and what is left of a call afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from werkzeug.serving import WSGIRequestHandler, make_server

from config.environment import of_process
from live import readings
from live.queue import OURS, queue
from local.house import House, house_environment
from simulator import RestApp, rest_app
from tests.calls.companies import OpenHouse
from tests.providers import chosen
from voice import jobs

Why = Callable[..., list[str]]
SetAway = Callable[[House, str, bool], None]
WhoIs = Callable[[House], dict[str, str]]
Check = Callable[[House], None]


@pytest.fixture
def who_is(redis: Redis) -> WhoIs:
    """The state of every employee who is not free: who_is(house) → {"ana": "ringing"}."""

    def read(house: House) -> dict[str, str]:
        now = house.clock.now()
        states = {key: readings.presence(redis, key, now).state for key in house.company.employees}
        return {key: state for key, state in states.items() if state != "free"}

    return read


@pytest.fixture
def nothing_left(redis: Redis, who_is: WhoIs) -> Check:
    """Check that no call is up any more, nobody rings or talks, and no queue holds a caller: nothing_left(house)."""

    def check(house: House) -> None:
        assert who_is(house) == {}
        assert readings.active(redis) == {}
        assert [key for key in house.company.groups if readings.waiting(redis, key)] == []

    return check


@pytest.fixture
def set_away() -> SetAway:
    """An employee goes away, or comes back: set_away(house, "ana", True)."""

    def set_(house: House, employee: str, away: bool) -> None:
        live = house.app.extensions["ringpath"].live
        live.set_away(employee, away=away, now=house.clock.now())

    return set_


@pytest.fixture
def open_with_rest(open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenHouse]:
    """Open a house whose provider has a REST API that its jobs can reach: open_with_rest(settings)."""
    answering: list[RestApp] = []
    server = make_server("127.0.0.1", 0, lambda environ, start: answering[0](environ, start), threaded=True)
    api_url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(WSGIRequestHandler, "log", lambda *_: None)
    for name, value in _variables(api_url).items():
        monkeypatch.setenv(name, value)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()

    def open_(settings: str, **options: Any) -> House:
        house = open_house(settings, api_url=api_url, **options)
        answering[:] = [rest_app(house.exchange)]
        return house

    _forget_the_provider()
    yield open_
    _forget_the_provider()
    server.shutdown()
    thread.join()
    server.server_close()


def _variables(api_url: str) -> dict[str, str]:
    environment = house_environment("", chosen(), api_url)
    names = ["public_url", "provider", "twilio_account_sid", "twilio_auth_token", "twilio_api_url"]
    names += ["telnyx_public_key"] if environment.telnyx_public_key else []
    return {name.upper(): getattr(environment, name) for name in names} | {"SECRET_KEY": "hush" * 8}


def _forget_the_provider() -> None:
    """A worker reads its environment once; in these tests it has a new one each time."""
    of_process.cache_clear()
    jobs._api.cache_clear()


@pytest.fixture
def work(redis: Redis) -> Callable[[], int]:
    """Let a worker do what waits in the queue: work() → how many jobs there were."""

    def work_() -> int:
        waiting = len(queue(redis))
        SimpleWorker([queue(redis)], connection=redis, **OURS).work(burst=True, logging_level="WARNING")
        assert queue(redis).failed_job_registry.count == 0
        return waiting

    return work_
