"""Whole calls without a person."""

from threading import Thread

import pytest

from simulator import Clock, DeviceScript, Exchange, play
from tests.simulator.application import Application

NUMBER = "+34910000001"
MOBILE = "+34600111222"


@pytest.fixture(autouse=True)
def company(application: Application) -> None:
    """A menu in two steps, two devices, then a mobile that is asked, then voicemail."""
    application.pages |= {
        "/voice/incoming": '<Gather numDigits="1" action="/extension"><Say>Welcome</Say></Gather><Hangup/>',
        "/extension": '<Gather numDigits="3" action="/ring"><Say>Extension?</Say></Gather><Hangup/>',
        "/ring": '<Dial action="/forward" timeout="10"><Client>ana</Client><Client>luis</Client></Dial>',
        "/forward": lambda asked: (
            "<Hangup/>"
            if asked.params["DialBridged"] == "true"
            else f'<Dial action="/voicemail" timeout="10"><Number url="/ask">{MOBILE}</Number></Dial>'
        ),
        "/ask": '<Gather numDigits="1" action="/accept"><Say>Press 1</Say></Gather><Hangup/>',
        "/accept": "",
        "/voicemail": lambda asked: (
            "" if asked.params["DialBridged"] == "true" else '<Say>Leave a message</Say><Record action="/saved"/>'
        ),
        "/saved": "",
    }


def test_a_device_answers_after_a_while(application: Application, exchange: Exchange) -> None:
    devices = DeviceScript({"client:ana": "answer:9", "client:luis": "answer:4"})
    result = play(exchange, from_="+34600000001", to=NUMBER, press="9,101", devices=devices, talk_seconds=60)
    assert result.reached == "client:luis"
    assert (result.ringing_seconds, result.seconds) == (4, 64)
    assert application.last("/ring")["Digits"] == "101"
    assert result.webhooks == len(application.asked) == 5
    assert result.call.status == "completed"


@pytest.mark.parametrize(
    ("devices", "reached", "rang"),
    [
        ({}, None, 30),
        ({MOBILE: "answer:2"}, MOBILE, 17),
        ({MOBILE: "mailbox:2"}, None, 17),
        ({"client:ana": "busy", "client:luis": "decline:3", MOBILE: "fail"}, None, 3),
        ({"client:ana": "answer:15"}, None, 30),  # too late
        ({"client:ana": "answer:40", MOBILE: "answer:2"}, MOBILE, 17),
    ],
)
def test_what_devices_do(exchange: Exchange, devices: dict[str, str], reached: str | None, rang: float) -> None:
    result = play(exchange, from_="+34600000001", to=NUMBER, press="9,101", devices=devices)
    assert (result.reached, result.ringing_seconds) == (reached, rang)
    left_a_message = any(line.kind == "recorded" for line in result.call.transcript)
    assert left_a_message is (reached is None)


def test_what_devices_do_that_are_not_named(exchange: Exchange) -> None:
    devices = DeviceScript({"client:ana": "busy"}, others="answer")
    assert play(exchange, from_="+34600000001", to=NUMBER, press="9,101", devices=devices).reached == "client:luis"


def test_behaviour_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="cannot 'explode'"):
        DeviceScript({"client:ana": "explode:5"})


# Once the keys are used the caller is silent.
def test_a_silent_caller(application: Application, exchange: Exchange) -> None:
    result = play(exchange, from_="+34600000001", to=NUMBER, press="9")
    assert application.to("/ring") == []
    assert result.seconds == 6  # the first key at once, the second prompt's second, and five of silence


def test_a_prompt_may_be_let_pass(application: Application, exchange: Exchange) -> None:
    application.pages["/voice/incoming"] = '<Gather numDigits="1" action="/ring"/><Redirect>/extension</Redirect>'
    play(exchange, from_="+34600000001", to=NUMBER, press="-,101")
    (asked,) = application.to("/ring")
    assert asked.params["Digits"] == "101"


# A caller has only so much patience, whatever happens.
@pytest.mark.parametrize("patience", [3, 12, 26, 31])
def test_a_caller_who_gives_up(exchange: Exchange, patience: float) -> None:
    result = play(exchange, from_="+34600000001", to=NUMBER, press="9,101", hang_up_after=patience)
    assert result.seconds == patience
    assert result.call.is_over


# A call that never ends by itself is cut off.
def test_a_call_without_an_end(application: Application, exchange: Exchange) -> None:
    application.pages["/voice/incoming"] = "<Gather/><Redirect>/voice/incoming</Redirect>"
    result = play(exchange, from_="+34600000001", to=NUMBER, max_webhooks=20)
    assert result.call.is_over
    assert [fault.code for fault in exchange.faults] == ["endless"]


# Whoever picks up presses 1 once; a document that asks for ever does not keep the script busy.
def test_a_callee_is_patient_once(application: Application, exchange: Exchange) -> None:
    application.pages["/accept"] = '<Gather numDigits="1" action="/accept"><Say>Again</Say></Gather><Hangup/>'
    result = play(exchange, from_="+34600000001", to=NUMBER, press="9,101", devices={MOBILE: "answer"})
    assert result.reached is None
    assert len(application.to("/accept")) == 1
    assert exchange.faults == []


def test_the_same_script_gives_the_same_call(exchange: Exchange) -> None:
    devices = {"client:ana": "answer:3"}
    first, second = (play(exchange, from_="+34600000001", to=NUMBER, press="9,101", devices=devices) for _ in "ab")
    assert first.call.transcript == second.call.transcript


# Two hundred exchanges in two hundred threads do not know of each other.
def test_many_exchanges_at_once(application: Application, exchange: Exchange) -> None:
    results: dict[int, tuple[str | None, float]] = {}

    def run(number: int) -> None:
        own = Exchange(exchange.provider, Clock())
        answers = {"client:ana": f"answer:{number % 9}"}
        result = play(own, from_=f"+346{number:08d}", to=NUMBER, press="9,101", devices=answers)
        results[number] = (result.reached, result.ringing_seconds)
        assert own.faults == []
        own.close()

    threads = [Thread(target=run, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: ("client:ana", number % 9) for number in range(200)}
    assert len({asked.params["CallSid"] for asked in application.to("/voice/incoming")}) == 200
