"""Unconditional forwarding: no greeting, no menu, no responsible, a group of nobody."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from simulator import Caller
from tests.calls.companies import KNOWN, MAIN, MOBILES, OUTSIDE, OpenHouse, acme, sales
from tests.calls.conftest import Check, Why
from tests.providers import chooses_providers


def verbs(caller: Caller) -> list[str]:
    """The verbs of the first document."""
    return [verb.tag for verb in ET.fromstring(caller.call.webhooks[0].text)]


# "The first answer to the provider is the `<Dial>`."
@chooses_providers
@pytest.mark.parametrize("provider", ["twilio", "signalwire", "somleng", "telnyx", "cloudonix"])
def test_the_first_answer_is_the_dial(open_house: OpenHouse, provider: str) -> None:
    house = open_house(acme(groups=sales(members=[])), provider=provider)
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE)
    assert verbs(caller) == ["Dial"]
    assert caller.exchange.clock.seconds == 0


def test_a_mobile_may_be_dialled_at_once_too(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"})))
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(MOBILES["ana"])
    assert verbs(caller) == ["Dial"]


# Whoever calls, known or not: nobody at the company takes part.
@pytest.mark.parametrize("who", [KNOWN, "anonymous"])
def test_it_is_the_same_for_everybody(open_house: OpenHouse, nothing_left: Check, who: str) -> None:
    contacts = [{"number": KNOWN, "name": "Moreno", "employee": "eva"}]
    house = open_house(acme(groups=sales(members=[]), contacts=contacts))
    caller = Caller(house.exchange, who).dials(MAIN).is_forwarded_to(OUTSIDE).answers(OUTSIDE)
    caller.talks_to(OUTSIDE).other_side_hangs_up().ended()
    assert len(caller.call.webhooks) == 3  # the call, the end of the dial, the end of the call
    nothing_left(house)


def test_the_trace_of_an_unconditional_forward(open_house: OpenHouse, why: Why) -> None:
    house = open_house(acme(groups=sales(members=[])))
    caller = Caller(house.exchange).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE).other_side_hangs_up().ended()
    assert why(house, caller) == [
        "A call from +34600000001 to +34910000001.",
        "On to group Ventas.",
        "Nobody in group Ventas is there to be rung.",
        "Forwarded to +34910000999.",
        "Somebody answered; the call ended after the conversation.",
        "The provider says that the call ended: completed.",
    ]
