"""Stage 1: callers on the block list."""

from __future__ import annotations

import pytest
from redis import Redis

from calls.blocks import mirror
from live import readings
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, SWITCHBOARD, OpenHouse, acme, number, say, sip
from tests.calls.conftest import Check, Why
from tests.calls.on_file import details, settle
from tests.providers import real as real_provider

PEST = "+34900000000"
NEVER = {"never": {"weekly": {"sun": []}}}


# "A caller on the block list is declined", so that the call is never answered and costs nothing.
def test_a_blocked_caller_is_declined_before_anything_is_heard(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(acme(blocked=[PEST], numbers=number(greeting=say("Hola."))))
    caller = Caller(house.exchange, PEST).dials(MAIN).is_rejected("rejected").ended()
    assert not caller.call.answered
    assert caller.call.legs == []
    nothing_left(house)


# "… and still appears in call details": the trace says that he was declined.
def test_a_blocked_call_leaves_a_trace(open_house: OpenHouse, why: Why) -> None:
    house = open_house(acme(blocked=[PEST]))
    caller = Caller(house.exchange, PEST).dials(MAIN).ended()
    assert why(house, caller) == [
        f"A call from {PEST} to {MAIN}.",
        f"{PEST} is on the block list: declined.",
        "The provider says that the call ended: no-answer.",
    ]


# Blocked is the first stage: it comes before the schedule, whose `closed` might forward the call.
def test_a_blocked_caller_is_declined_out_of_hours_too(open_house: OpenHouse) -> None:
    closed = number(schedule="never", closed={"forward": "+34910000999"})
    house = open_house(acme(blocked=[PEST], schedules={"never": {"weekly": {"sun": []}}}, numbers=closed))
    Caller(house.exchange, PEST).dials(MAIN).is_rejected("rejected")


def test_other_callers_are_not_declined(open_house: OpenHouse) -> None:
    house = open_house(acme(blocked=[PEST]))
    Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana")


# A withheld number is nobody's: it cannot be on a list.
@pytest.mark.parametrize("withheld", ["anonymous", "+266696687", "Restricted", ""])
def test_a_withheld_caller_is_not_declined(open_house: OpenHouse, withheld: str) -> None:
    house = open_house(acme(blocked=[PEST]))
    Caller(house.exchange, withheld).dials(MAIN).rings("ana")


# A caller who reaches us over SIP shows his number in an address; the list holds for him all the same.
def test_a_blocked_caller_is_declined_over_sip_too(open_house: OpenHouse) -> None:
    house = open_house(acme(blocked=[PEST], numbers=sip(group="sales")))
    Caller(house.exchange, f"sip:{PEST}@carrier.example.net").dials(SWITCHBOARD).is_rejected("rejected")


# The list is read as numbers, however they are spelled in the settings.
def test_a_number_may_be_spelled_with_spaces_in_the_list(open_house: OpenHouse) -> None:
    house = open_house(acme(blocked=["+34 900 000 000"]))
    Caller(house.exchange, PEST).dials(MAIN).is_rejected("rejected")


# "Block list: settings and SQL, automatic blocking out of hours" (issue 3, part 8): the whole way, from the calls that
# were too many to the one that is declined.
def test_who_rings_too_often_out_of_hours_is_declined_and_is_let_through_again(
    open_house: OpenHouse, redis: Redis
) -> None:
    night, rule = number(schedule="never", closed="voicemail"), {"calls": 3, "minutes": 5, "hours": 2}
    house = open_house(acme(schedules=NEVER, numbers=night, auto_block=rule), provider=real_provider())
    for _ in range(3):
        Caller(house.exchange, CUSTOMER).dials(MAIN).hangs_up()
        settle(house, redis)
    readings.keep_blocks(redis, mirror(house.engine, house.clock.now()))
    declined = Caller(house.exchange, CUSTOMER).dials(MAIN).is_rejected("rejected").ended()
    settle(house, redis)
    assert (details(house, declined).outcome, details(house, declined).code) == ("blocked", "423")
    house.clock.advance(2 * 3600 + 60)
    Caller(house.exchange, CUSTOMER).dials(MAIN).hears("deje su mensaje").hangs_up()
