"""Stage 8: what follows when nothing above took the call."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Caller
from tests.calls.companies import MAIN, MOBILES, OUTSIDE, OpenHouse, acme, number, say
from tests.calls.conftest import Check, Why
from tests.providers import browser

SORRY = "nadie puede atender su llamada"


# "By default an apology and the end."
def test_an_apology_and_the_end_by_default(open_house: OpenHouse, why: Why, nothing_left: Check) -> None:
    house = open_house(acme(numbers=number(group=None)))
    caller = Caller(house.exchange).dials(MAIN).hears(SORRY).ended()
    assert why(house, caller)[1:3] == [
        "Nothing took the call.",
        "The caller heard that nobody is available, and the call ended.",
    ]
    nothing_left(house)


# "The number's `otherwise`": any destination that ends a road.
@pytest.mark.parametrize(
    ("otherwise", "device"),
    [
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"forward_to_mobile": "ana"}, MOBILES["ana"]),
        ({"employee": "eva"}, browser("eva")),
        ({"group": "sales"}, browser("ana")),
    ],
)
def test_otherwise_may_ring_somebody(open_house: OpenHouse, otherwise: Any, device: str) -> None:
    house = open_house(acme(numbers=number(group=None, otherwise=otherwise)))
    Caller(house.exchange).dials(MAIN).rings(device)


def test_otherwise_may_take_a_message(open_house: OpenHouse) -> None:
    house = open_house(acme(numbers=number(group=None, otherwise="voicemail")))
    Caller(house.exchange).dials(MAIN).hears("deje su mensaje")


def test_otherwise_may_be_a_menu(open_house: OpenHouse) -> None:
    menus = {"last": {"prompt": say("Para Eva, pulse 1."), "choices": {"1": {"employee": "eva"}}}}
    house = open_house(acme(menus=menus, numbers=number(group=None, otherwise={"menu": "last"})))
    caller = Caller(house.exchange).dials(MAIN).hears("pulse 1").presses("1").rings("eva").nobody_answers()
    caller.hears(SORRY).ended()
    caller.dials(MAIN).hears("pulse 1").stays_silent().hears(SORRY).ended()


# Every stage may be passed through: a greeting, a menu left in silence, a caller whom nobody knows.
def test_after_all_stages_comes_otherwise(open_house: OpenHouse) -> None:
    menus = {"main": {"prompt": say("Pulse 1."), "choices": {"1": {"employee": "eva"}}}}
    values = {"greeting": say("Hola."), "menu": "main", "responsible": True, "group": None, "otherwise": "voicemail"}
    caller = Caller(open_house(acme(menus=menus, numbers=number(**values))).exchange).dials(MAIN).hears("Hola")
    caller.stays_silent().hears("Pulse 1").stays_silent().hears("deje su mensaje")


# An employee who does not answer: `continue` after the group's stage is over leads here as well.
def test_otherwise_after_an_employee_rung_by_it(open_house: OpenHouse) -> None:
    values = {"group": None, "otherwise": {"employee": "eva", "no_answer": "continue"}}
    house = open_house(acme(numbers=number(**values)))
    Caller(house.exchange).dials(MAIN).rings("eva").nobody_answers().hears(SORRY).ended()
