"""Rehearsals: simulated calls beside real ones. Neither notices the other, and nothing is left but a marked record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import select

from calls import blocks, ledger
from calls.details import CallDetails
from calls.tables import recordings
from flows.trace import sentence
from live import keys, readings
from local.house import House
from local.telephones import Line
from simulator import Caller, Recording, Ringing
from simulator.call import Call
from tests.calls.companies import CUSTOMER, MAIN, OFFICE, OUTSIDE, OpenHouse, acme, number, sales
from tests.calls.conftest import SetAway, WhoIs
from tests.calls.servers import Server
from tests.moments import at
from tests.providers import browser, chooses_providers, needs
from tests.providers import real as real_provider

NIGHT = "2026-11-24 22:00"


def rehearse(house: House, to: str = MAIN, from_: str = CUSTOMER, *, when: str | None = None) -> Line:
    """Place a simulated call, as the telephone in the browser does."""
    line: Line = house.app.extensions["reception"].telephone(at(when) if when else None)
    line.telephone.dial(from_=from_, to=to)
    return line


def ringing(line: Line) -> list[str]:
    waiting = line.telephone.call.waiting
    return [leg.device for leg in waiting.legs] if isinstance(waiting, Ringing) else []


def record(house: House, line: Line) -> CallDetails:
    with house.engine.connect() as connection:
        found = ledger.find(connection, line.telephone.call.sid)
    assert found is not None, "the rehearsal is not on file"
    return found


def left(redis: Redis) -> list[bytes]:
    return [key for key in redis.keys("*") if b"rehearsal" in key]


@pytest.fixture
def real(open_house: OpenHouse) -> House:
    """A house whose calls are real, with one group of one member."""
    return open_house(acme(groups=sales(members=["ana"])), provider=real_provider())


# Who rings in a rehearsal is free for a real caller.
@needs("legs")
def test_a_real_caller_is_offered_who_rings_and_talks_in_a_rehearsal(real: House, who_is: WhoIs) -> None:
    line = rehearse(real)
    assert ringing(line) == [browser("ana")]
    assert who_is(real) == {}
    caller = Caller(real.exchange).dials(MAIN).rings("ana")
    line.telephone.do(lambda call: call.answer(browser("ana")))
    assert who_is(real) == {"ana": "ringing"}
    caller.answers("ana").talks_to("ana")
    line.close()
    assert who_is(real) == {"ana": "talking"}
    caller.other_side_hangs_up().ended()


def test_a_rehearsal_is_offered_who_really_talks(real: House) -> None:
    caller = Caller(real.exchange).dials(MAIN).answers("ana")
    line = rehearse(real)
    assert ringing(line) == [browser("ana")]
    line.close()
    caller.talks_to("ana").other_side_hangs_up().ended()


def test_a_rehearsal_is_marked_settled_and_leaves_nothing_in_redis(real: House, redis: Redis) -> None:
    line = rehearse(real)
    assert left(redis)
    line.telephone.do(lambda call: call.answer(browser("ana")))
    line.telephone.do(Call.finish_talk)
    line.close()
    found = record(real, line)
    assert (found.outcome, found.employee, found.simulated) == ("answered", "ana", True)
    assert found.settled_at is not None
    assert left(redis) == []
    assert (readings.active(redis), readings.ended(redis, real.clock.now() + timedelta(days=9), 10)) == ({}, {})


def test_a_line_that_drops_hangs_up_and_leaves_nothing(real: House, redis: Redis) -> None:
    line = rehearse(real)
    line.close()
    assert (record(real, line).outcome, left(redis)) == ("abandoned", [])


def nightly(open_house: OpenHouse) -> House:
    """A house by night, where two calls are enough to be blocked."""
    night = {"schedules": {"office": OFFICE}, "numbers": number(schedule="office")}
    return open_house(acme(**night, auto_block={"calls": 2, "minutes": 60}), provider=real_provider(), when=NIGHT)


def blocked(house: House) -> list[str]:
    with house.engine.connect() as connection:
        return [block.number for block in blocks.active(connection, house.clock.now())]


def test_whoever_rehearses_the_night_blocks_nobody(open_house: OpenHouse) -> None:
    house = nightly(open_house)
    Caller(house.exchange, CUSTOMER).dials(MAIN).ended()
    for _ in range(3):
        rehearse(house).close()
    assert blocked(house) == []


# Somebody was blocked by his own calls and let off: a rehearsal is no reason to block him again.
def test_a_rehearsal_does_not_bring_back_a_block_that_was_lifted(open_house: OpenHouse) -> None:
    house = nightly(open_house)
    for _ in range(2):
        Caller(house.exchange, CUSTOMER).dials(MAIN).ended()
    assert blocked(house) == [CUSTOMER]
    with house.engine.begin() as connection:
        blocks.remove(connection, CUSTOMER)
    rehearse(house).close()
    assert blocked(house) == []


# Its sound exists nowhere, so nothing is to be fetched from the provider.
def test_a_message_in_a_rehearsal_is_told_and_not_fetched(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer="voicemail")), provider=real_provider())
    line = rehearse(house)
    while not isinstance(line.telephone.call.waiting, Recording):
        line.telephone.skip()
    line.telephone.do(lambda call: call.speak(5))
    line.telephone.do(lambda call: call.press("#"))
    line.close()
    assert record(house, line).outcome == "voicemail"
    with house.engine.connect() as connection:
        assert connection.execute(select(recordings.c.id)).all() == []


# What a rehearsal has to know of reality: who is away, whom the list blocks, whether forwards can be paid for.
def test_a_rehearsal_of_now_knows_who_is_away(real: House, set_away: SetAway) -> None:
    set_away(real, "ana", True)
    line = rehearse(real)
    assert ringing(line) == [OUTSIDE]
    line.close()


def test_a_rehearsal_knows_the_block_list_and_the_balance(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=[]), forwarding={"minimum_balance": 2}), provider=real_provider())
    redis.set(keys.BALANCE, "1.00")
    line = rehearse(house)
    line.close()
    assert record(house, line).code == "402"
    readings.keep_blocks(redis, {CUSTOMER: 0})
    line = rehearse(house)
    line.close()
    assert record(house, line).outcome == "blocked"


# At another moment its own clock decides; the record stands at the time at which it was really held.
def test_a_rehearsal_of_another_moment(open_house: OpenHouse, redis: Redis, set_away: SetAway) -> None:
    night = {"schedules": {"office": OFFICE}, "numbers": number(schedule="office", closed={"forward": OUTSIDE})}
    house = open_house(acme(**night), provider=real_provider())
    set_away(house, "luis", True)
    line = rehearse(house, when=NIGHT)
    assert ringing(line) == [OUTSIDE]
    line.telephone.skip()
    line.close()
    found = record(house, line)
    assert found.outcome == "missed" or found.out_of_hours
    assert abs(found.started_at - house.clock.now()) < timedelta(seconds=5)
    assert timedelta(0) < found.ended_at - found.started_at < timedelta(seconds=60)
    assert {note["t"] // 3_600_000 for note in found.trace} == {int(house.clock.now().timestamp()) // 3600}
    said = [sentence(note, house.company) for note in found.trace]
    assert said[0] == f"A rehearsal: decided as though it were {NIGHT} in Europe/Madrid."
    assert left(redis) == []


def test_who_is_away_now_says_nothing_of_another_moment(open_house: OpenHouse, set_away: SetAway) -> None:
    house = open_house(acme(groups=sales(members=["ana"])), provider=real_provider())
    set_away(house, "ana", True)
    line = rehearse(house, when="2026-11-25 10:30")
    assert ringing(line) == [browser("ana")]
    line.close()


# Two rehearsals do not meet: one may be of the morning, the other of the night.
def test_rehearsals_do_not_notice_each_other(real: House) -> None:
    first, second = rehearse(real), rehearse(real)
    assert ringing(first) == ringing(second) == [browser("ana")]
    first.close()
    second.close()


# With PROVIDER=simulator nothing is real: calls of now are those of the switchboard, and everybody sees them.
@chooses_providers
def test_without_a_provider_calls_of_now_are_the_switchboards_own(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=["ana"])), provider="simulator")
    line = rehearse(house)
    assert readings.presence(redis, "ana", house.clock.now()).state == "ringing"
    assert list(readings.active(redis)) == [line.telephone.call.sid]
    line.close()
    assert readings.active(redis) == {}
    assert record(house, line).simulated
    elsewhen = rehearse(house, when=NIGHT)
    assert readings.active(redis) == {}
    elsewhen.close()


# Redis gone: a rehearsal goes on as a real call would, and its record waits to be settled.
def test_a_rehearsal_goes_on_without_redis(open_house: OpenHouse, tmp_path: Path) -> None:
    server = Server(tmp_path)
    house = open_house(acme(groups=sales(members=["ana"])), provider=real_provider(), redis_url=server.url)
    line = rehearse(house)
    server.is_killed()
    line.telephone.do(lambda call: call.busy(browser("ana")))
    assert (ringing(line), line.trace()) == ([OUTSIDE], [])
    line.close()
    assert record(house, line).simulated


def test_nothing_from_outside_reaches_a_rehearsal(real: House) -> None:
    line = rehearse(real)
    client = line.rehearsal.app.test_client()
    assert client.post("/voice/incoming", data={"CallSid": "CA1"}).status_code == 403
    assert client.get("/nothing").status_code == 404
    assert line.rehearsal.token not in repr(line.rehearsal)
    line.close()


def test_the_figures_of_webhooks_are_those_of_real_ones(real: House) -> None:
    client = real.app.test_client()

    def counted() -> list[str]:
        return [line for line in client.get("/metrics").text.splitlines() if "webhook_seconds_count" in line]

    before = counted()
    line = rehearse(real)
    line.close()
    assert counted() == before
    Caller(real.exchange, CUSTOMER).dials(MAIN).hangs_up().ended()
    assert counted() != before
