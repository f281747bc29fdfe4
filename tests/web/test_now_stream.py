"""The Now page live: server-sent events over real HTTP, one reading for all, and places that are given back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from redis import Redis

from calls import sessions, users
from live import snapshot as reading
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN
from tests.waiting import until
from tests.web.conftest import Browser
from tests.web.streams import Stream
from web import now_reading
from web.access import Role
from web.broadcast import Pace
from web.now import NAME, Watch
from web.now_view import view as original

LoggedIn = Callable[..., Browser]


@pytest.fixture
def watch(web_house: House) -> Watch:
    """What the process reads for all, in a hurry."""
    found: Watch = web_house.app.extensions[NAME]
    found.broadcast.pace = Pace(reads=0.2, heartbeat=0.3, lasts=60, most=5)
    return found


@pytest.fixture
def listens(web_house: House, watch: Watch) -> Iterator[Callable[..., Stream]]:
    """Let somebody's browser listen: listens(browser)."""
    streams: list[Stream] = []

    def open_(browser: Browser | None = None) -> Stream:
        cookie = browser.client.get_cookie("__Host-ringpath", domain="localhost") if browser else None
        sent = f"__Host-ringpath={cookie.value}" if cookie else ""
        streams.append(Stream(web_house.connect_url + "/now/stream", sent))
        return streams[-1]

    yield open_
    for stream in streams:
        stream.close()
    until(lambda: not watch.broadcast.listeners)


def test_the_stream_begins_with_everything_and_goes_on_with_what_changes(
    web_house: House, logged_in: LoggedIn, listens: Callable[..., Stream]
) -> None:
    stream = listens(logged_in(Role.ADMINISTRATOR))
    assert stream.status == 200
    assert stream.answer.headers["Content-Type"].startswith("text/event-stream")
    assert stream.answer.headers["Cache-Control"] == "no-store"
    first = stream.next()
    assert first.keys() == {"alerts", "figures", "queues", "calls", "people", "missed"}
    assert "No call is up." in first["calls"]
    caller = Caller(web_house.exchange, "+34600123123").dials(MAIN)
    news = stream.until(lambda parts: "Greeting" in parts.get("calls", ""))
    assert news.keys() <= {"figures", "calls"}
    assert "+34 600 12 31 23" in news["calls"]
    caller.waits(12).presses("1").rings("ana")
    parts = stream.until(lambda parts: "people" in parts)
    assert "Ringing: 1" in parts["people"]
    caller.answers("ana").hangs_up().ended()
    assert "No call is up." in stream.until(lambda parts: "No call" in parts.get("calls", ""))["calls"]


def test_while_nothing_changes_the_stream_gives_a_sign_of_life(
    logged_in: LoggedIn, listens: Callable[..., Stream]
) -> None:
    events = listens(logged_in(Role.ADMINISTRATOR)).events()
    assert "message" in (next(events)[0], next(events)[0], next(events)[0])
    assert [next(events), next(events)] == [("", "still here")] * 2


# One reading a second, whatever the number of browsers (200 ms here).
def test_redis_is_read_once_however_many_listen(
    logged_in: LoggedIn, listens: Callable[..., Stream], redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings: list[float] = []

    def counted(*what: Any) -> Any:
        readings.append(time.monotonic())
        return reading.snapshot(*what)

    monkeypatch.setattr(now_reading, "snapshot", counted)
    browser = logged_in(Role.ADMINISTRATOR)
    streams = [listens(browser) for _ in range(5)]
    for stream in streams:
        stream.next()
    until(lambda: len(readings) >= 8)
    assert (readings[-1] - readings[0]) / (len(readings) - 1) >= 0.19
    for stream in streams:
        stream.close()


# However many ask instead of listening: one reading a second serves them all.
def test_those_who_ask_share_a_reading_too(watch: Watch, logged_in: LoggedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    watch.broadcast.pace = Pace(reads=60)
    readings: list[Any] = []
    monkeypatch.setattr(now_reading, "snapshot", lambda *what: readings.append(what) or reading.snapshot(*what))
    browser = logged_in(Role.ADMINISTRATOR)
    for _ in range(5):
        assert browser.get("/now/state").status_code == 200
    assert len(readings) == 1


def test_nobody_listens_nobody_reads(
    watch: Watch, logged_in: LoggedIn, listens: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = listens(logged_in(Role.ADMINISTRATOR))
    stream.next()
    stream.close()
    until(lambda: watch.broadcast._reader is None)
    assert watch.broadcast.listeners == 0


# A browser that was closed frees its place as soon as something is sent to it, a sign of life at the latest.
def test_a_closed_browser_frees_its_place(watch: Watch, logged_in: LoggedIn, listens: Callable[..., Stream]) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    streams = [listens(browser) for _ in range(5)]
    for stream in streams:
        stream.next()
    assert listens(browser).status == 503
    assert browser.get("/now/state").status_code == 200
    streams[0].close()
    until(lambda: watch.broadcast.listeners < 5)
    assert listens(browser).next()


def test_each_view_is_rendered_once_for_all_who_see_the_same(
    web_house: House, watch: Watch, logged_in: LoggedIn, listens: Callable[..., Stream], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Any] = []
    monkeypatch.setattr("web.now.view", lambda *what: made.append(what[:2]) or original(*what))
    boss, ana = logged_in(Role.ADMINISTRATOR), logged_in(Role.MANAGER, employee="ana")
    streams = [listens(boss), listens(boss), listens(ana), listens(ana)]
    for stream in streams:
        stream.next()
    made.clear()
    Caller(web_house.exchange).dials(MAIN)
    for stream in streams[:2]:
        stream.until(lambda parts: "calls" in parts)
    until(lambda: len(made) >= 2)
    assert len(made) == len({(id(what), sight) for what, sight in made})


def test_a_stream_ends_with_the_session(web_house: House, logged_in: LoggedIn, listens: Callable[..., Stream]) -> None:
    browser = logged_in(Role.ADMINISTRATOR, name="boss")
    stream = listens(browser)
    stream.next()
    with web_house.engine.begin() as connection:
        user = users.named(connection, "boss")
        assert user
        sessions.end_all(connection, user.id)
    names = [name for name, _ in stream.events()]
    assert names[-1] == "end"


def test_a_right_that_is_taken_away_ends_what_is_shown(
    web_house: House, logged_in: LoggedIn, listens: Callable[..., Stream]
) -> None:
    stream = listens(logged_in(Role.CHIEF_EXECUTIVE, name="boss"))
    assert "Ana" in stream.next()["people"]
    with web_house.engine.begin() as connection:
        user = users.named(connection, "boss")
        assert user
        users.change(connection, user.id, roles=[])
    Caller(web_house.exchange).dials(MAIN)
    Caller(web_house.exchange, "+34600123124").dials(MAIN)
    parts = stream.until(lambda parts: "people" in parts)
    assert "Ana" not in parts["people"]


def test_a_stream_ends_after_a_while_and_the_browser_comes_again(
    watch: Watch, logged_in: LoggedIn, listens: Callable[..., Stream]
) -> None:
    watch.broadcast.pace = Pace(reads=0.2, heartbeat=0.1, lasts=2)
    stream = listens(logged_in(Role.ADMINISTRATOR))
    names = [name for name, _ in stream.events()]
    assert "message" in names


def test_streams_end_with_the_process(watch: Watch, logged_in: LoggedIn, listens: Callable[..., Stream]) -> None:
    watch.broadcast.pace = Pace(reads=0.2, heartbeat=30, lasts=60)
    stream = listens(logged_in(Role.ADMINISTRATOR))
    stream.next()
    watch.broadcast.alive = lambda: False
    assert {name for name, _ in stream.events()} <= {""}


def test_a_stranger_hears_nothing(web_house: House, listens: Callable[..., Stream]) -> None:
    assert listens().status == 303
    assert requests.get(web_house.connect_url + "/now/state", allow_redirects=False, timeout=5).status_code == 303
