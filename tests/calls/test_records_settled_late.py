"""Records that no list knows of: settled late, by all that Redis, SQL and the provider have of the call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from calls.details import CallFacts, LegFact, details_of, doubtful
from config.loader import parse
from flows.calls import Call
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, OFFICE, OUTSIDE, OpenHouse, acme, number, sales, say
from tests.calls.on_file import closer, details, on_file
from tests.calls.servers import Server
from tests.moments import OPEN, at
from tests.providers import needs
from voice.ending.closing import ASK_AGAIN, UNSETTLED_FOR, settle_due
from voice.provider.errors import ProviderError

ROUND = acme(groups=sales(members=["ana", "luis"], no_answer="voicemail"))

ROUNDED = timedelta(seconds=1)
"""The provider tells whole seconds."""


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A Redis of its own; one that failed is asked again at once, so that no test waits for the clock."""
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    server = Server(tmp_path)
    yield server
    server.is_killed()


def settle_late(house: House, redis: Redis, *legs: LegFact) -> int:
    """Let so much time pass that nothing more is waited for, and settle."""
    late = house.clock.now() + UNSETTLED_FOR + timedelta(minutes=1)
    return settle_due(redis, closer(house), lambda _: legs, late)


# Redis was killed during the talk: who was rung is known to it alone, that somebody answered to SQL alone. While no
# worker runs that would ask the provider, nothing is filed by half of it.
@needs("talk")
def test_what_redis_kept_before_it_was_killed_counts(open_house: OpenHouse, server: Server) -> None:
    house = open_house(ROUND, redis_url=server.url)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).nobody_answers().rings("luis").answers("luis")
    server.is_killed()
    caller.talks_to("luis", 12).other_side_hangs_up().ended()
    assert details(house, caller).answered_by is None
    server.comes_back()
    with Redis.from_url(server.url) as redis:
        assert settle_late(house, redis) == 1
    found = details(house, caller)
    assert (found.outcome, found.employee, found.answered_by, found.talk_seconds) == ("answered", "luis", "luis", 12)
    assert found.settled_at is not None


# The recording's callback came when the record had been written already, and Redis was still gone.
@needs("legs")
def test_what_sql_has_kept_after_the_end_counts(open_house: OpenHouse, server: Server) -> None:
    house = open_house(ROUND, redis_url=server.url)
    server.is_killed()
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12).hangs_up()
    note = {"code": "recorded", "seconds": 12, "url": "", "sid": "RE1"}
    call = Call(id=caller.call.sid, number=MAIN, caller=CUSTOMER, called=MAIN)
    house.app.extensions["ringpath"].live.tell(call, "RE1", note, house.clock.now())
    server.comes_back()
    with Redis.from_url(server.url) as redis:
        settle_late(house, redis)
    codes = [note["code"] for note in details(house, caller).trace]
    assert (codes[-1], codes.count("answered"), codes.count("picked_up")) == ("recorded", 1, 1)


# After hours without a worker more calls wait to be settled than one run takes: none is filed as it is.
@needs("sound")
def test_a_call_that_waits_its_turn_is_not_settled_by_less(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(ROUND)
    house.exchange.hangup_action = False
    callers = [
        Caller(house.exchange, CUSTOMER).dials(MAIN).nobody_answers().nobody_answers().leaves_message(4).hangs_up()
        for _ in range(3)
    ]
    monkeypatch.setattr("voice.ending.closing.MOST_SETTLED", 1)
    for _ in range(3):
        settle_late(house, redis)
    assert [details(house, caller).outcome for caller in callers] == ["voicemail"] * 3


# One record that cannot be worked out keeps no other from being filed, and is filed itself.
def test_a_record_that_cannot_be_settled_is_filed_as_it_is(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 12).hangs_up()
    redis.flushall()
    monkeypatch.setattr("voice.ending.closing.doubtful", None)
    assert settle_late(house, redis) == 1
    assert (details(house, caller).outcome, details(house, caller).settled_at is None) == ("answered", False)
    caplog.clear()  # it was logged as an error, rightly


# Of a call that never reached the app it is not known that the caller hung up: the company has missed it.
def test_a_call_of_which_nothing_is_known_was_missed_and_the_provider_is_asked() -> None:
    company, moment = parse(ROUND), at(OPEN)
    facts = CallFacts(
        id="CA1",
        number=MAIN,
        caller=CUSTOMER,
        started_at=moment,
        ended_at=moment,
        trace=({"code": "ended", "status": "completed", "t": int(moment.timestamp() * 1000)},),
    )
    found = details_of(facts, company)
    assert (found.outcome, found.code, found.employee) == ("missed", "480", "ana")
    assert doubtful(facts)


# The fallback took the call and nobody answered: the caller did not give up, the company missed him.
def test_a_call_that_the_fallback_ended_was_missed(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana")
    call = Call(id=caller.call.sid, number=MAIN, caller=CUSTOMER, called=MAIN)
    why = {"code": "failed", "why": "the provider reports error 11200"}
    house.app.extensions["ringpath"].live.tell(call, "fallback", why, house.clock.now())
    house.exchange.hangup_action = False
    caller.hangs_up()
    settle_late(house, redis)
    assert (details(house, caller).outcome, details(house, caller).employee) == ("missed", "ana")


def lose_first_answer(house: House) -> None:
    """Let the provider get no document for a call that arrives, as from a process that is killed."""
    house.exchange.provider = replace(
        house.exchange.provider, voice_url=f"{house.exchange.provider.public_url}/nowhere"
    )


# Whoever is sent away out of hours has met a closed company, whichever of us says so.
@pytest.mark.parametrize("lost", ["inside", pytest.param("on the way", marks=needs("fallback"))])
def test_a_call_that_took_the_safe_way_out_of_hours_met_a_closed_company(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, lost: str
) -> None:
    house = open_house(
        acme(schedules={"office": OFFICE}, numbers=number(schedule="office", closed="hang_up")), when="2026-11-24 22:00"
    )
    if lost == "inside":
        monkeypatch.setattr("voice.door.decide", None)
    else:
        lose_first_answer(house)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).hears("Adiós").ended()
    caplog.clear()
    house.exchange.faults.clear()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.out_of_hours, found.code) == ("closed", True, "480")


# What the provider never tells of two calls is not to keep it from being asked about all others.
def test_calls_of_which_the_provider_does_not_tell_keep_no_others(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward": OUTSIDE})))
    house.exchange.hangup_action = False
    callers = [
        Caller(house.exchange, CUSTOMER).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE, 33).hangs_up() for _ in range(6)
    ]
    ids = sorted(caller.call.sid for caller in callers)
    untold, now = ids[:2], house.clock.now() + timedelta(minutes=1)

    def tells(call_id: str) -> list[LegFact]:
        if call_id in untold:
            raise ProviderError("it fails at this one", permanent=False)
        return [LegFact(to=OUTSIDE, status="completed", seconds=33)]

    for run in range(3):
        settle_due(redis, closer(house), tells, now + run * ASK_AGAIN)
    assert {c.call.sid for c in callers if details(house, c).settled_at is None} == set(untold)


# Redis is emptied while the first member rings: how long he rang is part of the caller's wait all the same.
@needs("talk")
def test_a_call_that_redis_has_forgotten_began_when_it_began(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    began = house.clock.now()
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana")
    redis.flushall()
    caller.nobody_answers().rings("luis").waits(3).answers("luis").talks_to("luis", 12).other_side_hangs_up().ended()
    for found in (details(house, caller), on_file(house, caller, redis)):
        assert abs(found.started_at - began) <= ROUNDED
        assert (found.answered_by, found.talk_seconds) == ("luis", 12)


# It was away at the first webhook, of which SQL was told instead.
def test_a_call_that_began_without_redis_began_when_it_began(open_house: OpenHouse, server: Server) -> None:
    house = open_house(acme(groups=sales(members=["ana"]), numbers=number(greeting=say("Hola."))), redis_url=server.url)
    began = house.clock.now()
    server.is_killed()
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).hears("Hola")
    server.comes_back()
    caller.stays_silent().rings("ana").waits(3).hangs_up().ended()
    with Redis.from_url(server.url) as redis:
        for found in (details(house, caller), on_file(house, caller, redis)):
            assert found.started_at == began


# Nothing but its end ever reached us: the provider says how long it lasted.
def test_a_call_of_which_only_the_end_was_told_began_as_long_before(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).answers("ana").talks_to("ana", 30)
    began = house.clock.now() - timedelta(seconds=30)
    redis.flushall()
    house.exchange.hangup_action = False
    caller.hangs_up().ended()
    assert abs(details(house, caller).started_at - began) <= ROUNDED
    assert abs(on_file(house, caller, redis).started_at - began) <= ROUNDED
