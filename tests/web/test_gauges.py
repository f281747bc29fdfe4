"""What Prometheus is told of the stores, while whole calls are up, and while a store is away."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq import SimpleWorker
from sqlalchemy import insert

from calls.tables import recordings
from config.loader import parse
from live import keys, measures
from live.queue import OURS, QUEUES, SLOW, alive, queue, unattended
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, acme, sales
from tests.calls.queueing import callers, engaged, holding
from tests.calls.servers import Server
from tests.moments import at
from web import gauges
from web.gauges import DEADLINE, Gauges, _Asked

AWAY = "unix:///nonexistent/valkey.sock"
NO_SQL = "postgresql://nobody:secret@127.0.0.1:1/none"


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question is asked, however soon after another: the house's time passes faster than ours."""
    monkeypatch.setattr(gauges, "KEPT_FOR", -1.0)


def told(house: House, **headers: str) -> dict[tuple[str, ...], float]:
    """What /metrics tells, by name and values of labels."""
    answer = house.app.test_client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(each.name, *each.labels.values()): each.value for family in families for each in family.samples}


# Waiting by group (issue 5, part 7): only groups that have a hold.
@pytest.mark.usefixtures("anew")
def test_callers_on_hold_are_told_by_group(open_house: Callable[..., House]) -> None:
    house = open_house(holding())
    engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).holds().waits(40)
    second.dials(MAIN).holds().waits(50)
    found = told(house)
    assert found["ringpath_waiting", "sales"] == 2
    assert found["ringpath_waiting_seconds", "sales"] >= 90
    assert found["ringpath_calls_up",] == 3
    first.hangs_up()
    second.hangs_up()
    house.clock.advance(600)
    left = told(house)
    assert (left["ringpath_waiting", "sales"], left["ringpath_waiting_seconds", "sales"]) == (0, 0)


@pytest.mark.usefixtures("anew")
def test_figures_that_cannot_be_read_keep_no_others_back(
    open_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def fails(*_: object) -> None:
        raise ValueError("a queue that says nothing")

    monkeypatch.setattr(gauges, "measures", fails)
    found = told(open_house(acme()))
    assert (found["ringpath_up", "redis"], found["ringpath_up", "sql"], found["ringpath_crm_pending",]) == (0, 1, 0)
    assert "the figures of redis cannot be told: ValueError('a queue that says nothing')" in caplog.text


def test_a_group_without_a_hold_has_no_line(open_house: Callable[..., House]) -> None:
    found = told(open_house(acme(groups=sales())))
    assert [name for name in found if name[0].startswith("ringpath_waiting")] == []


# Jobs failed, workers alive (issue 5, part 7). A worker that was killed says no farewell.
@pytest.mark.usefixtures("anew")
def test_jobs_and_workers_are_told_by_queue(open_house: Callable[..., House], redis: Redis) -> None:
    house = open_house()
    workers = [SimpleWorker([queue(redis, name)], connection=redis, **OURS) for name in QUEUES]
    workers[0].register_birth()
    queue(redis, SLOW).enqueue("tests.no.such", job_id="fails")
    queue(redis, SLOW).enqueue("tests.no.such", job_id="waits")
    workers[1].work(burst=True, max_jobs=1, logging_level="CRITICAL")
    found = told(house)
    assert (found["ringpath_jobs_failed", SLOW], found["ringpath_jobs_waiting", SLOW]) == (1, 1)
    assert (found["ringpath_workers", QUEUES[0]], found["ringpath_workers", SLOW]) == (1, 0)
    redis.delete(workers[0].key)
    assert told(house)["ringpath_workers", QUEUES[0]] == 0
    assert (alive(redis), unattended(redis)) == (dict.fromkeys(QUEUES, 0), list(QUEUES))


def test_the_balance_is_told_to_those_only_who_show_the_token(open_house: Callable[..., House], redis: Redis) -> None:
    token = "of sixteen letters at least"
    redis.set(keys.BALANCE, "12.50")
    assert ("ringpath_balance",) not in told(open_house())
    closed = open_house(metrics_token=token)
    assert closed.app.test_client().get("/metrics").status_code == 401
    assert told(closed, Authorization=f"Bearer {token}")["ringpath_balance",] == 12.5


ILL = ("database", "worker")
"""What is not well in a house of the tests: its tables are there and no migration, and nobody works."""


# What /readyz says, as a figure to be warned by: the balance too, of which no more is told than there.
@pytest.mark.usefixtures("anew")
def test_each_part_of_readyz_is_told_to_be_well_or_not(open_house: Callable[..., House], redis: Redis) -> None:
    house = open_house(acme(forwarding={"countries": ["ES"], "minimum_balance": 5}))
    redis.set(keys.BALANCE, "12.50")

    def parts() -> dict[str, float]:
        return {name[1]: value for name, value in told(house).items() if name[0] == "ringpath_part_well"}

    assert parts() == dict.fromkeys(house.app.extensions["reception"].checks, 1.0) | dict.fromkeys(ILL, 0.0)
    redis.set(keys.BALANCE, "1.50")
    assert [name for name, well in parts().items() if not well] == [*ILL, "balance"]
    assert ("ringpath_balance",) not in told(house)


def test_a_part_that_does_not_say_how_it_is_keeps_no_other_back(open_house: Callable[..., House]) -> None:
    house, ends = open_house(), threading.Event()
    reception = house.app.extensions["reception"]
    checks = {"redis": lambda: (), "database": lambda: (ends.wait(30),), "crm": lambda: ()}
    found = {
        sample.labels["part"]: sample.value
        for family in Gauges(replace(reception, checks=checks), tells_balance=False).collect()
        for sample in family.samples
        if sample.name == "ringpath_part_well"
    }
    ends.set()
    assert found == {"redis": 1}


def test_recordings_that_wait_and_that_failed_are_told(open_house: Callable[..., House]) -> None:
    house = open_house()
    with house.engine.begin() as connection:
        for number, state in enumerate(("pending", "failed", "failed", "kept")):
            values = {
                "id": f"RE{number}",
                "call_id": "CA1",
                "kind": "recording",
                "url": "https://x",
                "seconds": 1,
                "attempts": 0,
            }
            moment = {"recorded_at": house.clock.now()}
            connection.execute(insert(recordings).values(state=state, **values, **moment))
    found = told(house)
    assert (found["ringpath_recordings_pending",], found["ringpath_recordings_failed",]) == (1, 2)


# A number at the provider whose settings are missing: its callers hear an apology, and somebody is to be told.
def test_calls_to_a_number_that_nobody_has_set_up_are_counted(open_house: Callable[..., House]) -> None:
    house = open_house()
    name = ("ringpath_troubles_total", "nameless")
    before = told(house)[name]
    Caller(house.exchange).dials("+34919999999").ended()
    Caller(house.exchange).dials(MAIN).hangs_up()
    assert told(house)[name] == before + 1


# A store that is away: its figures are absent, and there is never a 500 or a hang.
def test_without_redis_its_figures_are_absent(open_house: Callable[..., House]) -> None:
    found = told(open_house(redis_url=AWAY))
    assert (found["ringpath_up", "redis"], found["ringpath_up", "sql"]) == (0, 1)
    assert ("ringpath_crm_pending",) in found
    assert {name[0] for name in found} & {"ringpath_calls_up", "ringpath_waiting", "ringpath_workers"} == set()


def test_without_sql_its_figures_are_absent(open_house: Callable[..., House]) -> None:
    house = open_house(database=NO_SQL)
    found = told(house)
    assert (found["ringpath_up", "redis"], found["ringpath_up", "sql"]) == (1, 0)
    assert ("ringpath_calls_up",) in found
    assert {name[0] for name in found} & {"ringpath_calls_total", "ringpath_crm_pending"} == set()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A Valkey that may hang."""
    there = Server(tmp_path)
    yield there
    os.kill(there.running.pid or 0, signal.SIGCONT)
    there.is_killed()


def test_a_redis_that_hangs_holds_nobody_up(open_house: Callable[..., House], server: Server) -> None:
    house = open_house(redis_url=server.url)
    server.hangs()
    began = time.monotonic()
    assert told(house)["ringpath_up", "redis"] == 0
    assert time.monotonic() - began < DEADLINE + 3


def test_whoever_asks_while_somebody_asks_gets_the_same_answer() -> None:
    asked: list[int] = []
    question = _Asked(lambda: asked.append(1) or len(asked), "test")
    one, other = question.begin(), question.begin()
    assert question.answer(one, time.monotonic() + 30) == question.answer(other, time.monotonic() + 30) == 1
    assert question.answer(question.begin(), time.monotonic() + 30) == 1, "nor again at once"
    question._answered_at -= 60
    assert question.answer(question.begin(), time.monotonic() + 30) == 2


def test_a_store_that_says_nothing_is_not_waited_for_and_not_asked_once_more() -> None:
    asked, answers = list[int](), threading.Event()
    question = _Asked(lambda: (asked.append(1), answers.wait(30)), "test")
    began = time.monotonic()
    for _ in range(3):
        assert question.answer(question.begin(), began + 0.1) is None
    assert time.monotonic() - began < 10
    answers.set()
    assert asked == [1]


# Flat: the same round trips with 1,000 groups (DESIGN section 8).
def test_a_thousand_groups_take_no_more_round_trips(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    trips: list[Any] = []
    connection = redis.connection_pool.connection_class
    send = connection.send_packed_command
    monkeypatch.setattr(connection, "send_packed_command", lambda *a, **k: trips.append(1) or send(*a, **k))

    def cost(groups: int) -> int:
        group = {"members": ["ana"], "no_answer": "hold", "hold": {}}
        company = parse(acme(groups=sales() | {f"g{i}": group | {"name": f"Group {i}"} for i in range(groups)}))
        measures.measures(redis, company, at("2026-11-24 10:30"))
        trips.clear()
        assert len(measures.measures(redis, company, at("2026-11-24 10:30")).waiting) == groups
        return len(trips)

    assert cost(1) == cost(1000) <= 4


def test_the_names_of_labels_are_those_of_the_settings(open_house: Callable[..., House]) -> None:
    house = open_house(holding())
    reception = house.app.extensions["reception"]
    families = list(Gauges(reception, tells_balance=False).collect())
    labels = {value for family in families for sample in family.samples for value in sample.labels.values()}
    assert {"sales", "redis", "sql", "answered", *QUEUES} <= labels
    assert len({family.name for family in families}) == len(families)
