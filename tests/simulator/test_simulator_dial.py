"""Dial: ringing, talking, and what the action is told."""

import re
from collections.abc import Callable, Mapping

import pytest

from simulator import Caller, Exchange, Ringing, WrongMomentError
from tests.simulator.application import Application

NUMBER = "+34910000001"
MOBILE = "+34600111222"
TWO = "<Client>ana</Client><Sip>sip:luis@acme.example.com</Sip>"


def dials(application: Application, attributes: str = "", nouns: str = "<Client>ana</Client>") -> None:
    application.pages["/voice/incoming"] = f'<Dial action="/after" {attributes}>{nouns}</Dial><Say>Unreachable</Say>'
    application.pages["/after"] = "<Say>Afterwards</Say>"


def result(application: Application) -> Mapping[str, str]:
    return {name: value for name, value in application.last("/after").items() if name.startswith(("Dial", "Rec"))}


# Nobody answers: no-answer, with the leg's id and no duration. Twilio rings five seconds longer than asked.
def test_nobody_answers(application: Application, caller: Caller) -> None:
    dials(application, 'timeout="20"')
    caller.dials(NUMBER).rings("ana").rings_for(20).rings_for(25).waits(24.9).rings("ana").waits(0.2)
    caller.hears("afterwards").does_not_hear("unreachable").ended()
    told = result(application)
    assert re.fullmatch(r"CA[0-9a-f]{32}", told["DialCallSid"])
    assert told == {"DialCallStatus": "no-answer", "DialBridged": "false", "DialCallSid": caller.call.legs[0].sid}
    assert application.last("/after")["CallSid"] == caller.call.sid
    assert caller.call.ringing_seconds == 25


# A talk: completed, bridged, and its length. The action's document follows, never the next verb.
def test_a_talk(application: Application, caller: Caller) -> None:
    dials(application)
    caller.dials(NUMBER).waits(3).answers("ana").talks_to("ana", 42).other_side_hangs_up().hears("afterwards")
    told = result(application)
    assert told["DialCallStatus"] == "completed"
    assert told["DialBridged"] == "true"
    assert told["DialCallDuration"] == "42"
    assert application.last("/after")["CallStatus"] == "in-progress"


# One way of not answering each.
@pytest.mark.parametrize(
    ("action", "status", "code"),
    [("busy", "busy", "486"), ("decline", "busy", "603"), ("fail", "failed", "404"), ("no_answer", "no-answer", "480")],
)
def test_how_a_leg_can_fail(application: Application, caller: Caller, action: str, status: str, code: str) -> None:
    dials(application, nouns="<Sip>sip:luis@acme.example.com</Sip>")
    call = caller.dials(NUMBER).rings("luis").call
    getattr(call, action)("sip:luis@acme.example.com")
    assert result(application)["DialCallStatus"] == status
    assert result(application)["DialSipResponseCode"] == code
    assert call.legs[0].status == status


# Several nouns ring together; the first to answer wins and the others are cancelled.
def test_the_first_to_answer_wins(application: Application, caller: Caller) -> None:
    dials(application, nouns=f"{TWO}<Number>{MOBILE}</Number>")
    caller.dials(NUMBER).rings("ana", "luis", MOBILE).answers("luis").talks_to("luis", 1).other_side_hangs_up()
    assert [leg.status for leg in caller.call.legs] == ["canceled", "completed", "canceled"]
    assert result(application)["DialCallSid"] == caller.call.legs[1].sid


# All busy is busy; a mixture is what the last leg said, or no-answer.
@pytest.mark.parametrize(
    ("ana", "luis", "status"),
    [
        ("busy", "busy", "busy"),
        ("busy", "no_answer", "no-answer"),
        ("busy", "fail", "failed"),
        ("fail", "busy", "no-answer"),
    ],
)
def test_the_result_of_several(application: Application, caller: Caller, ana: str, luis: str, status: str) -> None:
    dials(application, nouns=TWO)
    call = caller.dials(NUMBER).call
    getattr(call, ana)("client:ana")
    assert application.to("/after") == []
    getattr(call, luis)("sip:luis@acme.example.com")
    assert result(application)["DialCallStatus"] == status


# sequential: one after the other in the order of the document, each with its own timeout.
def test_one_after_the_other(application: Application, caller: Caller) -> None:
    dials(application, 'sequential="true" timeout="10"', TWO)
    caller.dials(NUMBER).rings("ana").nobody_answers().rings("luis").answers("luis").talks_to("luis")
    assert caller.call.ringing_seconds == 15


# More than ten nouns: only ten ring, and the provider complains.
def test_ten_devices_at_most(application: Application, caller: Caller) -> None:
    dials(application, nouns="".join(f"<Client>c{n}</Client>" for n in range(11)))
    caller.dials(NUMBER)
    assert len(caller.call.ringing_legs) == 10
    assert [fault.code for fault in caller.exchange.faults] == ["13250"]


# Dial answers the call, unless answerOnBridge leaves it ringing until somebody picks up.
def test_answer_on_bridge(application: Application, caller: Caller) -> None:
    dials(application, 'answerOnBridge="true"')
    application.pages["/after"] = "<Reject/>"
    caller.dials(NUMBER).is_busy("ana").is_rejected()
    assert application.last("/after")["CallStatus"] == "ringing"
    caller.dials(NUMBER).waits(5).answers("ana").talks_to("ana", 10).hangs_up()
    assert application.last("/voice/status")["CallDuration"] == "10"
    dials(application)
    caller.dials(NUMBER).waits(5).answers("ana").talks_to("ana", 10).hangs_up()
    assert application.last("/voice/status")["CallDuration"] == "15"


# Without an action the next verb follows, or the end.
def test_without_an_action(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Dial><Client>ana</Client></Dial><Say>Next</Say>"
    caller.dials(NUMBER).nobody_answers().hears("next").ended()
    caller.dials(NUMBER).answers("ana").talks_to("ana").other_side_hangs_up().hears("next").ended()


# The caller hangs up while it rings: the action is asked all the same, with canceled; its answer is not played.
def test_hanging_up_while_it_rings(application: Application, caller: Caller) -> None:
    dials(application)
    caller.dials(NUMBER).waits(4).hangs_up().does_not_hear("afterwards").ended()
    assert application.last("/after")["CallStatus"] == "completed"
    assert result(application)["DialCallStatus"] == "canceled"
    assert result(application)["DialBridged"] == "false"
    assert "DialCallDuration" not in result(application)
    assert [leg.status for leg in caller.call.legs] == ["canceled"]
    assert [asked.path for asked in application.asked[-2:]] == ["/after", "/voice/status"]


# … during the talk: completed, with its length.
def test_hanging_up_during_the_talk(application: Application, caller: Caller) -> None:
    dials(application)
    caller.dials(NUMBER).answers("ana").talks_to("ana", 20).hangs_up().ended()
    told = result(application)
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallDuration"]) == ("completed", "true", "20")
    assert application.last("/after")["CallStatus"] == "completed"


# Callbacks and actions run side by side at the provider: the status callback may come first, or the action not at all.
def test_the_status_callback_may_come_first(application: Application, caller: Caller) -> None:
    dials(application)
    caller.exchange.status_first = True
    caller.dials(NUMBER).hangs_up()
    assert [asked.path for asked in application.asked] == ["/voice/incoming", "/voice/status", "/after"]
    caller.exchange.hangup_action = False
    caller.dials(NUMBER).hangs_up()
    assert len(application.to("/after")) == 1
    assert len(application.to("/voice/status")) == 2


# hangupOnStar: the caller's * ends the talk and the call goes on; without it, * is just a key.
def test_hanging_up_with_a_star(application: Application, caller: Caller) -> None:
    dials(application, 'hangupOnStar="true"')
    caller.dials(NUMBER).answers("ana").talks_to("ana", 5).presses("1").presses("*").hears("afterwards")
    assert result(application)["DialCallStatus"] == "completed"
    dials(application)
    caller.dials(NUMBER).answers("ana").presses("*").talks_to("ana")


# timeLimit ends a talk.
def test_the_time_limit_of_a_talk(application: Application, caller: Caller) -> None:
    dials(application, 'timeLimit="60"')
    caller.dials(NUMBER).answers("ana").talks_to("ana", 59).talks_to("ana", 2).hears("afterwards")
    assert result(application)["DialCallDuration"] == "60"


# The caller ID is the caller's own unless callerId says otherwise.
@pytest.mark.parametrize(("given", "shown"), [("", "+34600000001"), (f'callerId="{NUMBER}"', NUMBER)])
def test_the_caller_id(application: Application, caller: Caller, given: str, shown: str) -> None:
    dials(application, given, f"<Number>{MOBILE}</Number>")
    caller.dials(NUMBER).is_forwarded_to(MOBILE).shows_caller_id(shown)
    assert caller.exchange.faults == []


# It must be the caller's number, the called one, or one's own; a caller on SIP or in a browser needs one given.
@pytest.mark.parametrize(
    ("from_", "given", "noun", "code"),
    [
        ("+34600000001", "+34999999999", f"<Number>{MOBILE}</Number>", "13214"),
        ("+34600000001", "+34911111111", f"<Number>{MOBILE}</Number>", None),
        ("anonymous", "anonymous", f"<Number>{MOBILE}</Number>", "13214"),
        ("anonymous", "", f"<Number>{MOBILE}</Number>", None),
        ("client:joe", "", "<Client>ana</Client>", "13214"),
        ("client:joe", "client:joe", "<Client>ana</Client>", None),
        ("sip:7@pbx.example.com", "", f"<Number>{MOBILE}</Number>", "13214"),
        ("sip:7@pbx.example.com", "+34911111111", f"<Number>{MOBILE}</Number>", None),
        ("+34600000001", "Acme, S.A.", "<Sip>sip:luis@acme.example.com</Sip>", "13247"),
        ("+34600000001", "acme_1", "<Sip>sip:luis@acme.example.com</Sip>", None),
    ],
)
def test_caller_ids_that_may_be_shown(
    application: Application, exchanges: Callable[..., Exchange], from_: str, given: str, noun: str, code: str | None
) -> None:
    dials(application, f'callerId="{given}"' if given else "", noun)
    exchange = exchanges(own_numbers=frozenset(("+34911111111",)))
    call = exchange.place_call(from_=from_, to=NUMBER)
    assert [fault.code for fault in exchange.faults] == ([code] if code else [])
    assert isinstance(call.waiting, Ringing) is (code is None)
    if code:
        assert result(application)["DialCallStatus"] == "failed"


# What cannot be dialled fails at once, and the provider complains.
@pytest.mark.parametrize(
    ("noun", "code"),
    [
        ("<Number>600111222</Number>", "13223"),
        ("<Number></Number>", "13223"),
        ("<Sip>luis@acme.example.com</Sip>", "13243"),
        ("<Client></Client>", "12200"),
        ("<Conference>room</Conference>", "unsimulated"),
    ],
)
def test_what_cannot_be_dialled(application: Application, caller: Caller, noun: str, code: str) -> None:
    dials(application, nouns=noun)
    caller.dials(NUMBER).hears("afterwards")
    assert [fault.code for fault in caller.exchange.faults] == [code]
    assert result(application)["DialCallStatus"] == "failed"


def test_numbers_may_be_written_with_spaces_and_identities_as_elements(
    application: Application, caller: Caller
) -> None:
    nouns = "<Number>+34 600-111-222</Number><Client><Identity>ana</Identity></Client>"
    dials(application, nouns=nouns + "<Sip>sip:luis@acme.example.com?X-A=1</Sip>")
    caller.dials(NUMBER).rings(MOBILE, "client:ana", "sip:luis@acme.example.com")


# A recording begins when somebody answers, and never if nobody does; its callback comes after the action.
def test_recording_a_talk(application: Application, caller: Caller) -> None:
    dials(application, 'record="record-from-answer-dual" recordingStatusCallback="/recorded"')
    application.pages["/recorded"] = ""
    caller.dials(NUMBER).waits(3).answers("ana").talks_to("ana", 12).other_side_hangs_up()
    params = application.last("/recorded")
    assert (
        params.items()
        >= {
            "CallSid": caller.call.sid,
            "AccountSid": caller.exchange.provider.account_sid,
            "RecordingStatus": "completed",
            "RecordingDuration": "12",
            "RecordingChannels": "2",
            "RecordingSource": "DialVerb",
            "RecordingTrack": "both",
            "RecordingUrl": result(application)["RecordingUrl"],
        }.items()
    )
    assert params["RecordingUrl"].endswith(f"/Recordings/{params['RecordingSid']}")
    assert params["RecordingStartTime"] == "Mon, 02 Mar 2026 09:00:03 +0000"
    paths = [asked.path for asked in application.asked]
    assert paths.index("/after") < paths.index("/recorded")
    assert paths.count("/recorded") == 1


def test_no_recording_without_an_answer(application: Application, caller: Caller) -> None:
    dials(application, 'record="record-from-answer" recordingStatusCallback="/recorded"')
    caller.dials(NUMBER).nobody_answers()
    caller.dials(NUMBER).hangs_up()
    assert application.to("/recorded") == []
    assert "RecordingUrl" not in application.to("/after")[0].params


def test_recording_from_the_ringing_on(application: Application, caller: Caller) -> None:
    dials(
        application,
        'record="record-from-ringing" recordingStatusCallback="/recorded"'
        ' recordingStatusCallbackEvent="in-progress completed" timeout="5"',
    )
    application.pages["/recorded"] = ""
    caller.dials(NUMBER).nobody_answers()
    statuses = [(asked.params["RecordingStatus"]) for asked in application.to("/recorded")]
    assert statuses == ["in-progress", "completed"]
    assert application.last("/recorded")["RecordingDuration"] == "10"
    assert application.last("/recorded")["RecordingChannels"] == "1"


def test_devices_do_only_what_they_can(application: Application, caller: Caller) -> None:
    dials(application)
    call = caller.dials(NUMBER).call
    with pytest.raises(WrongMomentError, match="client:eva cannot answer"):
        call.answer("client:eva")
    with pytest.raises(WrongMomentError, match="finish a talk"):
        call.finish_talk()
    with pytest.raises(WrongMomentError, match="speak"):
        call.speak(1)
    with pytest.raises(WrongMomentError, match="not asked"):
        call.press_on("client:ana", "1")
    call.answer("client:ana")
    with pytest.raises(WrongMomentError, match="does not ring"):
        call.answer("client:ana")
    assert call.leg("client:ana").bridged
    with pytest.raises(LookupError):
        call.leg("client:eva")
