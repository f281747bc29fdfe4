"""What is told of a call after its record was settled, as recordings are: kept, whatever Redis does meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq.timeouts import JobTimeoutException
from sqlalchemy import select

from calls import ledger
from calls.details import LegFact
from calls.tables import recordings
from flows.calls import Call
from live import keys
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, OpenHouse, acme, sales
from tests.calls.on_file import closer, details, settle
from tests.calls.servers import Server
from tests.databases import tables_are_away
from tests.providers import needs
from voice.ending.closing import settle_due

ROUND = acme(groups=sales(members=["ana", "luis"], no_answer="voicemail"))
RECORDED = {"code": "recorded", "seconds": 12, "url": "https://x.example.com/RE1", "sid": "RE1", "source": "DialVerb"}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Redis of its own; one that failed is asked again at once, so that no test waits for the clock."""
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    server = Server(tmp_path)
    yield server
    server.is_killed()


def answered(house: House) -> Caller:
    return Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12).hangs_up()


def a_recording_is_told(house: House, caller: Caller) -> None:
    call = Call(id=caller.call.sid, number=MAIN, caller=CUSTOMER, called=MAIN)
    house.clock.advance(60)
    assert house.app.extensions["ringpath"].live.tell(call, "RE1", RECORDED, house.clock.now())


def a_recording_that_was_put_off_is_told(house: House, caller: Caller) -> None:
    """The provider told of it before the record was settled, to a web process that had too much to do."""
    call, told_at = Call(id=caller.call.sid, number=MAIN, caller=CUSTOMER, called=MAIN), house.clock.now()
    house.clock.advance(60)
    assert house.app.extensions["ringpath"].live.tell(call, "RE1", RECORDED, house.clock.now(), told_at)


def kept(house: House) -> list[str]:
    with house.engine.connect() as connection:
        return list(connection.scalars(select(recordings.c.id)))


# "recordings never attached" (issue 3, complaints): a recording is told when the call has long been settled.
@pytest.mark.parametrize("tells", [a_recording_is_told, a_recording_that_was_put_off_is_told])
def test_a_recording_that_is_told_while_redis_is_away_is_kept(
    open_house: OpenHouse, server: Server, tells: Callable[[House, Caller], None]
) -> None:
    house = open_house(ROUND, redis_url=server.url)
    caller = answered(house)
    with Redis.from_url(server.url) as redis:
        assert settle(house, redis) == 1
    server.is_killed()
    tells(house, caller)
    server.comes_back()
    with Redis.from_url(server.url) as redis:
        assert settle(house, redis) == 1
        assert settle(house, redis) == 0  # once
    assert kept(house) == ["RE1"]
    assert details(house, caller).outcome == "answered"


@needs("talk")
def test_a_recording_that_is_told_to_a_redis_that_has_forgotten_the_call_is_kept(
    open_house: OpenHouse, server: Server
) -> None:
    house = open_house(ROUND, redis_url=server.url)
    caller = answered(house)
    with Redis.from_url(server.url) as redis:
        assert settle(house, redis) == 1
        redis.flushall()
        a_recording_is_told(house, caller)
        assert settle(house, redis) == 1
    assert kept(house) == ["RE1"]
    assert details(house, caller).talk_seconds == 12


# "If SQL refuses the write, the record waits in Redis": for days, when somebody has to come and mend it.
def test_a_record_waits_for_days_for_a_database_that_refuses(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    with tables_are_away(house.engine, "calls"):
        caller = answered(house)
    names = (keys.call(caller.call.sid), keys.trace(caller.call.sid))
    assert all(int(redis.ttl(name)) > 6 * 86_400 for name in (*names, keys.ENDED))  # type: ignore[arg-type]
    assert settle(house, redis) == 1
    assert details(house, caller).outcome == "answered"
    assert all(int(redis.ttl(name)) <= 86_400 for name in names)  # type: ignore[arg-type]


# rq ends a job by an exception that is thrown into it wherever it is: it must end the run, and no call's record.
def test_the_end_of_the_job_is_not_taken_for_a_fault_of_the_call(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(ROUND)
    callers = [Caller(house.exchange, CUSTOMER).dials(MAIN).hangs_up() for _ in range(2)]

    def too_late(*_: object) -> None:
        raise JobTimeoutException("too late")

    with monkeypatch.context() as patch:
        patch.setattr(ledger, "write", too_late)
        with pytest.raises(JobTimeoutException):
            settle(house, redis)
    assert settle(house, redis) == 2
    assert [details(house, caller).settled_at is not None for caller in callers] == [True, True]


def test_a_run_ends_when_its_time_is_up_and_the_next_goes_on(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    for _ in range(3):
        Caller(house.exchange, CUSTOMER).dials(MAIN).hangs_up()
    now, answers = house.clock.now() + timedelta(seconds=30), iter([True, True, False, False])

    def legs(_: str) -> tuple[LegFact, ...]:
        return ()

    assert settle_due(redis, closer(house), legs, now, in_time=lambda: next(answers)) == 2
    assert settle_due(redis, closer(house), legs, now) == 1
