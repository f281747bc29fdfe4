"""Settings that are published while calls are up: each call goes on by those that it started with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import create_engine

from app import create_app
from calls import following
from calls.database import MOST_CONNECTIONS
from config.loader import parse
from live import readings
from local.house import account, house_environment, served
from simulator import Caller, Exchange
from simulator.clock import Clock
from tests.calls.companies import MAIN, MOBILES, OUTSIDE, OpenHouse, acme, number, sales
from tests.calls.conftest import WhoIs
from tests.calls.publishing import OpenPublished, open_published, publishes, settings_of
from tests.calls.queueing import LOOP, callers, engaged, holding, until_it_rings
from tests.databases import migrated
from tests.moments import OPEN, at
from tests.providers import browser, chosen, for_provider
from tests.published import publish

__all__ = ["open_published"]

MENU = {"prompt": {"say": "Menú viejo."}, "choices": {"1": {"group": "sales"}}}
OLD = acme(
    menus={"main": MENU},
    numbers=number(menu="main", greeting={"say": "Antes."}),
    groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"}),
)
NEW = acme(numbers=number(greeting={"say": "Ahora."}), groups=sales(members=["luis"]))
"""Without the menu; Luis is rung in Ana's place, and then an outside number."""


# "A call keeps the revision that it started with" (DESIGN section 4), and new calls get the new one.
def test_a_call_goes_on_as_it_started_and_the_next_goes_by_the_new(open_published: OpenPublished) -> None:
    house = open_published(OLD)
    old = Caller(house.exchange).dials(MAIN).hears("Antes.").stays_silent().hears("Menú viejo.")
    publishes(house, NEW)
    Caller(house.exchange, "+34600000002").dials(MAIN).hears("Ahora.").hangs_up()
    old.presses("1").rings("ana").nobody_answers().is_forwarded_to(MOBILES["ana"])
    old.takes(MOBILES["ana"]).talks_to(MOBILES["ana"]).other_side_hangs_up().ended()
    new = Caller(house.exchange, "+34600000002").dials(MAIN).hears("Ahora.").stays_silent().rings("luis")
    new.nobody_answers().is_forwarded_to(OUTSIDE).hangs_up()


SHUT = acme(
    schedules={"never": {"weekly": {"sun": ["03:00-03:01"]}}}, numbers=number(schedule="never", closed="hang_up")
)


# The provider has given the first attempt up, tries again, and settings were published in between: the caller is
# answered by these, and whom the lost answer rang is free.
@pytest.mark.parametrize("before", [acme(groups=sales(members=["ana"])), SHUT], ids=["rang Ana", "declined"])
def test_a_first_request_that_is_tried_again_goes_by_the_new_settings(
    open_published: OpenPublished, who_is: WhoIs, before: str
) -> None:
    house = open_published(before)
    lost = Caller(house.exchange).dials(MAIN).call.webhooks[0]
    house.clock.advance(3)
    publishes(house, acme(groups=sales(members=["luis"])))
    again = house.exchange.redeliver(lost)
    assert [browser(who).removeprefix("client:") in again.text for who in ("ana", "luis")] == [False, True]
    assert "ana" not in who_is(house)
    assert house.exchange.redeliver(lost).text == again.text


def test_a_number_that_is_gone_from_the_settings_serves_the_call_that_is_up(
    open_published: OpenPublished,
) -> None:
    house = open_published(OLD)
    caller = Caller(house.exchange).dials(MAIN).stays_silent().hears("Menú viejo.")
    publishes(house, acme(numbers={MAIN: None, "+34910000009": {"name": "Other", "group": "sales"}}))
    caller.presses("1").rings("ana").answers("ana").talks_to("ana").other_side_hangs_up().ended()


# The address at which a caller on hold is resumed is that of his own settings, whatever is published while he waits.
def test_a_caller_on_hold_is_put_through_by_his_own_settings(open_published: OpenPublished, redis: Redis) -> None:
    house = open_published(holding("ana"))
    began = parse(for_provider(holding("ana"), chosen())).revision
    (busy,) = engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds()
    others = {"name": "Otros", "members": ["luis"], "no_answer": "hang_up"}
    publishes(house, acme(groups={"sales": None, "others": others}, numbers=number(group="others")))
    caller.waits(LOOP).holds()
    assert f"revision={began}" in readings.call_fields(redis, caller.call.sid)["resume"]
    busy.other_side_hangs_up().ended()
    assert until_it_rings(caller, LOOP) <= LOOP
    caller.rings("ana").answers("ana").talks_to("ana").other_side_hangs_up().ended()


# Who is called back first is told by the settings of the call, too.
def test_a_known_caller_is_known_by_the_settings_of_his_call(open_published: OpenPublished) -> None:
    def document(responsible: str) -> str:
        known = [{"number": "+34600222001", "name": "Moreno", "employee": responsible}]
        return acme(
            contacts=known,
            menus={"main": MENU | {"attempts": 1}},
            numbers=number(menu="main", responsible={}),
        )

    house = open_published(document("ana"))
    old = Caller(house.exchange, "+34600222001").dials(MAIN).hears("Menú viejo.")
    publishes(house, document("luis"))
    old.stays_silent().rings("ana").hangs_up()
    Caller(house.exchange, "+34600222001").dials(MAIN).stays_silent().rings("luis").hangs_up()


def test_a_rollback_brings_the_old_back(open_published: OpenPublished) -> None:
    house = open_published(OLD)
    publishes(house, NEW)
    publishes(house, OLD)
    Caller(house.exchange).dials(MAIN).hears("Antes.").hangs_up()
    assert settings_of(house).number == 3


@contextmanager
def two_processes(redis_url: str, folder: Path, document: str) -> Iterator[tuple[Exchange, list[Any]]]:
    """Their switchboards."""
    with two_apps(redis_url, folder, document) as (exchange, apps):
        yield exchange, [app.extensions["ringpath"] for app in apps]


@contextmanager
def two_apps(redis_url: str, folder: Path, document: str) -> Iterator[tuple[Exchange, list[Flask]]]:
    """Two apps on one database, which take the webhooks of every call in turns; neither looks by itself."""
    file = folder / "company.yaml"
    file.write_text(document, "utf-8")
    database = migrated(f"sqlite:///{folder}/calls.sqlite")
    environment = house_environment(redis_url, "twilio", database_url=database, company_file=file)
    clock = Clock(at(OPEN))
    apps = [create_app(environment, clock=clock.now) for _ in range(2)]
    turns = cycle(apps)
    with served(lambda *request: next(turns)(*request)) as address:  # type: ignore[arg-type]
        exchange = Exchange(account(parse(document), address, environment), clock)
        yield exchange, apps
    for app in apps:
        app.extensions["ringpath"].settings.close()
        app.extensions["reception"].engine.dispose()
    assert exchange.faults == []


# A call begins by settings that one process has just taken up; its next webhook reaches another, which has not.
def test_a_process_that_has_not_looked_yet_finds_what_another_has_taken_up(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    with two_processes(redis_url, tmp_path, NEW) as (exchange, (first, second)):
        publish(first.closer.engine, OLD)
        first.settings.refresh()
        assert second.settings.number == 1
        caller = (
            Caller(exchange).dials(MAIN).hears("Antes.").stays_silent().hears("Menú viejo.").presses("1").rings("ana")
        )
        assert second.settings.number == 2
        caller.nobody_answers().is_forwarded_to(MOBILES["ana"]).hangs_up()


# … however many pages search in SQL meanwhile: they have connections of their own.
def test_pages_that_have_all_their_connections_in_use_are_in_no_callers_way(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    few = {"pool_size": MOST_CONNECTIONS, "max_overflow": 0, "pool_timeout": 2}
    monkeypatch.setattr("app.connect_database", lambda url: create_engine(url, **few))
    with two_apps(redis_url, tmp_path, NEW) as (exchange, apps), ExitStack() as in_use:
        first, second = (app.extensions["ringpath"] for app in apps)
        pages = [app.extensions["reception"].engine for app in apps]
        for engine in pages:
            for _ in range(MOST_CONNECTIONS):
                in_use.enter_context(engine.connect())
        publish(first.closer.engine, OLD)
        first.settings.refresh()
        caller = Caller(exchange).dials(MAIN).hears("Antes.").stays_silent().hears("Menú viejo.").presses("1")
        caller.rings("ana").nobody_answers().is_forwarded_to(MOBILES["ana"]).hangs_up()
        assert second.settings.number == 2


# … and a process that was started after the publishing knows the settings of the calls that are up.
def test_a_new_process_goes_on_with_the_calls_of_earlier_settings(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_house: OpenHouse
) -> None:
    with two_processes(redis_url, tmp_path, OLD) as (exchange, (first, second)):
        caller = Caller(exchange).dials(MAIN).stays_silent().hears("Menú viejo.")
        publish(first.closer.engine, NEW)
        for board in (first, second):
            started = type(board.settings).of_database(board.closer.engine, tmp_path / "company.yaml")
            board.settings.close()
            object.__setattr__(board, "settings", started)
            started.follow()
            assert started.number == 2
        caller.presses("1").rings("ana").nobody_answers().is_forwarded_to(MOBILES["ana"]).hangs_up()


# With SQL away at the start the app takes calls by the file.
def test_without_sql_at_the_start_calls_are_taken_by_the_file(
    redis: Redis, redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(OLD, "utf-8")
    away = "postgresql://nobody:secret@127.0.0.1:1/none"
    environment = house_environment(redis_url, "twilio", database_url=away, company_file=file)
    clock = Clock(at(OPEN))
    app = create_app(environment, clock=clock.now)
    with served(app) as address:
        exchange = Exchange(account(parse(OLD), address, environment), clock)
        Caller(exchange).dials(MAIN).hears("Antes.").stays_silent().presses("1").rings("ana").hangs_up()
    app.extensions["ringpath"].settings.close()
    assert f"{file} is used" in caplog.text
