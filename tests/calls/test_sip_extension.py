"""Stage 3: the extension in a SIP address."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Caller
from tests.calls.companies import MAIN, MOBILES, OUTSIDE, OpenHouse, acme, say, sip
from tests.calls.conftest import SetAway, Why

DOMAIN = "pbx.acme.example.com"


def pbx(**values: Any) -> str:
    """A company with a PBX whose addresses are extensions."""
    return acme(numbers=sip(group="sales", **({"sip_extension": True} | values)))


# "The user part of the SIP `To` address that is somebody's extension rings them."
def test_the_user_part_of_the_address_is_an_extension(open_house: OpenHouse, why: Why) -> None:
    house = open_house(pbx(greeting=say("Hola.")))
    caller = Caller(house.exchange).dials(f"sip:103@{DOMAIN}").does_not_hear("Hola").rings("eva").rings_for(20)
    assert "Extension 103 called over SIP." in why(house, caller)


def test_the_extension_of_a_group_rings_the_group(open_house: OpenHouse) -> None:
    settings = acme(
        groups={"support": {"name": "Soporte", "extension": "300", "members": ["luis"], "no_answer": "hang_up"}},
        numbers=sip(group="sales", sip_extension=True),
    )
    Caller(open_house(settings).exchange).dials(f"sip:300@{DOMAIN}").rings("luis")


# Ports and parameters belong to the address, not to the extension.
@pytest.mark.parametrize("address", [f"sip:103@{DOMAIN}:5061", f"sip:103@{DOMAIN};transport=tls", f"SIP:103@{DOMAIN}"])
def test_the_rest_of_the_address_does_not_matter(open_house: OpenHouse, address: str) -> None:
    Caller(open_house(pbx()).exchange).dials(address).rings("eva")


# Anything else takes the number's route.
@pytest.mark.parametrize("user", ["100", "sales", "+34911222333"])
def test_an_address_that_is_nobodys_extension_takes_the_route(open_house: OpenHouse, user: str) -> None:
    Caller(open_house(pbx()).exchange).dials(f"sip:{user}@{DOMAIN}").rings("ana")


# "Optional": switched off, the extension means nothing.
def test_without_sip_extension_the_address_takes_the_route(open_house: OpenHouse) -> None:
    Caller(open_house(pbx(sip_extension=False)).exchange).dials(f"sip:103@{DOMAIN}").rings("ana")


# A rented number has no such stage: 103 in its address would be somebody else's number.
def test_a_rented_number_has_no_extensions_in_its_address(open_house: OpenHouse) -> None:
    Caller(open_house(pbx()).exchange).dials(MAIN).rings("ana")


# "An employee who does not answer: the number's `extensions.no_answer`."
def test_no_answer_forwards_to_the_mobile(open_house: OpenHouse) -> None:
    house = open_house(pbx(extensions={"no_answer": "forward_to_mobile"}))
    Caller(house.exchange).dials(f"sip:103@{DOMAIN}").rings("eva").nobody_answers().is_forwarded_to(MOBILES["eva"])


def test_no_answer_takes_a_message_for_the_employee(open_house: OpenHouse, why: Why) -> None:
    house = open_house(pbx(extensions={"no_answer": "voicemail"}))
    caller = Caller(house.exchange).dials(f"sip:103@{DOMAIN}").rings("eva").nobody_answers()
    caller.hears("deje su mensaje").leaves_message(3).hangs_up()
    assert "A message was left in mailbox employee:eva." in why(house, caller)


# `continue` goes on with the next stage, which is the greeting.
def test_no_answer_continues_with_the_greeting(open_house: OpenHouse) -> None:
    house = open_house(pbx(greeting=say("Bienvenido."), extensions={"no_answer": "continue"}))
    caller = Caller(house.exchange).dials(f"sip:103@{DOMAIN}").rings("eva").nobody_answers()
    caller.hears("Bienvenido").stays_silent().rings("ana")


# A busy or absent employee is not rung: the rule holds at once.
def test_an_employee_who_is_away_is_not_rung(open_house: OpenHouse, set_away: SetAway) -> None:
    house = open_house(pbx(extensions={"no_answer": "forward_to_mobile"}))
    set_away(house, "eva", True)
    Caller(house.exchange).dials(f"sip:103@{DOMAIN}").is_forwarded_to(MOBILES["eva"])


# The extension is asked for after the schedule: out of hours nobody is rung.
def test_the_schedule_comes_first(open_house: OpenHouse) -> None:
    settings = acme(
        schedules={"never": {"weekly": {"sun": "03:00-03:01"}}},
        numbers=sip(group="sales", sip_extension=True, schedule="never", closed={"forward": OUTSIDE}),
    )
    Caller(open_house(settings).exchange).dials(f"sip:103@{DOMAIN}").is_forwarded_to(OUTSIDE)
