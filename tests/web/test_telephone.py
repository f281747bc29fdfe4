"""Whole calls on the telephone in the browser: over a real WebSocket, against a served app."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.house import House
from tests.moments import OPEN
from tests.web.phones import Phone

Pick = Callable[..., Phone]

ANA = ("client:ana", "sip:ana@acme.sip.example.com")
EVA = ("client:eva", "sip:eva@acme.sip.example.com")
ANAS_MOBILE, GUARD = "+34600111222", "+34910000999"


def test_a_call_is_greeted_rings_and_is_answered(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias por llamar")
    phone.sends("press", keys="101").rings(*ANA)
    assert phone.scene["status"] == "It rings at Ana Ruiz."
    assert {each["shows"] for each in phone.scene["devices"]} == {"+34600000001"}
    phone.sends("answer", device="client:ana")
    assert (phone.state, phone.scene["status"]) == ("talking", "You are talking to Ana Ruiz.")
    phone.sends("finish")
    assert (phone.state, phone.scene["status"]) == ("ended", "The call is over: you spoke to Ana Ruiz.")
    assert "Rings Ana Ruiz." in phone.why
    assert phone.is_over()


def test_a_ring_that_runs_out_goes_on_to_the_mobile_where_1_is_pressed(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias").sends("press", keys="101").rings(*ANA)
    phone.sends("skip").rings(ANAS_MOBILE).sends("answer", device=ANAS_MOBILE)
    assert phone.state == "screening"
    phone.until(lambda p: p.scene["left"] is not None)
    assert "Ana Ruiz (mobile +34 600 11 12 22) Tiene una llamada" in phone.heard
    asked = [each for each in phone.scene["heard"] if "Tiene una llamada" in each["text"]]
    assert [each["aloud"] for each in asked] == [False]  # which the caller does not hear
    phone.sends("press_on", device=ANAS_MOBILE, keys="1")
    assert phone.state == "talking"
    phone.sends("hang_up")
    assert "Whoever picked up pressed 1 and took the call." in phone.why


def test_a_mailbox_that_answers_presses_nothing(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias").sends("press", keys="101").rings(*ANA)
    phone.sends("skip").rings(ANAS_MOBILE).sends("mailbox", device=ANAS_MOBILE)
    phone.until(lambda p: p.state == "ended")
    assert "Whoever picked up pressed 1 and took the call." not in phone.why
    assert "The caller heard that nobody is available, and the call ended." in phone.why
    assert phone.scene["status"] == "The call is over: you spoke to nobody."


# Both her devices must stop for the call to go on; busy and unanswered devices stop at once.
def test_devices_are_busy_or_not_answered_one_by_one(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias").sends("press", keys="101").rings(*ANA)
    assert phone.sends("busy", device=ANA[0]).ringing == {ANA[1]}
    phone.sends("ignore", device=ANA[1]).rings(ANAS_MOBILE)
    assert "Ana Ruiz (browser) is busy" in phone.heard
    assert "Ana Ruiz (SIP phone) is not answered" in phone.heard


def test_a_message_is_spoken_and_ended_with_hash(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias").sends("skip").is_asked("Para ventas").sends("press", keys="2")
    phone.is_asked("avería").sends("press", keys="3").until(lambda p: p.state == "recording")
    before = phone.scene["seconds"]
    phone.sends("speak")
    assert phone.scene["seconds"] >= before + 5
    phone.sends("press", keys="#").until(lambda p: p.state == "ended")
    assert any(text.startswith("A message was left in mailbox") for text in phone.why)
    assert phone.scene["status"] == "The call is over: you left a message."


def test_who_holds_hears_the_position_and_may_leave_a_message_instead(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias").sends("skip").is_asked("Para ventas").sends("press", keys="2")
    phone.is_asked("avería").sends("press", keys="1")
    for devices in (("client:luis",), EVA, ANA):
        phone.rings(*devices).sends("skip")
    phone.until(lambda p: p.scene["status"].startswith("On hold"))
    assert "Su turno es el número 1" in phone.heard
    phone.sends("press", keys="1").until(lambda p: p.state == "recording")
    assert "On hold for group Soporte." in phone.why


# Waits are skipped, so that ten minutes on hold need not be sat through.
def test_the_longest_hold_comes_to_its_end(pick_up: Pick) -> None:
    phone = pick_up().calls().is_asked("Gracias").sends("skip").is_asked("Para ventas").sends("press", keys="2")
    phone.is_asked("avería").sends("press", keys="1").until(lambda p: p.scene["status"].startswith("On hold"))
    for _ in range(10):
        phone.sends("minute")
    phone.until(lambda p: p.state == "recording")
    assert phone.scene["seconds"] > 600
    assert "Waited 10 minutes for group Soporte: no longer." in phone.why


def test_what_happens_by_itself_is_told_without_being_asked_for(pick_up: Pick) -> None:
    phone = pick_up().calls()
    assert "Gracias" not in phone.heard
    assert "Gracias por llamar" in phone.takes().heard  # the notice has been said, and the greeting begins


def test_keys_that_are_not_wanted_and_buttons_that_come_too_late_do_nothing(pick_up: Pick) -> None:
    phone = pick_up().calls()
    phone.sends("answer", device="client:ana").sends("finish").sends("press_on", device="client:ana", keys="1")
    phone.sends("speak").sends("press", keys="x").sends("nonsense").sends("dial", to="+34910000001")
    assert phone.is_asked("Gracias").sends("press", keys="101").rings(*ANA).state == "ringing"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "+34911111111"}, "This number is not in the settings."),
        ({"from_": "who knows"}, "This is no telephone number that could call."),
        ({"at": "tomorrow"}, "This is no day and hour."),
        ({"at": "9999-01-01T10:00"}, "This is no day and hour."),
        ({"to": "sip:pbx.acme.sip.example.com", "extension": "1@evil"}, "An extension has digits only."),
        ({"to": "+34910000001", "more": "x" * 2000}, "This is no message of this page."),
        ({"nested": {"a": 1}}, "This is no message of this page."),
    ],
)
def test_what_cannot_be_dialled_is_said_in_words(pick_up: Pick, fields: dict[str, str], said: str) -> None:
    phone = pick_up().calls(**fields)
    assert phone.scene["error"].startswith(said)
    assert phone.is_over()


def test_a_caller_may_be_national_withheld_or_a_contact(pick_up: Pick) -> None:
    assert "A call from +34600333444 to +34910000002." in pick_up().calls("+34910000002", "600 333 444").why
    assert "A call from a withheld number to +34910000002." in pick_up().calls("+34910000002", withheld=True).why
    phone = pick_up().calls(from_="+34600222001").is_asked("Gracias").sends("skip").is_asked("Para ventas")
    phone.sends("skip").rings(*EVA)


def test_an_extension_is_dialled_at_the_pbx(pick_up: Pick) -> None:
    phone = pick_up().calls("sip:pbx.acme.sip.example.com", extension="103").rings(*EVA)
    assert "Extension 103 called over SIP." in phone.why


def test_the_scene_is_in_the_language_of_its_reader(pick_up: Pick) -> None:
    phone = pick_up(language="es").calls().is_asked("Gracias").sends("press", keys="101").rings(*ANA)
    assert phone.scene["status"] == "Suena en Ana Ruiz."
    assert "Usted pulsa 101" in phone.heard


# At another moment the call runs on a clock of its own, and nothing of it is on the real switchboard.
def test_another_moment_may_be_chosen(pick_up: Pick, web_house: House) -> None:
    phone = pick_up().calls(at="2026-11-24T22:00").rings(GUARD)
    assert phone.why[0] == "A rehearsal: decided as though it were 2026-11-24 22:00 in Europe/Madrid."
    assert any(text.startswith("Closed by schedule office") for text in phone.why)
    assert web_house.clock.now().hour != 21
    assert OPEN
