"""The look-up: who calls is asked once, beside the webhooks, known to every process, and never waited for too long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis

from config.company import Company
from crm import lookup
from crm.crm import Contact
from crm.lookup import ASKING, ASKING_FOR, FAILED, KNOWN_FOR, Lookups
from live import keys
from live.connection import connect
from tests.crm.filing.memory import Memory, fails
from tests.details.rows import MORENO, PRADO, STRANGER
from tests.waiting import SOON, until

KNOWN = "+34655000002"
EVAS = Contact(kind="lead", id="7", name="Azahar", user=18)  # 18 is Eva in the sample
Process = Callable[[], Lookups]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer is late because this machine does something else meanwhile."""
    monkeypatch.setattr(lookup, "DEADLINE", SOON)


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch, _patient: None) -> None:
    """The answer of this test comes too late."""
    monkeypatch.setattr(lookup, "DEADLINE", 0.3)


@pytest.fixture
def crm() -> Memory:
    return Memory({KNOWN: EVAS})


@pytest.fixture
def process(sample: Company, crm: Memory, redis: Redis) -> Process:
    """One more process that takes webhooks: process()."""
    return lambda: Lookups(company=sample, crm=crm, redis=redis)


def idle(here: Lookups) -> None:
    until(lambda: not here._asked)


def kept(redis: Redis, caller: str = KNOWN) -> Any:
    return redis.get(keys.lookup(caller))


def test_who_is_responsible_is_known_by_the_crms_user(process: Process, crm: Memory) -> None:
    here = process()
    here.begin(KNOWN)
    assert here.responsible(KNOWN) == "eva"
    assert here.responsible(KNOWN) == "eva"
    assert crm.asked == [KNOWN]


# "the settings' own list first"
@pytest.mark.parametrize(("caller", "employee"), [(MORENO, "eva"), (PRADO, None)])
def test_whom_the_settings_list_the_crm_is_not_asked_about(
    process: Process, crm: Memory, caller: str, employee: str | None
) -> None:
    crm.contacts[caller] = EVAS
    here = process()
    here.begin(caller)
    assert here.responsible(caller) == employee
    assert crm.asked == []


def test_without_a_crm_only_the_list_knows_anybody(sample: Company, redis: Redis) -> None:
    here = Lookups(company=sample, crm=None, redis=redis)
    here.begin(KNOWN)
    assert (here.responsible(KNOWN), here.responsible(MORENO)) == (None, "eva")
    assert kept(redis) is None


def test_a_user_who_has_no_telephone_here_is_nobody(process: Process, crm: Memory) -> None:
    crm.contacts[KNOWN] = Contact(kind="lead", id="7", name="Azahar", user=99)
    assert process().responsible(KNOWN) is None


# "kept in Redis for a few minutes", because the next webhook may reach another process.
@pytest.mark.parametrize(("caller", "employee"), [(KNOWN, "eva"), (STRANGER, None)])
def test_an_answer_serves_every_process_for_some_minutes(
    process: Process, crm: Memory, redis: Redis, caller: str, employee: str | None
) -> None:
    assert process().responsible(caller) == employee
    assert process().responsible(caller) == employee
    assert crm.asked == [caller]
    assert KNOWN_FOR - 5 <= redis.ttl(keys.lookup(caller)) <= KNOWN_FOR
    redis.delete(keys.lookup(caller))  # as when they are over
    process().responsible(caller)
    assert len(crm.asked) == 2


def test_a_process_takes_what_another_is_asking_for(process: Process, crm: Memory, redis: Redis) -> None:
    answers = threading.Event()
    crm.at("search", lambda: answers.wait(SOON))
    first, second = process(), process()
    first.begin(KNOWN)
    until(lambda: kept(redis) == ASKING)
    assert 0 < redis.ttl(keys.lookup(KNOWN)) <= ASKING_FOR, "should this process die"
    with ThreadPoolExecutor() as pool:
        found = pool.submit(second.responsible, KNOWN)
        until(lambda: second._asked)
        answers.set()
        assert found.result(SOON) == "eva"
    assert crm.asked == [KNOWN]


def test_many_who_ask_at_once_ask_once(process: Process, crm: Memory) -> None:
    processes = [process() for _ in range(2)]
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda n: processes[n % 2].responsible(KNOWN), range(16)))
    assert found == {"eva"}
    assert crm.asked == [KNOWN]


# "late or failing means unknown caller, never a late answer"
def test_a_late_answer_is_not_waited_for_and_serves_the_next_call(
    process: Process, crm: Memory, monkeypatch: pytest.MonkeyPatch, hurried: None
) -> None:
    answers, here = threading.Event(), process()
    crm.at("search", lambda: answers.wait(SOON))
    began = time.monotonic()
    here.begin(KNOWN)
    assert here.responsible(KNOWN) is None
    assert 0.3 <= time.monotonic() - began < SOON / 2
    answers.set()
    idle(here)
    monkeypatch.setattr(lookup, "DEADLINE", SOON)
    assert process().responsible(KNOWN) == "eva"
    assert crm.asked == [KNOWN]


def test_a_process_that_died_while_it_asked_keeps_nobody_for_long(
    process: Process, crm: Memory, redis: Redis, monkeypatch: pytest.MonkeyPatch, hurried: None
) -> None:
    redis.set(keys.lookup(KNOWN), ASKING)
    here = process()
    assert here.responsible(KNOWN) is None
    idle(here)
    assert crm.asked == []
    redis.delete(keys.lookup(KNOWN))  # it ends by itself
    monkeypatch.setattr(lookup, "DEADLINE", SOON)
    assert process().responsible(KNOWN) == "eva"


def test_a_crm_that_fails_is_not_asked_again_at_once(process: Process, crm: Memory, redis: Redis, caplog: Any) -> None:
    crm.at("search", fails("too slow", down=True))
    assert process().responsible(KNOWN) is None
    assert kept(redis) == FAILED
    assert 0 < redis.ttl(keys.lookup(KNOWN)) <= ASKING_FOR
    assert process().responsible(KNOWN) is None
    assert crm.asked == []
    assert len(caplog.records) == 1, "the failure is told once"
    redis.delete(keys.lookup(KNOWN))
    assert process().responsible(KNOWN) == "eva"


def test_an_error_inside_means_an_unknown_caller_and_is_logged(process: Process, crm: Memory, caplog: Any) -> None:
    def breaks() -> None:
        raise KeyError("CRM_ENTITY_TYPE")

    here = process()
    crm.at("search", breaks)
    assert here.responsible(KNOWN) is None
    idle(here)
    assert [record.exc_info is not None for record in caplog.records] == [True]


def test_what_another_version_has_kept_means_an_unknown_caller(process: Process, redis: Redis) -> None:
    redis.set(keys.lookup(KNOWN), b'{"kind": "lead", "surprise": 1}')
    assert process().responsible(KNOWN) is None


def test_without_redis_each_process_asks_for_itself(sample: Company, crm: Memory, caplog: Any) -> None:
    gone = connect("redis://127.0.0.1:1/0")
    for _ in range(2):
        assert Lookups(company=sample, crm=crm, redis=gone).responsible(KNOWN) == "eva"
    assert crm.asked == [KNOWN, KNOWN]
    assert "cannot be kept" in caplog.text


# A CRM that answers from the app's own database: nothing is kept, so that a change shows at once.
def test_a_near_crm_is_asked_each_time_and_nothing_is_kept(process: Process, crm: Memory, redis: Redis) -> None:
    crm.near = True
    assert process().responsible(KNOWN) == "eva"
    del crm.contacts[KNOWN]
    assert process().responsible(KNOWN) is None
    assert kept(redis) is None


# As while SQL is away: one line for a call, which no watch takes for a fault of ours, and no traceback.
def test_a_near_crm_that_fails_is_told_in_one_line(process: Process, crm: Memory, caplog: Any) -> None:
    crm.near, here = True, process()
    crm.at("search", fails("the address book cannot be read: no such table", down=True))
    assert here.responsible(KNOWN) is None
    idle(here)
    (line,) = caplog.records
    assert (line.levelname, line.exc_info) == ("WARNING", None)
    assert line.getMessage().endswith("the address book cannot be read: no such table")


def test_more_callers_than_can_be_asked_about_at_once_are_unknown(
    process: Process, crm: Memory, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    monkeypatch.setattr(lookup, "MOST_AT_ONCE", 1)
    answers, here = threading.Event(), process()
    crm.at("search", lambda: answers.wait(SOON))
    here.begin(STRANGER)
    until(lambda: not crm.steps)
    assert here.responsible(KNOWN) is None
    assert f"{KNOWN} counts as unknown" in caplog.text
    assert crm.asked == []
    answers.set()
    idle(here)
    assert here.responsible(KNOWN) == "eva"


def test_to_begin_takes_no_time(process: Process, crm: Memory) -> None:
    answers, here = threading.Event(), process()
    crm.at("search", lambda: answers.wait(SOON))
    began = time.monotonic()
    here.begin(KNOWN)
    here.begin(KNOWN)
    assert time.monotonic() - began < SOON / 2
    answers.set()
    idle(here)
    assert crm.asked == [KNOWN]
