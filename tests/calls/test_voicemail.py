"""Voicemail: a beep, a message, a mailbox."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Caller, Recording
from tests.calls.companies import MAIN, OpenHouse, acme, number, sales
from tests.calls.conftest import Check, Why
from tests.calls.journeys import SAYING_NOTHING

ASKED = "deje su mensaje después de la señal"


def mailbox(otherwise: Any = "voicemail", **values: Any) -> str:
    """A company whose number takes messages at once; it has no group."""
    return acme(numbers=number(**({"group": None, "otherwise": otherwise} | values)))


# "Beep, up to 120 s, `#` ends."
def test_a_message_after_the_beep(open_house: OpenHouse, why: Why, nothing_left: Check) -> None:
    house = open_house(mailbox())
    caller = Caller(house.exchange).dials(MAIN).hears(ASKED)
    assert [line.kind for line in caller.call.transcript[-2:]] == ["say", "beep"]
    caller.leaves_message(12).presses("#").hears("Su mensaje ha quedado grabado").ended()
    assert list(house.exchange.recordings.values()) == [12]
    assert "A message was left in mailbox number:+34910000001." in why(house, caller)
    nothing_left(house)


def test_a_message_lasts_120_seconds_at_most(open_house: OpenHouse) -> None:
    house = open_house(mailbox())
    caller = Caller(house.exchange).dials(MAIN).hears(ASKED)
    waiting = caller.call.waiting
    assert isinstance(waiting, Recording)
    assert (waiting.max_length, waiting.finish_on_key) == (120, "#")
    caller.leaves_message(300).hears("ha quedado grabado").ended()
    assert list(house.exchange.recordings.values()) == [120]


# Only the hash key ends a message: other keys may belong to it.
def test_other_keys_do_not_end_a_message(open_house: OpenHouse) -> None:
    caller = Caller(open_house(mailbox()).exchange).dials(MAIN).leaves_message(3).presses("5")
    assert isinstance(caller.call.waiting, Recording)


# "Silence … leaves no message."
def test_silence_leaves_no_message(open_house: OpenHouse, why: Why, nothing_left: Check) -> None:
    house = open_house(mailbox())
    caller = Caller(house.exchange).dials(MAIN).hears(ASKED).waits(SAYING_NOTHING)
    caller.hears("Gracias por llamar. Adiós").ended()
    assert "Nothing was said into mailbox number:+34910000001." in why(house, caller)
    nothing_left(house)


# "… or a hang-up before speaking leaves no message."
def test_a_hang_up_before_speaking_leaves_no_message(open_house: OpenHouse, why: Why, nothing_left: Check) -> None:
    house = open_house(mailbox())
    caller = Caller(house.exchange).dials(MAIN).hears(ASKED).hangs_up().ended()
    assert "Nothing was said into mailbox number:+34910000001." in why(house, caller)
    nothing_left(house)


# Most callers end a message by hanging up.
def test_a_hang_up_after_speaking_leaves_the_message(open_house: OpenHouse, why: Why, nothing_left: Check) -> None:
    house = open_house(mailbox())
    caller = Caller(house.exchange).dials(MAIN).hears(ASKED).leaves_message(7).hangs_up().ended()
    assert "A message was left in mailbox number:+34910000001." in why(house, caller)
    nothing_left(house)


# Whoever hangs up before the beep has left nothing either.
def test_a_hang_up_before_the_beep_leaves_nothing(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(mailbox())
    house.exchange.place_call(from_="+34600000001", to=MAIN).hang_up()
    assert [seconds for seconds in house.exchange.recordings.values() if seconds] == []
    nothing_left(house)


# `voicemail` is the mailbox of the number's group; `{voicemail: X}` that of a group or an employee.
@pytest.mark.parametrize(
    ("otherwise", "group", "expected"),
    [
        ("voicemail", "sales", "group:sales"),
        ({"voicemail": "sales"}, None, "group:sales"),
        ({"voicemail": "eva"}, "sales", "employee:eva"),
    ],
)
def test_whose_mailbox_it_is(open_house: OpenHouse, why: Why, otherwise: Any, group: str | None, expected: str) -> None:
    closed = number(group=group, closed=otherwise, schedule="never", otherwise="hang_up")
    house = open_house(acme(schedules={"never": {"weekly": {"sun": "03:00-03:01"}}}, numbers=closed))
    caller = Caller(house.exchange).dials(MAIN).hears(ASKED).leaves_message(5).hangs_up()
    assert f"A message was left in mailbox {expected}." in why(house, caller)


# A bare word in a group means the group's mailbox, whoever called it.
def test_the_mailbox_of_a_group(open_house: OpenHouse, why: Why) -> None:
    house = open_house(acme(groups=sales(members=["ana"], no_answer="voicemail")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().leaves_message(2).hangs_up()
    assert "A message was left in mailbox group:sales." in why(house, caller)
