"""Stage 5: voice menus."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Caller, Gathering
from tests.calls.companies import KNOWN, MAIN, MOBILES, OUTSIDE, OpenHouse, acme, number, say
from tests.calls.conftest import Why
from tests.providers import browser

MENU = "Para ventas, pulse 1. Para soporte, pulse 2."
SUBMENU = "Si tiene una avería, pulse 1."
WRONG = "Esa tecla no corresponde a ninguna opción"

CHOICES: dict[str, Any] = {"1": {"group": "sales"}, "2": {"menu": "support"}, "0": "repeat"}


def menued(main: dict[str, Any] | None = None, **sections: Any) -> str:
    """A company with a menu and a sub-menu; `main` are changes of the menu."""
    menus = {
        "main": {"prompt": say(MENU), "choices": CHOICES} | (main or {}),
        "support": {"prompt": say(SUBMENU), "choices": {"1": {"employee": "eva"}, "*": "back"}},
    }
    return acme(menus=menus, numbers=number(menu="main"), **sections)


# "Prompt, one key per choice": the key breaks the prompt off.
def test_a_key_is_taken_while_the_prompt_plays(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued()).exchange).dials(MAIN).hears(MENU).presses("1").rings("ana")
    assert caller.exchange.clock.seconds == 0


# Every form of destination may stand behind a key.
@pytest.mark.parametrize(
    ("choice", "device"),
    [
        ({"group": "sales"}, browser("ana")),
        ({"employee": "eva"}, browser("eva")),
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"forward_to_mobile": "luis"}, MOBILES["luis"]),
        ("continue", browser("ana")),
    ],
)
def test_what_rings_behind_a_key(open_house: OpenHouse, choice: Any, device: str) -> None:
    house = open_house(menued({"choices": {"5": choice}}))
    Caller(house.exchange).dials(MAIN).presses("5").rings(device)


@pytest.mark.parametrize(
    ("choice", "mailbox"),
    [({"voicemail": "eva"}, "employee:eva"), ({"voicemail": "sales"}, "group:sales"), ("voicemail", "group:sales")],
)
def test_a_message_behind_a_key(open_house: OpenHouse, why: Why, choice: Any, mailbox: str) -> None:
    house = open_house(menued({"choices": {"3": choice}}))
    caller = Caller(house.exchange).dials(MAIN).presses("3").hears("deje su mensaje").leaves_message(3).hangs_up()
    assert f"A message was left in mailbox {mailbox}." in why(house, caller)


def test_the_end_behind_a_key(open_house: OpenHouse) -> None:
    house = open_house(menued({"choices": {"3": "hang_up"}}))
    Caller(house.exchange).dials(MAIN).presses("3").hears("Adiós").ended()


# `{employee: X, no_answer: …}`: the key has a rule of its own.
@pytest.mark.parametrize(
    ("no_answer", "device"),
    [("forward_to_mobile", MOBILES["eva"]), ({"group": "sales"}, browser("ana")), ("continue", browser("ana"))],
)
def test_an_employee_behind_a_key_has_a_rule_of_its_own(open_house: OpenHouse, no_answer: Any, device: str) -> None:
    house = open_house(menued({"choices": {"3": {"employee": "eva", "no_answer": no_answer}}}))
    Caller(house.exchange).dials(MAIN).presses("3").rings("eva").nobody_answers().rings(device)


# "Sub-menus, `back`, `repeat`."
def test_sub_menus_and_back(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued()).exchange).dials(MAIN).hears(MENU).presses("2").hears(SUBMENU)
    caller.presses("*").hears(MENU).presses("2").hears(SUBMENU).presses("1").rings("eva")


def test_repeat_plays_the_menu_again(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued()).exchange).dials(MAIN).hears(MENU)
    for _ in range(5):
        caller.presses("0").hears(MENU).does_not_hear(WRONG)


# `back` where nothing lies above plays the same menu.
def test_back_at_the_top_plays_the_menu_again(open_house: OpenHouse) -> None:
    house = open_house(menued({"choices": {"*": "back"}}))
    Caller(house.exchange).dials(MAIN).presses("*").hears(MENU)


# Three levels: back goes up one at a time.
def test_back_goes_up_one_level(open_house: OpenHouse) -> None:
    deep = {"prompt": say("Tercer nivel."), "choices": {"*": "back"}}
    middle = {"prompt": say(SUBMENU), "choices": {"3": {"menu": "deep"}, "*": "back"}}
    top = {"prompt": say(MENU), "choices": CHOICES}
    settings = acme(menus={"main": top, "support": middle, "deep": deep}, numbers=number(menu="main"))
    caller = Caller(open_house(settings).exchange).dials(MAIN).presses("2").presses("3").hears("Tercer nivel")
    caller.presses("*").hears(SUBMENU).presses("*").hears(MENU)


# Silence in a sub-menu may lead back, and the silence there leaves the menu.
def test_silence_in_a_sub_menu_may_lead_back(open_house: OpenHouse) -> None:
    sub = {"prompt": say(SUBMENU), "choices": {"1": {"employee": "eva"}}, "no_choice": "back"}
    top = {"prompt": say(MENU), "choices": CHOICES, "no_choice": "continue"}
    settings = acme(menus={"main": top, "support": sub}, numbers=number(menu="main"))
    caller = Caller(open_house(settings).exchange).dials(MAIN).presses("2").hears(SUBMENU)
    caller.stays_silent().hears(MENU).stays_silent().rings("ana")


# `ask_extension`: by the same rules as at the greeting.
def test_asking_for_an_extension(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued({"choices": {"9": "ask_extension"}})).exchange).dials(MAIN).presses("9")
    caller.hears("marque la extensión").presses("103").rings("eva")


def test_asking_for_an_extension_twice_in_vain_leaves_the_menu(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued({"choices": {"9": "ask_extension"}})).exchange).dials(MAIN).presses("9")
    caller.presses("999").hears("No conocemos esa extensión").presses("998").rings("ana")


def test_asking_for_an_extension_and_hearing_nothing_leaves_the_menu(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued({"choices": {"9": "ask_extension"}})).exchange).dials(MAIN).presses("9")
    caller.hears("marque la extensión").stays_silent().rings("ana")


# A key is no choice where an extension was asked for: 1 is the beginning of one.
def test_a_key_of_the_menu_is_no_choice_where_an_extension_was_asked_for(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued({"choices": {"9": "ask_extension", "1": {"group": "sales"}}})).exchange)
    caller.dials(MAIN).presses("9").presses("1").hears("No conocemos esa extensión")


# "A wrong key says so and asks again; … too many wrong keys: `no_choice`."
def test_a_wrong_key_says_so_and_asks_again(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued()).exchange).dials(MAIN).presses("7")
    caller.hears(WRONG).hears(MENU).presses("1").rings("ana")


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_too_many_wrong_keys_lead_to_no_choice(open_house: OpenHouse, attempts: int) -> None:
    house = open_house(menued({"attempts": attempts, "no_choice": {"forward": OUTSIDE}}))
    caller = Caller(house.exchange).dials(MAIN)
    for _ in range(attempts - 1):
        caller.presses("7").hears(WRONG).hears(MENU)
    caller.presses("7").is_forwarded_to(OUTSIDE)


# `repeat` is no way around the count.
def test_repeat_does_not_forgive_wrong_keys(open_house: OpenHouse) -> None:
    house = open_house(menued({"attempts": 2, "no_choice": {"forward": OUTSIDE}}))
    Caller(house.exchange).dials(MAIN).presses("7").presses("0").hears(MENU).presses("7").is_forwarded_to(OUTSIDE)


# A star that is no choice is a wrong key as well; the hash key alone is nothing (twiml.md 2.2).
def test_a_star_may_be_a_wrong_key(open_house: OpenHouse) -> None:
    Caller(open_house(menued()).exchange).dials(MAIN).presses("*").hears(WRONG)


def test_the_hash_key_alone_is_silence(open_house: OpenHouse) -> None:
    Caller(open_house(menued()).exchange).dials(MAIN).presses("#").rings("ana")


# "Silence: `no_choice`, either `continue` (leave the menu) or any destination."
def test_silence_continues_with_the_next_stage(open_house: OpenHouse) -> None:
    Caller(open_house(menued({"no_choice": "continue"})).exchange).dials(MAIN).hears(MENU).stays_silent().rings("ana")


def test_silence_continues_with_the_responsible_employee(open_house: OpenHouse) -> None:
    menu = {"prompt": say(MENU), "choices": CHOICES}
    settings = acme(
        menus={"main": menu, "support": {"prompt": say(SUBMENU), "choices": CHOICES}},
        contacts=[{"number": KNOWN, "name": "Moreno", "employee": "eva"}],
        numbers=number(menu="main", responsible=True),
    )
    Caller(open_house(settings).exchange, KNOWN).dials(MAIN).stays_silent().rings("eva")


@pytest.mark.parametrize(
    ("no_choice", "device"),
    [
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"forward_to_mobile": "eva"}, MOBILES["eva"]),
        ({"employee": "eva", "no_answer": "hang_up"}, browser("eva")),
        ({"group": "sales"}, browser("ana")),
    ],
)
def test_silence_may_lead_to_any_destination(open_house: OpenHouse, no_choice: Any, device: str) -> None:
    Caller(open_house(menued({"no_choice": no_choice})).exchange).dials(MAIN).stays_silent().rings(device)


def test_silence_may_lead_to_another_menu(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued({"no_choice": {"menu": "support"}})).exchange)
    caller.dials(MAIN).stays_silent().hears(SUBMENU).stays_silent().rings("ana")


@pytest.mark.parametrize(("word", "heard"), [("voicemail", "deje su mensaje"), ("hang_up", "Adiós")])
def test_silence_may_lead_to_a_word(open_house: OpenHouse, word: str, heard: str) -> None:
    Caller(open_house(menued({"no_choice": word})).exchange).dials(MAIN).stays_silent().hears(heard)


# `wait_seconds` is how long a key is waited for, after the prompt.
def test_the_menu_waits_as_long_as_it_says(open_house: OpenHouse) -> None:
    caller = Caller(open_house(menued({"wait_seconds": 12})).exchange).dials(MAIN)
    waiting = caller.call.waiting
    assert isinstance(waiting, Gathering)
    assert (waiting.timeout, waiting.num_digits) == (12, 1)
    caller.waits(waiting.speaking_until + 11).presses("1").rings("ana")


# The trace tells the keys.
def test_the_trace_tells_the_keys(open_house: OpenHouse, why: Why) -> None:
    house = open_house(menued())
    caller = Caller(house.exchange).dials(MAIN).presses("7").presses("2").stays_silent().rings("ana")
    assert why(house, caller)[1:-2] == [
        "Menu main is played.",
        "Key 7 is no choice in menu main.",
        "Menu main is played.",
        "Key 2 pressed in menu main.",
        "Menu support is played.",
        "Nothing pressed in menu support.",
    ]
