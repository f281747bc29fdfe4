"""Stage 4: the greeting, and extensions typed while it plays."""

from __future__ import annotations

from typing import Any

import pytest

from local.house import PUBLIC_URL
from simulator import Caller, Gathering
from tests.calls.companies import MAIN, MOBILES, OFFICE, OUTSIDE, OpenHouse, acme, number, sales, say
from tests.calls.conftest import Check, SetAway, Why
from tests.providers import browser

HELLO = "Gracias por llamar a Acme."
WELCOME = say(HELLO)


def greeted(no_answer: Any = "continue", **sections: Any) -> str:
    """A company that greets; `no_answer` is what follows an extension that does not answer."""
    return acme(numbers=number(greeting=WELCOME, extensions={"no_answer": no_answer}), **sections)


# "While the greeting plays the caller may type an extension": it breaks off, and the third digit is enough.
def test_an_extension_typed_while_the_greeting_plays_rings_at_once(open_house: OpenHouse) -> None:
    caller = Caller(open_house(greeted()).exchange).dials(MAIN).presses("103").rings("eva").rings_for(20)
    assert caller.exchange.clock.seconds == 0


def test_an_extension_may_be_typed_for_a_moment_after_the_greeting(open_house: OpenHouse) -> None:
    caller = Caller(open_house(greeted()).exchange).dials(MAIN).hears(HELLO)
    waiting = caller.call.waiting
    assert isinstance(waiting, Gathering)
    caller.waits(waiting.speaking_until + 2).presses("103").rings("eva")


# The greeting may be a sound file.
def test_the_greeting_may_be_played(open_house: OpenHouse) -> None:
    tune = f"{PUBLIC_URL}/media/hold.wav"
    caller = Caller(open_house(acme(numbers=number(greeting={"play": tune}))).exchange).dials(MAIN)
    caller.hears_music().presses("102").rings("luis")


# Whoever types nothing goes on with the route.
def test_silence_goes_on_with_the_next_stage(open_house: OpenHouse) -> None:
    Caller(open_house(greeted()).exchange).dials(MAIN).hears(HELLO).stays_silent().rings("ana")


# "Greeting off = no extensions."
def test_without_a_greeting_no_extension_can_be_typed(open_house: OpenHouse) -> None:
    caller = Caller(open_house(acme()).exchange).dials(MAIN).rings("ana")
    assert all("<Gather" not in webhook.text for webhook in caller.call.webhooks)


# A company in which nobody has an extension only greets.
def test_without_extensions_the_greeting_is_only_heard(open_house: OpenHouse) -> None:
    nobody = {name: {"extension": None} for name in MOBILES}
    caller = Caller(open_house(greeted(employees=nobody)).exchange).dials(MAIN).hears(HELLO).rings("ana")
    assert all("<Gather" not in webhook.text for webhook in caller.call.webhooks)


# "An extension of an employee or group": a group rings by its own distribution and follows its own `no_answer`.
def test_the_extension_of_a_group_rings_the_group(open_house: OpenHouse) -> None:
    support = {
        "name": "Soporte",
        "extension": "300",
        "members": ["eva", "luis"],
        "distribution": "in_order",
        "ring_seconds": 15,
        "no_answer": {"forward": OUTSIDE},
    }
    caller = Caller(open_house(greeted(groups={"support": support})).exchange).dials(MAIN).presses("300")
    caller.rings("eva").rings_for(15).nobody_answers().rings("luis").nobody_answers().is_forwarded_to(OUTSIDE)


# Extensions of different lengths: a short one is taken when no further digit follows.
def test_a_short_extension_is_taken_after_a_pause(open_house: OpenHouse) -> None:
    house = open_house(greeted(employees={"ana": {"extension": "7"}}))
    caller = Caller(house.exchange).dials(MAIN).presses("7")
    assert isinstance(caller.call.waiting, Gathering)
    caller.rings("ana")


# "Unknown extension: say so, once more, then the next stage."
def test_an_unknown_extension_is_asked_for_once_more(open_house: OpenHouse) -> None:
    caller = Caller(open_house(greeted()).exchange).dials(MAIN).presses("999")
    caller.hears("No conocemos esa extensión").hears("marque la extensión").presses("103").rings("eva")


def test_a_second_unknown_extension_goes_on_with_the_next_stage(open_house: OpenHouse, why: Why) -> None:
    house = open_house(greeted())
    caller = Caller(house.exchange).dials(MAIN).presses("999").hears("No conocemos").presses("888").rings("ana")
    assert [line for line in why(house, caller) if "Unknown" in line] == [
        "Unknown extension 999 typed.",
        "Unknown extension 888 typed.",
    ]


def test_silence_after_an_unknown_extension_goes_on_with_the_next_stage(open_house: OpenHouse) -> None:
    caller = Caller(open_house(greeted()).exchange).dials(MAIN).presses("999")
    caller.hears("No conocemos").stays_silent().rings("ana")


# Too few digits, stars, or keys that no extension can hold are unknown extensions, nothing worse.
@pytest.mark.parametrize("keys", ["1", "10", "*", "1*1", "000"])
def test_odd_keys_are_an_unknown_extension(open_house: OpenHouse, keys: str) -> None:
    caller = Caller(open_house(greeted()).exchange).dials(MAIN).presses(keys)
    caller.hears("No conocemos esa extensión")


# The hash key ends what is typed (twiml.md 2.2).
def test_the_hash_key_ends_what_is_typed(open_house: OpenHouse) -> None:
    house = open_house(greeted(employees={"ana": {"extension": "7"}}))
    Caller(house.exchange).dials(MAIN).presses("7#").rings("ana")


# Regular callers press the menu's key before they hear the menu.
def test_a_key_of_the_menu_may_be_pressed_during_the_greeting(open_house: OpenHouse) -> None:
    menu = {"prompt": say("Para Eva, pulse 2."), "choices": {"2": {"employee": "eva"}}}
    settings = acme(menus={"main": menu}, numbers=number(greeting=WELCOME, menu="main"))
    Caller(open_house(settings).exchange).dials(MAIN).presses("2").rings("eva")


# "An employee who does not answer: the number's `extensions.no_answer`."
@pytest.mark.parametrize(
    ("no_answer", "device"),
    [
        ("forward_to_mobile", MOBILES["eva"]),
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"forward_to_mobile": "luis"}, MOBILES["luis"]),
        ({"group": "sales"}, browser("ana")),
        ("continue", browser("ana")),
    ],
)
def test_what_rings_when_an_extension_does_not_answer(open_house: OpenHouse, no_answer: Any, device: str) -> None:
    caller = Caller(open_house(greeted(no_answer)).exchange).dials(MAIN).presses("103").rings("eva")
    caller.nobody_answers().rings(device)


@pytest.mark.parametrize("refuses", ["is_busy", "declines", "is_unreachable"])
def test_an_extension_that_is_engaged_is_not_answered_either(open_house: OpenHouse, refuses: str) -> None:
    caller = Caller(open_house(greeted("forward_to_mobile")).exchange).dials(MAIN).presses("103").rings("eva")
    getattr(caller, refuses)("eva")
    caller.is_forwarded_to(MOBILES["eva"])


def test_an_extension_that_does_not_answer_may_take_a_message(open_house: OpenHouse, why: Why) -> None:
    house = open_house(greeted("voicemail"))
    caller = Caller(house.exchange).dials(MAIN).presses("103").rings("eva").nobody_answers()
    caller.hears("deje su mensaje").leaves_message(4).presses("#").ended()
    assert "A message was left in mailbox employee:eva." in why(house, caller)


def test_an_extension_that_does_not_answer_may_end_the_call(open_house: OpenHouse) -> None:
    caller = Caller(open_house(greeted("hang_up")).exchange).dials(MAIN).presses("103").rings("eva").nobody_answers()
    caller.hears("Adiós").ended()


# An employee who has no mobile cannot be forwarded to: the route goes on.
def test_without_a_mobile_the_route_goes_on(open_house: OpenHouse, why: Why) -> None:
    house = open_house(greeted("forward_to_mobile", employees={"eva": {"mobile": None}}))
    caller = Caller(house.exchange).dials(MAIN).presses("103").rings("eva").nobody_answers().rings("ana")
    assert "Eva has no mobile number: on with the route." in why(house, caller)


# All devices of an employee ring together; one that is picked up silences the others.
def test_all_devices_of_an_employee_ring_together(open_house: OpenHouse, nothing_left: Check) -> None:
    devices = [browser("eva"), "sip:eva@acme.sip.example.com", "+34911222103"]
    house = open_house(greeted(employees={"eva": {"devices": devices}}))
    caller = Caller(house.exchange).dials(MAIN).presses("103").rings(*devices).answers("+34911222103")
    caller.talks_to("+34911222103").other_side_hangs_up().ended()
    nothing_left(house)


# Whoever answers takes the call: nothing is tried afterwards, whoever hangs up.
@pytest.mark.parametrize("by", ["caller", "callee"])
def test_an_answered_extension_ends_the_call(open_house: OpenHouse, nothing_left: Check, by: str) -> None:
    house = open_house(greeted("forward_to_mobile"))
    caller = Caller(house.exchange).dials(MAIN).presses("103").rings("eva").answers("eva").talks_to("eva")
    caller.call.finish_talk(by)
    caller.ended()
    assert [leg.device for leg in caller.call.legs] == [browser("eva")]
    nothing_left(house)


# An employee who cannot be rung is passed over at once: busy, away, or off by the schedule.
def test_a_busy_employee_is_not_rung_a_second_time(open_house: OpenHouse) -> None:
    house = open_house(greeted("forward_to_mobile"))
    Caller(house.exchange).dials(MAIN).presses("103").rings("eva").answers("eva").talks_to("eva")
    second = Caller(house.exchange, "+34600000002").dials(MAIN).presses("103")
    second.is_forwarded_to(MOBILES["eva"])


def test_an_employee_who_is_away_is_not_rung(open_house: OpenHouse, set_away: SetAway, why: Why) -> None:
    house = open_house(greeted("forward_to_mobile"))
    set_away(house, "eva", True)
    caller = Caller(house.exchange).dials(MAIN).presses("103").is_forwarded_to(MOBILES["eva"])
    assert "Eva is not free: Eva away." in why(house, caller)
    caller.hangs_up()
    set_away(house, "eva", False)
    caller.dials(MAIN).presses("103").rings("eva")


def test_an_employee_off_by_the_schedule_is_not_rung(open_house: OpenHouse, why: Why) -> None:
    settings = greeted("forward_to_mobile", employees={"eva": {"schedule": "office"}}, schedules={"office": OFFICE})
    house = open_house(settings, when="2026-11-24 20:15")
    caller = Caller(house.exchange).dials(MAIN).presses("103").is_forwarded_to(MOBILES["eva"])
    assert "Eva is off by the schedule (outside its hours), so was not rung." in why(house, caller)


# The group's own rule, not the number's, follows when a whole group was called by its extension.
def test_a_group_called_by_extension_follows_its_own_rule(open_house: OpenHouse) -> None:
    settings = greeted("voicemail", groups=sales(extension="200", members=["ana"]))
    caller = Caller(open_house(settings).exchange).dials(MAIN).presses("200").rings("ana").nobody_answers()
    caller.is_forwarded_to(OUTSIDE)
