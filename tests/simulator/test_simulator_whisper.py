"""Documents that a callee hears before being put through."""

import pytest

from simulator import Caller, Screening
from tests.simulator.application import Application

NUMBER = "+34910000001"
MOBILE = "+34600111222"
ASKS = '<Gather numDigits="1" action="/accept" timeout="5"><Say>Press 1 to take a call</Say></Gather><Hangup/>'


@pytest.fixture(autouse=True)
def forward(application: Application) -> None:
    application.pages |= {
        "/voice/incoming": '<Dial action="/after" answerOnBridge="true">'
        f'<Number url="/whisper">{MOBILE}</Number><Client>ana</Client></Dial>',
        "/after": "<Say>Afterwards</Say>",
        "/whisper": ASKS,
        "/accept": "",
    }


# The document is asked for on the callee's leg: with its own id, its parent's, and the device as To.
def test_whom_the_document_is_for(application: Application, caller: Caller) -> None:
    caller.dials(NUMBER).waits(2).answers(MOBILE).callee_hears("press 1").does_not_hear("press 1")
    leg = caller.call.leg(MOBILE)
    expected = {
        "CallSid": leg.sid,
        "ParentCallSid": caller.call.sid,
        "Direction": "outbound-dial",
        "CallStatus": "in-progress",
        "From": "+34600000001",
        "To": MOBILE,
        "Called": MOBILE,
    }
    assert application.last("/whisper").items() >= expected.items()
    assert leg.sid != caller.call.sid
    assert not caller.call.answered


# A key is taken to the Gather's action on the same leg; the end of its document puts the callee through.
def test_accepting(application: Application, caller: Caller) -> None:
    caller.dials(NUMBER).answers(MOBILE).accepts(MOBILE).talks_to(MOBILE, 30).other_side_hangs_up()
    accepted = application.last("/accept")
    assert (accepted["Digits"], accepted["CallSid"]) == ("1", caller.call.legs[0].sid)
    told = application.last("/after")
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallDuration"]) == ("completed", "true", "30")


# Hangup in the document declines: the Dial counts as completed, and only DialBridged tells that nobody talked.
def test_not_accepting(application: Application, caller: Caller) -> None:
    caller.dials(NUMBER).answers(MOBILE).is_not_accepted().hears("afterwards")
    told = application.last("/after")
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")
    assert "DialCallDuration" not in told
    assert told["CallStatus"] == "ringing"  # answerOnBridge, and there was no bridge


# A mailbox answers and presses nothing.
def test_a_mailbox_is_not_put_through(application: Application, caller: Caller) -> None:
    caller.dials(NUMBER).mailbox_answers(MOBILE).is_not_accepted().hears("afterwards")
    assert application.to("/accept") == []
    assert application.last("/after")["DialBridged"] == "false"


def test_the_callee_hangs_up_while_asked(application: Application, caller: Caller) -> None:
    caller.dials(NUMBER).answers(MOBILE).other_side_hangs_up().hears("afterwards")
    assert application.last("/after")["DialBridged"] == "false"


# Without a Hangup after the Gather a callee who presses nothing falls through, and is put through.
def test_the_end_of_the_document_puts_through(application: Application, caller: Caller) -> None:
    application.pages["/whisper"] = '<Gather numDigits="1" action="/accept"><Say>Press 1</Say></Gather>'
    caller.dials(NUMBER).mailbox_answers(MOBILE).is_not_accepted().talks_to(MOBILE)


def test_a_document_that_asks_nothing(application: Application, caller: Caller) -> None:
    application.pages["/whisper"] = "<Say>A call for sales</Say>"
    caller.dials(NUMBER).answers(MOBILE).callee_hears("for sales").talks_to(MOBILE, 10).hangs_up()
    assert application.last("/after")["DialCallDuration"] == "10"


# The first to pick up wins even before passing the screening: the others have stopped ringing by then.
def test_the_others_stop_ringing_at_once(caller: Caller) -> None:
    caller.dials(NUMBER).rings(MOBILE, "ana").answers(MOBILE)
    assert caller.call.leg("client:ana").status == "canceled"
    assert isinstance(caller.call.waiting, Screening)


# A wrong key, with the document asking again.
def test_asking_again(application: Application, caller: Caller) -> None:
    application.pages["/accept"] = [ASKS, ""]
    caller.dials(NUMBER).answers(MOBILE).accepts(MOBILE, "2").accepts(MOBILE, "1").talks_to(MOBILE)
    assert [asked.params["Digits"] for asked in application.to("/accept")] == ["2", "1"]


# Keys are lost that come after the document has gone on.
def test_keys_that_come_too_late(application: Application, caller: Caller) -> None:
    application.pages["/accept"] = [ASKS, ""]
    caller.dials(NUMBER).answers(MOBILE).accepts(MOBILE, "21").is_not_accepted().hears("afterwards")
    assert len(application.to("/accept")) == 1


# Only Say, Play, Gather and Hangup may be used; anything else is 13201 and the callee is lost.
@pytest.mark.parametrize("verb", ["<Dial>+34600000009</Dial>", "<Pause/>", "<Redirect>/x</Redirect>", "<Record/>"])
def test_what_a_whisper_may_not_do(application: Application, caller: Caller, verb: str) -> None:
    application.pages["/whisper"] = verb
    caller.dials(NUMBER).answers(MOBILE).hears("afterwards")
    assert [(fault.code, fault.level) for fault in caller.exchange.faults] == [("13201", "error")]
    assert caller.exchange.faults[0].sid == caller.call.legs[0].sid
    assert application.last("/after")["DialBridged"] == "false"


# When the document cannot be had the callee is lost; the number's fallback is for the caller's leg.
def test_a_whisper_that_fails(application: Application, caller: Caller) -> None:
    del application.pages["/whisper"]
    caller.dials(NUMBER).answers(MOBILE).hears("afterwards")
    assert [fault.code for fault in caller.exchange.faults] == ["11200"]
    assert application.to("/voice/fallback") == []


# The caller gives up while the callee is being asked.
def test_the_caller_gives_up_meanwhile(application: Application, caller: Caller) -> None:
    caller.dials(NUMBER).answers(MOBILE).waits(2).hangs_up().ended()
    told = application.last("/after")
    assert (told["CallStatus"], told["DialBridged"]) == ("completed", "false")
    assert caller.call.legs[0].is_over
