"""Who is to be called back, on the Now page and on one's own: by reach, whoever else waits, and seldom asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from calls.missed import Missed, missed
from local.house import House
from tests.databases import tables_are_away
from tests.details.rows import MORENO, a_call, on_file
from tests.waiting import until
from tests.web.conftest import Browser
from tests.web.streams import Stream
from web import now_reading
from web.access import Role
from web.broadcast import Pace
from web.now import NAME, Watch
from web.now_reading import MOST_MISSED, MOST_REACHES, Reader
from web.now_view import MOST_NAMED

LoggedIn = Callable[..., Browser]

SPACED = "+34 600 22 20 01"


def others(house: House, count: int, employee: str = "luis") -> None:
    """So many callers who waited for a colleague, one a minute until now."""
    now = house.clock.now()
    callers = (f"+3460012{number:04}" for number in range(count))
    calls = (a_call(now - timedelta(minutes=n), caller=each, employee=employee) for n, each in enumerate(callers))
    on_file(house.engine, *calls)


PLACES = {"now": "/", "one's own": "/me", "the list": "/calls/missed"}


# One's own callers are not those that are left of everybody's newest ones.
@pytest.mark.parametrize("path", PLACES.values(), ids=PLACES)
def test_a_caller_of_mine_is_listed_however_many_wait_for_others(
    path: str, web_house: House, logged_in: LoggedIn
) -> None:
    others(web_house, 260)
    on_file(web_house.engine, a_call(web_house.clock.now() - timedelta(hours=6), caller=MORENO, employee="ana"))
    ana = logged_in(Role.MANAGER, employee="ana")
    assert SPACED in ana.get(path).text


# He waits for both of them: Ana is told of the call that was hers.
@pytest.mark.parametrize("path", PLACES.values(), ids=PLACES)
def test_a_caller_of_mine_is_listed_when_he_then_missed_a_colleague(
    path: str, web_house: House, logged_in: LoggedIn
) -> None:
    now = web_house.clock.now()
    for hours, employee in ((2, "ana"), (1, "luis")):
        on_file(web_house.engine, a_call(now - timedelta(hours=hours), caller=MORENO, employee=employee))
    ana = logged_in(Role.MANAGER, employee="ana")
    assert SPACED in ana.get(path).text
    assert SPACED not in logged_in(Role.MANAGER, name="eva", employee="eva").get(path).text


@pytest.mark.parametrize(
    ("count", "said"),
    [(MOST_NAMED, ""), (10, "And 2 more."), (MOST_MISSED + 50, f"And more than {MOST_MISSED - MOST_NAMED} others.")],
)
def test_how_many_more_wait_is_said_as_far_as_it_is_known(
    count: int, said: str, web_house: House, logged_in: LoggedIn
) -> None:
    others(web_house, count)
    page = logged_in(Role.CHIEF_EXECUTIVE).get("/").text
    assert said in page
    assert said or "And " not in page


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The reaches whose missed calls are looked for in the database, one entry each time."""
    reaches: list[Any] = []

    def counted(*where: Any, **how: Any) -> list[Missed]:
        reaches.append(how["employees"])
        return missed(*where, **how)

    monkeypatch.setattr(now_reading, "missed", counted)
    return reaches


# A page that is loaded again and again must not have 30 days of calls gone through each time.
def test_the_database_is_asked_once_however_often_the_page_is_loaded(
    logged_in: LoggedIn, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert now_reading.FRESH_EVERY == 1.0
    monkeypatch.setattr(now_reading, "FRESH_EVERY", 60.0)  # a second is over soon
    boss = logged_in(Role.ADMINISTRATOR)
    for _ in range(4):
        boss.get("/")
        boss.get("/now/state")
    assert asked == [None]


@contextmanager
def listening(house: House, browser: Browser) -> Iterator[Stream]:
    """Somebody who listens."""
    cookie = browser.client.get_cookie("__Host-ringpath", domain="localhost")
    assert cookie
    stream = Stream(house.connect_url + "/now/stream", f"__Host-ringpath={cookie.value}")
    yield stream
    stream.close()
    until(lambda: house.app.extensions[NAME].broadcast._reader is None)  # so that nobody reads what is then gone


def test_who_listens_is_told_of_a_caller_of_his(
    web_house: House, logged_in: LoggedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_reading, "FILES_EVERY", 0.1)
    watch: Watch = web_house.app.extensions[NAME]
    watch.broadcast.pace = Pace(reads=0.2, heartbeat=0.3)
    with listening(web_house, logged_in(Role.MANAGER, employee="ana")) as stream:
        assert "Nobody waits to be called back." in stream.next()["missed"]
        on_file(web_house.engine, a_call(web_house.clock.now(), caller=MORENO, employee="ana"))
        assert SPACED in stream.until(lambda parts: "missed" in parts)["missed"]


# A listener asks for nothing as long as nothing changes: that his reach is forgotten is a change, and he asks again.
def test_a_reach_is_read_on_as_long_as_somebody_listens(
    web_house: House, logged_in: LoggedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_reading, "FILES_EVERY", 0.1)
    monkeypatch.setattr(now_reading, "WATCHED_FOR", 0.5)
    watch: Watch = web_house.app.extensions[NAME]
    watch.broadcast.pace = Pace(reads=0.1, heartbeat=0.2)
    with listening(web_house, logged_in(Role.MANAGER, employee="ana")) as stream:
        events = stream.events()
        signs = 0
        while signs < 5:
            signs += next(events) == ("", "still here")
        on_file(web_house.engine, a_call(web_house.clock.now(), caller=MORENO, employee="ana"))
        assert SPACED in stream.until(lambda parts: "missed" in parts)["missed"]


def test_reaches_that_nobody_asks_for_any_more_are_not_read(
    web_house: House, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_reading, "FILES_EVERY", 0.0)
    reader: Reader = web_house.app.extensions[NAME].reader
    mine, yours = frozenset({"ana"}), frozenset({"luis"})
    reader.missed(mine)
    reader.missed(yours)
    assert set(reader.read().missed) == {mine, yours}
    monkeypatch.setattr(now_reading, "WATCHED_FOR", 0.0)
    asked.clear()
    assert reader.read().missed == {}
    assert asked == []


def test_no_more_reaches_are_kept_than_are_good(web_house: House) -> None:
    reader: Reader = web_house.app.extensions[NAME].reader
    for number in range(MOST_REACHES + 5):
        reader.missed(frozenset({f"e{number}"}))
    kept = reader.read().missed
    assert len(kept) == MOST_REACHES
    assert frozenset({"e4"}) not in kept


def test_a_database_that_is_away_is_waited_for_once(
    web_house: House, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_reading, "FILES_EVERY", 0.0)
    reader: Reader = web_house.app.extensions[NAME].reader
    for key in ("ana", "luis", "eva"):
        reader.missed(frozenset({key}))
    asked.clear()
    with tables_are_away(web_house.engine, "calls"):
        assert set(reader.read().missed.values()) == {None}
    assert len(asked) == 1
