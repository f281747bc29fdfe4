"""The Now page: who sees what of what is going on, and what is wrong, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis import Redis

from calls import sessions, users
from calls.missed import called_back
from config.loader import parse
from live.health import NO_WORKER
from live.queue import QUICK
from live.snapshot import snapshot
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, acme, sales
from tests.calls.queueing import callers, engaged, holding
from tests.databases import tables_are_away
from tests.moments import OPEN, at
from tests.web.conftest import Browser
from voice import readiness
from web import now_reading
from web.access import Role
from web.now import NAME
from web.now_reading import Reading
from web.now_view import MOST_PEOPLE, Sight, view

LoggedIn = Callable[..., Browser]
OpenHouse = Callable[..., House]

BOSS = Sight(reach=None, inside=True, balance=True, language="en")


def part(browser: Browser, name: str) -> str:
    """The words of a part of the page."""
    parts: dict[str, str] = browser.get("/now/state").json["parts"]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", parts[name])).strip()


def test_the_page_is_useful_without_scripts(web_house: House, logged_in: LoggedIn) -> None:
    Caller(web_house.exchange, "+34600123123").dials(MAIN)
    browser = logged_in(Role.ADMINISTRATOR)
    assert browser.get("/").status_code == 200
    assert "+34 600 12 31 23" in browser.page
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in browser.page
    assert '<a href="/">Load now</a>' in browser.page
    assert "<script>" not in browser.page
    assert " style=" not in browser.page


def test_a_call_that_ended_just_now_is_in_the_figures_when_the_page_is_loaded(
    web_house: House, logged_in: LoggedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(now_reading, "FRESH_EVERY", 0.0)
    browser = logged_in(Role.ADMINISTRATOR)
    browser.get("/")
    caller = Caller(web_house.exchange, "+34600123123").dials(MAIN)
    caller.hangs_up().ended()
    browser.get("/")
    figures = re.findall(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>", browser.page)
    assert dict(figures) == {
        "Calls up": "0",
        "On hold": "0",
        "Calls today": "1",
        "Answered today": "0",
        "Missed today": "1",
    }
    assert "+34 600 12 31 23" in browser.page
    called_back(web_house.engine, "+34600123123", web_house.clock.now(), "by Ana")
    browser.get("/")
    assert "Nobody waits to be called back." in browser.page


def in_house(house: House, name: str, *roles: Role, employee: str | None = None) -> Browser:
    """Somebody logged in at a house of the test's own."""
    with house.engine.begin() as connection:
        user = users.add(connection, name, roles=roles, employee=employee, now=house.clock.now())
        token = sessions.begin(connection, user.id, "tests", house.clock.now())
    found = Browser(house.app)
    found.client.set_cookie("__Host-ringpath", token, domain="localhost", secure=False)
    return found


def test_somebody_with_his_own_calls_sees_himself_and_the_queues_of_his_groups(open_house: OpenHouse) -> None:
    house = open_house(holding("ana", "luis"))
    engaged(house, "ana", "luis")
    (waiting,) = callers(house, 1)
    waiting.dials(MAIN).holds()
    boss, ana, eva = (
        in_house(house, "boss", Role.ADMINISTRATOR),
        in_house(house, "ana", Role.MANAGER, employee="ana"),
        in_house(house, "eva", Role.MANAGER, employee="eva"),
    )
    assert {name: name in part(boss, "people") for name in ("Ana", "Luis", "Eva")} == dict.fromkeys(
        ("Ana", "Luis", "Eva"), True
    )
    assert "Ventas 1" in part(boss, "queues")
    assert "Ventas, number 1" in part(boss, "calls")
    assert "Ventas 1" in part(ana, "queues")
    assert "Talking Ana" in part(ana, "calls")
    assert "+34 600 00 02 00" in part(ana, "calls")
    assert not any(secret in part(ana, "calls") for secret in ("Luis", "+34 600 00 02 01", "+34 600 00 01 00"))
    assert "Luis" not in part(ana, "people")
    assert part(eva, "queues") == "Nobody is on hold."
    assert part(eva, "calls") == "No call is up."
    assert part(eva, "figures").startswith("Calls up 0 On hold 0")


def test_a_head_of_department_sees_his_department(open_house: OpenHouse) -> None:
    people = {"ana": {"department": "sales"}, "luis": {"department": "sales"}, "eva": {"department": "it"}}
    house = open_house(acme(employees=people, groups=sales()))
    engaged(house, "ana")
    head = in_house(house, "head", Role.HEAD_OF_DEPARTMENT, employee="luis")
    assert "Talking Ana" in part(head, "calls")
    assert "Eva" not in part(head, "people")


def test_who_may_see_nothing_is_told_so(logged_in: LoggedIn) -> None:
    nobody = logged_in(name="nobody")
    nobody.get("/")
    assert "You are not allowed to see calls." in nobody.page
    assert "Ana" not in nobody.page
    stranger = logged_in(Role.MANAGER, name="stranger")
    stranger.get("/")
    assert "belongs to no employee" in stranger.page


def test_names_cannot_become_markup(open_house: OpenHouse) -> None:
    evil = "<script>alert(1)</script>"
    house = open_house(
        acme(
            employees={"ana": {"name": evil}},
            groups=sales(name=evil, no_answer="hold", hold={}),
            contacts=[{"number": "+34600000200", "name": evil}],
        )
    )
    engaged(house, "ana")
    boss = in_house(house, "boss", Role.ADMINISTRATOR)
    boss.get("/")
    assert evil not in boss.page
    assert boss.page.count("&lt;script&gt;alert(1)") >= 3
    assert not any(evil in text for text in boss.get("/now/state").json["parts"].values())


# Redis gone: says so (DESIGN section 6), and what is on file is still shown.
def test_without_redis_the_page_says_so(web_house: House, logged_in: LoggedIn, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    away = Redis.from_url("unix:///nonexistent/valkey.sock")
    reception = web_house.app.extensions["reception"]
    monkeypatch.setattr(web_house.app.extensions[NAME].reader, "_here", replace(reception, redis=away))
    browser.get("/")
    assert browser.page.count("Redis is out of reach, so nobody knows.") == 3
    assert "<dt>Calls up</dt><dd>–</dd>" in browser.page
    assert "<dt>Calls today</dt><dd>0</dd>" in browser.page


def test_without_a_table_the_page_says_so(web_house: House, logged_in: LoggedIn) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    with tables_are_away(web_house.engine, "calls"):
        browser.get("/")
    assert "The database is out of reach, so nobody knows." in browser.page
    assert "<dt>Calls today</dt><dd>–</dd>" in browser.page


TROUBLES = (("worker", (NO_WORKER[QUICK],)), ("balance", (readiness.LOW,)))


@pytest.mark.parametrize(
    ("inside", "balance", "told"),
    [
        (True, True, ["worker", "balance"]),
        (True, False, ["worker"]),
        (False, True, ["balance"]),
        (False, False, []),
    ],
)
def test_alerts_are_for_those_whom_they_concern(inside: bool, balance: bool, told: list[str]) -> None:
    reading = Reading(at=datetime.now(UTC), live=None, counted=(), missed={}, troubles=TROUBLES)
    sight = Sight(reach=frozenset({"ana"}), inside=inside, balance=balance, language="en")
    assert [name for name, _ in view(reading, sight, parse(acme(groups=sales())), ()).alerts] == told


def test_the_worker_that_is_silent_is_an_alert(logged_in: LoggedIn) -> None:
    alert = part(logged_in(Role.ADMINISTRATOR), "alerts")
    assert "Background jobs: No worker is running." in alert
    manager = logged_in(Role.MANAGER, employee="ana")
    assert part(manager, "alerts") == ""


# 10,000 employees are counted, and a few hundred are named.
def test_a_large_company_is_counted_and_partly_named(redis: Redis) -> None:
    people = {f"e{i}": {"name": f"E {i:05}", "devices": [f"client:e{i}"]} for i in range(300)}
    company = parse(acme(employees=people))
    reading = Reading(at=at(OPEN), live=snapshot(redis, company, at(OPEN)), counted=(), missed={}, troubles=())
    seen = view(reading, BOSS, company, ())
    assert (len(seen.people), seen.more_people, seen.counts["free"]) == (MOST_PEOPLE, 103, 303)
