"""Record: a message after the beep."""

from collections.abc import Callable

import pytest

from simulator import Caller, Exchange, Recording
from tests.simulator.application import Application

NUMBER = "+34910000001"


def records(application: Application, attributes: str = "") -> None:
    application.pages |= {
        "/voice/incoming": f'<Say>Leave a message</Say><Record action="/message" recordingStatusCallback="/ready" '
        f"{attributes}/><Say>Unreachable</Say>",
        "/message": "<Say>Thank you</Say>",
        "/ready": "",
    }


# Silence ends it: the action gets the address and the length, and no Digits. What follows Record never runs.
def test_silence_ends_a_message(application: Application, caller: Caller) -> None:
    records(application)
    caller.dials(NUMBER).hears("leave a message").leaves_message(8).waits(4.9)
    assert application.to("/message") == []
    caller.waits(0.2).hears("thank you").does_not_hear("unreachable").ended()
    told = application.last("/message")
    assert told["RecordingDuration"] == "8"
    assert told["RecordingUrl"].endswith("/Recordings/" + told["RecordingSid"])
    assert "Digits" not in told


# A beep comes first unless playBeep is off.
@pytest.mark.parametrize(("attribute", "beeps"), [("", 1), ('playBeep="false"', 0)])
def test_the_beep(application: Application, caller: Caller, attribute: str, beeps: int) -> None:
    records(application, attribute)
    call = caller.dials(NUMBER).call
    assert isinstance(call.waiting, Recording)
    assert sum(line.kind == "beep" for line in call.transcript) == beeps


# A key of finishOnKey ends it and is told; by default every key does.
def test_a_key_ends_a_message(application: Application, caller: Caller) -> None:
    records(application, 'finishOnKey="#*"')
    caller.dials(NUMBER).leaves_message(3).presses("1").leaves_message(2).presses("*").hears("thank you")
    assert application.last("/message")["Digits"] == "*"
    assert application.last("/message")["RecordingDuration"] == "5"
    records(application)
    caller.dials(NUMBER).leaves_message(3).presses("7").hears("thank you")
    assert application.last("/message")["Digits"] == "7"
    records(application, 'finishOnKey=""')
    caller.dials(NUMBER).presses("#")
    assert isinstance(caller.call.waiting, Recording)


# maxLength ends it, in the middle of a sentence if need be.
def test_the_longest_message(application: Application, caller: Caller) -> None:
    records(application, 'maxLength="10"')
    caller.dials(NUMBER).leaves_message(60).hears("thank you")
    assert application.last("/message")["RecordingDuration"] == "10"


# timeout="0" never ends it for silence.
def test_no_limit_of_silence(application: Application, caller: Caller) -> None:
    records(application, 'timeout="0" maxLength="100" trim="do-not-trim"')
    caller.dials(NUMBER).waits(99)
    assert isinstance(caller.call.waiting, Recording)
    caller.waits(1.1).hears("thank you")
    assert application.last("/message")["RecordingDuration"] == "100"


# The caller hangs up: the action is asked with Digits=hangup, and its document is not played.
def test_hanging_up_ends_a_message(application: Application, caller: Caller) -> None:
    records(application)
    caller.dials(NUMBER).leaves_message(8).hangs_up().does_not_hear("thank").ended()
    told = application.last("/message")
    assert (told["Digits"], told["CallStatus"], told["RecordingDuration"]) == ("hangup", "completed", "8")
    paths = [asked.path for asked in application.asked]
    assert paths == ["/voice/incoming", "/message", "/voice/status", "/ready"]


# The recording's own callback comes afterwards, with everything there is to know.
def test_the_callback_of_a_recording(application: Application, caller: Caller) -> None:
    records(application)
    caller.dials(NUMBER).leaves_message(8).presses("#")
    told = application.last("/ready")
    expected = {
        "AccountSid": caller.exchange.provider.account_sid,
        "CallSid": caller.call.sid,
        "RecordingSid": application.last("/message")["RecordingSid"],
        "RecordingUrl": application.last("/message")["RecordingUrl"],
        "RecordingStatus": "completed",
        "RecordingDuration": "8",
        "RecordingChannels": "1",
        "RecordingSource": "RecordVerb",
        "RecordingStartTime": "Mon, 02 Mar 2026 09:00:01 +0000",
    }
    assert told.items() >= expected.items()
    assert [asked.path for asked in application.asked][1:3] == ["/message", "/ready"]


# Nothing but silence: kept and empty at Twilio, not saved at SignalWire.
@pytest.mark.parametrize(("dialect", "kept"), [("twilio", True), ("signalwire", False)])
def test_an_empty_message(
    application: Application, exchanges: Callable[..., Exchange], dialect: str, kept: bool
) -> None:
    records(application, 'recordingStatusCallbackEvent="completed absent"')
    caller = Caller(exchanges(dialect=dialect)).dials(NUMBER).waits(6).hears("thank you")
    told = application.last("/message")
    assert told["RecordingDuration"] == "0"
    assert ("RecordingUrl" in told) is kept
    assert application.last("/ready")["RecordingStatus"] == ("completed" if kept else "absent")
    assert caller.exchange.faults == []


# Without an action the document itself is asked.
def test_no_action_means_the_document_itself(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = ["<Record/>", "<Say>Again</Say>"]
    caller.dials(NUMBER).leaves_message(2).presses("#").hears("again")
    assert application.last("/voice/incoming")["RecordingDuration"] == "2"
