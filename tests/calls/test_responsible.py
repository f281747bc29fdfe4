"""Stage 6: the employee who is responsible for a known caller."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Caller
from tests.calls.companies import CUSTOMER, KNOWN, MAIN, MOBILES, OFFICE, OUTSIDE, OpenHouse, acme, number, sip
from tests.calls.companies import SWITCHBOARD as PBX
from tests.calls.conftest import Check, SetAway, Why
from tests.providers import browser, needs

CONTACTS = [
    {"number": KNOWN, "name": "Talleres Moreno", "employee": "eva"},
    {"number": "+34600222003", "name": "Clínica Prado"},
]


def known(no_answer: Any = "continue", **sections: Any) -> str:
    """A company that knows a caller of Eva's; `no_answer` is what follows when she does not answer."""
    return acme(contacts=CONTACTS, numbers=number(responsible={"no_answer": no_answer}), **sections)


# "If the CRM knows the caller, ring the employee responsible."
def test_a_known_caller_rings_the_responsible_employee(open_house: OpenHouse, nothing_left: Check, why: Why) -> None:
    house = open_house(known())
    caller = Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").rings_for(20).answers("eva")
    caller.talks_to("eva").other_side_hangs_up().ended()
    assert "The caller is known; responsible: Eva." in why(house, caller)
    nothing_left(house)


@pytest.mark.parametrize("stranger", [CUSTOMER, "+34600222003", "anonymous", "client:web"])
def test_other_callers_go_on_to_the_group(open_house: OpenHouse, stranger: str) -> None:
    house = open_house(acme(contacts=CONTACTS, numbers=number(responsible=True)))
    Caller(house.exchange, stranger).dials(MAIN).rings("ana")


# Switched off, the stage is skipped, whoever calls.
def test_without_the_stage_a_known_caller_goes_to_the_group(open_house: OpenHouse) -> None:
    Caller(open_house(acme(contacts=CONTACTS)).exchange, KNOWN).dials(MAIN).rings("ana")


# A caller on SIP is known by the number in his address.
def test_a_known_caller_is_known_over_sip(open_house: OpenHouse) -> None:
    settings = acme(contacts=CONTACTS, numbers=sip(group="sales", responsible=True))
    Caller(open_house(settings).exchange, f"sip:{KNOWN}@carrier.example.net").dials(PBX).rings("eva")


# "No answer: `continue` (to the group), `forward_to_mobile` or `voicemail`."
@pytest.mark.parametrize(
    ("no_answer", "device"),
    [
        ("continue", browser("ana")),
        ("forward_to_mobile", MOBILES["eva"]),
        ({"forward_to_mobile": "luis"}, MOBILES["luis"]),
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"group": "sales"}, browser("ana")),
    ],
)
def test_what_rings_when_the_responsible_does_not_answer(open_house: OpenHouse, no_answer: Any, device: str) -> None:
    Caller(open_house(known(no_answer)).exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers().rings(device)


def test_no_answer_may_take_a_message_for_the_responsible(open_house: OpenHouse, why: Why) -> None:
    house = open_house(known("voicemail"))
    caller = Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers()
    caller.hears("deje su mensaje").leaves_message(3).hangs_up()
    assert "A message was left in mailbox employee:eva." in why(house, caller)


# The group rings her a second time when it is her turn there: she may have come back to her desk.
def test_the_responsible_is_rung_in_the_group_again(open_house: OpenHouse) -> None:
    house = open_house(known(groups={"sales": {"members": ["eva"]}}))
    caller = Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers().rings("eva").nobody_answers()
    caller.is_forwarded_to(OUTSIDE)


# "An employee who is away (off schedule, or set to away) is not rung first: his mobile is dialled at once, or the
# next stage taken, by the same rule."
@pytest.mark.parametrize(("no_answer", "device"), [("forward_to_mobile", MOBILES["eva"]), ("continue", browser("ana"))])
def test_one_who_is_set_to_away_is_not_rung_first(
    open_house: OpenHouse, set_away: SetAway, no_answer: str, device: str
) -> None:
    house = open_house(known(no_answer))
    set_away(house, "eva", True)
    caller = Caller(house.exchange, KNOWN).dials(MAIN).rings(device)
    assert len(caller.call.webhooks) == 1


@pytest.mark.parametrize(("no_answer", "device"), [("forward_to_mobile", MOBILES["eva"]), ("continue", browser("ana"))])
def test_one_who_is_off_by_the_schedule_is_not_rung_first(open_house: OpenHouse, no_answer: str, device: str) -> None:
    settings = known(no_answer, employees={"eva": {"schedule": "office"}}, schedules={"office": OFFICE})
    house = open_house(settings, when="2026-11-24 14:30")
    caller = Caller(house.exchange, KNOWN).dials(MAIN).rings(device)
    assert len(caller.call.webhooks) == 1


# An employee must not be rung while talking: by the same rule at once.
@pytest.mark.parametrize(("no_answer", "device"), [("forward_to_mobile", MOBILES["eva"]), ("continue", browser("ana"))])
@needs("legs")
def test_one_who_talks_is_not_rung(open_house: OpenHouse, why: Why, no_answer: str, device: str) -> None:
    house = open_house(known(no_answer))
    Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").answers("eva").talks_to("eva")
    second = Caller(house.exchange, KNOWN).dials(MAIN).rings(device)
    assert "Eva is not free: Eva talking." in why(house, second)


def test_one_whose_telephone_rings_already_is_not_rung(open_house: OpenHouse, why: Why) -> None:
    house = open_house(known())
    Caller(house.exchange, KNOWN).dials(MAIN).rings("eva")
    second = Caller(house.exchange, KNOWN).dials(MAIN).rings("ana")
    assert "Eva is not free: Eva ringing." in why(house, second)


# When she has hung up she is free for the next call.
def test_one_who_has_hung_up_is_rung(open_house: OpenHouse) -> None:
    house = open_house(known())
    first = Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").answers("eva").talks_to("eva")
    first.other_side_hangs_up().ended()
    Caller(house.exchange, KNOWN).dials(MAIN).rings("eva")


# On her mobile she talks as well: a second call does not ring her desk meanwhile.
def test_one_who_talks_on_the_mobile_is_not_rung_at_the_desk(open_house: OpenHouse, set_away: SetAway) -> None:
    mobile = MOBILES["eva"]
    house = open_house(known("forward_to_mobile"))
    first = Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers().is_forwarded_to(mobile)
    first.takes(mobile).talks_to(mobile)
    second = Caller(house.exchange, KNOWN).dials(MAIN).is_forwarded_to(mobile).hangs_up()
    first.other_side_hangs_up().ended()
    second.dials(MAIN).rings("eva")


# Somebody without a device that this provider can ring is passed over by the same rule.
def test_one_without_a_device_is_forwarded_to_at_once(open_house: OpenHouse, why: Why) -> None:
    house = open_house(known("forward_to_mobile", employees={"eva": {"devices": []}}))
    caller = Caller(house.exchange, KNOWN).dials(MAIN).is_forwarded_to(MOBILES["eva"])
    assert "Eva has no device that this provider can ring." in why(house, caller)


def test_one_without_a_mobile_leaves_the_call_to_the_group(open_house: OpenHouse) -> None:
    house = open_house(known("forward_to_mobile", employees={"eva": {"mobile": None}}))
    Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers().rings("ana")
