"""Redis and SQL that answer, and take nothing: full, or read-only. No caller notices, and everything is made good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import create_engine

from calls import ledger
from calls.tables import metadata
from live import readings, refusals
from live.queue import PERIODIC, QUEUES, enqueue_due, queue
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, OUTSIDE, OpenHouse, acme, sales
from tests.calls.conftest import Check
from tests.calls.journeys import EVERYTHING, MOMENTS, WHOLE
from tests.calls.on_file import caught_up, closer, details, on_file, settle
from tests.providers import needs
from tests.refusing import REFUSES, SQL_REFUSES, refusing, sql_refusing
from voice.ending import ended
from voice.ending.ended import close_ended

ROUND = acme(groups=sales(members=["ana", "luis"], distribution="in_order", no_answer="voicemail"))

ENDS = {
    "a member answers": "answered",
    "an extension answers": "answered",
    "an extension goes on to the group": "answered",
    "a mobile answers": "forwarded",
    "nobody answers": "missed",
    "a message": "voicemail",
    "a message without a word": "missed",
    "unknown extensions": "abandoned",
    "wrong keys": "abandoned",
}
"""What is on file of a call (tests.calls.journeys)."""


@pytest.fixture(autouse=True)
def asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for the clock."""
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    monkeypatch.setattr("voice.ending.later.TRY_AGAIN", 0.01)
    monkeypatch.setattr("live.refusals.COMPLAINS_EVERY", 0.0)


@pytest.fixture(autouse=True)
def told(open_house: OpenHouse, caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """What the log says: told(). That the operator has to mend a store is no failure of the app, for open_house."""
    assert open_house
    yield lambda: caplog.text
    records = caplog.get_records("call")
    records[:] = [each for each in records if each.module != refusals.__name__.rpartition(".")[2]]


def goes_on(caller: Caller) -> None:
    """The caller does nothing until the call is over."""
    for _ in range(200):
        if caller.call.is_over:
            return
        caller.exchange.advance(max(caller.call.waiting.deadline - caller.exchange.clock.seconds, 0))


# Every reason for which a Redis refuses, in turn over every kind of call.
@pytest.mark.parametrize(("journey", "how"), [*zip(ENDS, cycle(REFUSES), strict=False)])
def test_whole_calls_while_redis_takes_nothing(
    open_house: OpenHouse, redis: Redis, told: Callable[[], str], journey: str, how: str
) -> None:
    house = open_house(EVERYTHING)
    with refusing(redis, how):
        caller = Caller(house.exchange)
        WHOLE[journey](caller)
    found = on_file(house, caller, redis)
    assert found.outcome == ENDS[journey]
    assert found.trace
    assert "Redis is " in told()
    assert "failed in Redis" not in told(), "it has no objection to this call alone"


# It begins to refuse at any moment, and takes everything again before the call is over.
@pytest.mark.parametrize(("moment", "how"), [*zip(MOMENTS, cycle(REFUSES), strict=False)])
def test_redis_takes_nothing_for_a_while_in_the_middle_of_a_call(
    open_house: OpenHouse, redis: Redis, nothing_left: Check, told: Callable[[], str], moment: str, how: str
) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange)
    MOMENTS[moment](caller)
    with refusing(redis, how):
        caller.exchange.advance(max(caller.call.waiting.deadline - caller.exchange.clock.seconds, 0))
    goes_on(caller)
    assert caller.call.is_over
    for call in house.exchange.calls.values():
        if not call.is_over:
            call.finish_talk()
    ends_are_told_late(house, redis)
    assert on_file(house, caller, redis).outcome
    nothing_left(house)


def ends_are_told_late(house: House, redis: Redis) -> int:
    """As the job does it before it settles records; nobody has a provider who could be asked."""
    house.clock.advance(15)
    return ends_are_told(house, redis)


def ends_are_told(house: House, redis: Redis) -> int:
    """Tell Redis now of the ends that it has missed."""
    return close_ended(redis, closer(house).engine, house.app.extensions["ringpath"].live.end, house.clock.now())


# Nor are people busy afterwards for as long as a talk may last; the record gets what Redis knows of its call.
@needs("legs")
def test_an_end_that_redis_did_not_take_is_told_it_later_once(
    open_house: OpenHouse, redis: Redis, nothing_left: Check
) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana", 12)
    talking = Caller(house.exchange, "+34600000002").dials(MAIN).rings("luis").answers("luis").talks_to("luis")
    with refusing(redis, "unable to persist"):
        caller.other_side_hangs_up().ended()
    assert readings.presence(redis, "ana", house.clock.now()).state == "talking"
    assert [ends_are_told_late(house, redis) for _ in range(2)] == [1, 0]
    assert readings.presence(redis, "ana", house.clock.now()).state == "free"
    assert readings.presence(redis, "luis", house.clock.now()).state == "talking"
    found = on_file(house, caller, redis)
    assert (found.outcome, found.answered_by, found.talk_seconds) == ("answered", "ana", 42)
    talking.other_side_hangs_up().ended()
    nothing_left(house)


def two_talks(house: House) -> list[Caller]:
    """Ana talks on the first call, and Luis on the second."""
    first = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana")
    return [first, Caller(house.exchange, "+34600000002").dials(MAIN).rings("luis").answers("luis")]


# By then Redis has been told, if it could be: what it is being told at this moment is not told as late.
@needs("legs")
def test_what_has_just_ended_is_not_told_again(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")))
    caller, _ = two_talks(house)
    with refusing(redis, "a replica"):
        caller.other_side_hangs_up().ended()
    house.clock.advance(ended.LATE.total_seconds() - 1)
    assert ends_are_told(house, redis) == 0
    house.clock.advance(2)
    assert ends_are_told(house, redis) == 1


# The first are looked at; when they are settled the others come to their turn.
@needs("legs")
def test_so_many_ends_are_looked_at_and_the_next_run_goes_on(
    open_house: OpenHouse, redis: Redis, nothing_left: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ended, "MOST", 1)
    house = open_house(acme(groups=sales(distribution="in_order")))
    first, second = two_talks(house)
    with refusing(redis, "a replica"):
        first.other_side_hangs_up().ended()
        house.clock.advance(1)
        second.other_side_hangs_up().ended()
    assert ends_are_told_late(house, redis) == 1
    assert readings.active(redis).keys() == {second.call.sid}
    settle(house, redis)
    assert ends_are_told(house, redis) == 1
    nothing_left(house)


# What is known of who talks is read as ever, but cannot be marked: as without Redis, rather ring one who talks.
def test_somebody_who_begins_to_talk_may_be_rung(open_house: OpenHouse, redis: Redis, told: Callable[[], str]) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")))
    with refusing(redis, "full"):
        Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
        Caller(house.exchange, "+34600000002").dials(MAIN).rings("ana")
    assert "raise its maxmemory" in told()


# One that is full takes what makes room: an end frees whom its call held, as ever.
@needs("legs")
def test_an_end_frees_people_in_a_redis_that_is_full(open_house: OpenHouse, redis: Redis, nothing_left: Check) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana", 12)
    with refusing(redis, "full"):
        caller.other_side_hangs_up().ended()
    nothing_left(house)
    assert on_file(house, caller, redis).talk_seconds == 12


# rq: a job is enqueued whole or not at all, and the next period's comes when there is room.
@pytest.mark.parametrize("how", REFUSES)
def test_jobs_are_enqueued_whole_or_not_at_all(redis: Redis, how: str) -> None:
    with refusing(redis, how), pytest.raises(Exception, match=r"maxmemory|MISCONF|read only"):
        enqueue_due(redis, 1_000_000.0)
    assert redis.keys("rq:*") == []
    enqueue_due(redis, 1_000_000.0)
    assert sum(len(queue(redis, name)) for name in QUEUES) == len(PERIODIC)


def narrow(folder: Path) -> str:
    """A file with pages so small that no record fits into what is there."""
    engine = create_engine(f"sqlite:///{folder}/narrow.sqlite")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA page_size = 512")
        metadata.create_all(connection)
        connection.commit()
    engine.dispose()
    return f"sqlite:///{folder}/narrow.sqlite"


def codes(caller: Caller) -> set[int | None]:
    """How the ends that were told were answered."""
    return {each.status_code for each in caller.call.webhooks if "/voice/status" in each.url}


SAYS = {"full": "without room on its disk", "read-only": "read-only"}


@pytest.mark.parametrize("how", SQL_REFUSES["sqlite"])
def test_the_record_of_a_call_waits_in_redis_for_a_database_that_takes_nothing(
    open_house: OpenHouse, redis: Redis, tmp_path: Path, told: Callable[[], str], how: str
) -> None:
    house = open_house(ROUND, database=narrow(tmp_path))
    with sql_refusing(closer(house).engine, how):
        caller = Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana", 12)
        caller.other_side_hangs_up().ended()
        assert codes(caller) == {200}
        assert f"the database is {SAYS[how]}" in told()
        with pytest.raises(Exception, match=r"full|readonly"):
            settle(house, redis)
    with house.engine.connect() as connection:
        assert ledger.find(connection, caller.call.sid) is None
    found = on_file(house, caller, redis)
    assert (found.outcome, found.answered_by) == ("answered", "ana")


# Neither takes anything: the callers go on, the provider is asked to tell of the end again, and what was decided
# is put into the trace when there is room.
@pytest.mark.parametrize(("redis_is", "sql_is"), [("full", "full"), ("a replica", "read-only")])
def test_a_call_goes_on_though_neither_redis_nor_sql_takes_anything(
    open_house: OpenHouse, redis: Redis, tmp_path: Path, told: Callable[[], str], redis_is: str, sql_is: str
) -> None:
    house = open_house(acme(groups=sales(members=["ana"])), database=narrow(tmp_path))
    with refusing(redis, redis_is), sql_refusing(closer(house).engine, sql_is):
        caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().is_forwarded_to(OUTSIDE)
        caller.answers(OUTSIDE).talks_to(OUTSIDE, 12)
        other = Caller(house.exchange, "+34600000002").dials(MAIN).rings("ana").hangs_up().ended()
        assert codes(other) == ({200} if redis_is == "full" else {503})
    house.exchange.faults.clear()
    caller.other_side_hangs_up().ended()
    caught_up(house)
    assert on_file(house, caller, redis).outcome == "forwarded"
    assert [note["code"] for note in details(house, caller).trace][:3] == ["arrived", "group", "rings"]


# A file that is read-only for a while in a call without Redis: its trace is on file all the same.
def test_a_trace_waits_in_memory_for_a_database_that_takes_nothing(
    open_house: OpenHouse, redis: Redis, tmp_path: Path, told: Callable[[], str]
) -> None:
    house = open_house(ROUND, database=narrow(tmp_path))
    with refusing(redis, "unable to persist"):
        with sql_refusing(closer(house).engine, "read-only"):
            caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana").nobody_answers().rings("luis")
        caught_up(house)
        caller.answers("luis").talks_to("luis", 12).other_side_hangs_up().ended()
        assert codes(caller) == {200}
    found = details(house, caller)
    assert (found.outcome, found.answered_by) == ("answered", "luis")
    assert "make room on its disk" in told()
