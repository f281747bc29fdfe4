"""The caller hangs up at the very moment at which somebody picks up: the two have never spoken."""

from __future__ import annotations

from dataclasses import replace

import pytest
from redis import Redis

from live.state import LegTold
from local.house import House
from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, MOBILES, OpenHouse, acme, sales
from tests.calls.conftest import Check
from tests.calls.on_file import on_file
from tests.providers import needs

ANA = MOBILES["ana"]


def picks_up(house: House, caller: Caller) -> None:
    """It is told that Ana has picked up; the caller's leg knows nothing of it yet."""
    live = house.app.extensions["ringpath"].live
    live.leg(LegTold(call=caller.call.sid, employee="ana", step=1, status="in-progress"), house.clock.now())


# The provider's word is that nobody was joined with him (DialBridged, or a dial that was canceled): he is to be called
# back, and Ana has not answered.
@needs("hang_up")
@pytest.mark.parametrize("first", ["she picks up", "he hangs up"])
def test_whoever_picks_up_as_the_caller_hangs_up_has_not_answered(
    open_house: OpenHouse, redis: Redis, nothing_left: Check, first: str
) -> None:
    house = open_house(acme(groups=sales(members=["ana"])))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana").waits(8)
    if first == "she picks up":
        picks_up(house, caller)
        caller.hangs_up().ended()
    else:
        caller.hangs_up().ended()
        picks_up(house, caller)
    found = on_file(house, caller, redis)
    assert (found.outcome, found.code, found.employee, found.answered_by) == ("abandoned", "603-S", "ana", None)
    nothing_left(house)


@needs("whisper", "joined")
def test_whoever_presses_1_as_the_caller_hangs_up_has_not_answered(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"})))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).is_forwarded_to(ANA).answers(ANA).waits(2)
    asked = caller.call.legs[0].webhooks[-1]
    answer = asked.text.partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    key = replace(asked, url=answer, params={**asked.params, "Digits": "1"})
    house.exchange.redeliver(key)
    caller.hangs_up().ended()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.answered_by, found.talk_seconds) == ("abandoned", None, 0)


# A provider who calls the dial of a longer talk canceled is not believed: the talk counts.
@needs("legs", "hang_up")
def test_whoever_picked_up_long_before_has_answered(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=["ana"])))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana")
    picks_up(house, caller)
    caller.waits(12).hangs_up().ended()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.answered_by, found.talk_seconds) == ("answered", "ana", 12)
