"""Callbacks about dialled legs."""

import pytest

from simulator import Caller
from tests.simulator.application import Application, Reply

NUMBER = "+34910000001"
EVENTS = 'statusCallback="/leg" statusCallbackEvent="initiated ringing answered completed"'


def dials(application: Application, attributes: str, others: str = "") -> None:
    application.pages |= {
        "/voice/incoming": f"<Dial><Client {attributes}>ana</Client>{others}</Dial>",
        "/leg": Reply(status=204, content_type=None),
    }


def told(application: Application) -> list[tuple[str, str]]:
    return [(asked.params["SequenceNumber"], asked.params["CallStatus"]) for asked in application.to("/leg")]


# initiated, ringing, answered (in-progress) and completed, numbered from 0.
def test_the_life_of_a_leg(application: Application, caller: Caller) -> None:
    dials(application, EVENTS)
    caller.dials(NUMBER).waits(4).answers("ana").talks_to("ana", 70).other_side_hangs_up()
    assert told(application) == [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")]
    expected = {
        "CallSid": caller.call.legs[0].sid,
        "ParentCallSid": caller.call.sid,
        "Direction": "outbound-dial",
        "From": "+34600000001",
        "To": "client:ana",
        "CallbackSource": "call-progress-events",
        "Timestamp": "Mon, 02 Mar 2026 09:01:14 +0000",
        "CallDuration": "70",
        "Duration": "2",
        "SipResponseCode": "200",
    }
    assert application.last("/leg").items() >= expected.items()
    assert "CallDuration" not in application.to("/leg")[2].params


# By default only the end is told; whatever ends a leg is told as completed.
@pytest.mark.parametrize(
    ("action", "status", "code"),
    [("busy", "busy", "486"), ("decline", "busy", "603"), ("fail", "failed", "404"), ("no_answer", "no-answer", "480")],
)
def test_the_end_of_a_leg(application: Application, caller: Caller, action: str, status: str, code: str) -> None:
    dials(application, 'statusCallback="/leg" statusCallbackMethod="GET"')
    getattr(caller.dials(NUMBER).call, action)("client:ana")
    (asked,) = application.to("/leg")
    assert asked.method == "GET"
    assert (asked.params["CallStatus"], asked.params["SipResponseCode"]) == (status, code)
    assert (asked.params["CallDuration"], asked.params["Duration"]) == ("0", "0")


def test_by_default_only_the_end_is_told(application: Application, caller: Caller) -> None:
    dials(application, 'statusCallback="/leg"')
    caller.dials(NUMBER).answers("ana").talks_to("ana").other_side_hangs_up()
    assert told(application) == [("0", "completed")]


# Ringing that runs out is no-answer; a leg whose caller went, or that another leg beat, is canceled.
def test_legs_that_are_not_picked_up(application: Application, caller: Caller) -> None:
    dials(application, EVENTS, "<Client>luis</Client>")
    caller.dials(NUMBER).nobody_answers().dials(NUMBER).hangs_up().dials(NUMBER).answers("luis")
    ends = [asked.params for asked in application.to("/leg") if asked.params["SequenceNumber"] == "2"]
    assert [params["CallStatus"] for params in ends] == ["no-answer", "canceled", "canceled"]
    assert {params["SipResponseCode"] for params in ends} == {"487"}


# Only the events asked for are sent.
def test_only_what_was_asked_for(application: Application, caller: Caller) -> None:
    dials(application, 'statusCallback="/leg" statusCallbackEvent="answered"')
    caller.dials(NUMBER).nobody_answers()
    assert told(application) == []
    caller.dials(NUMBER).answers("ana")
    assert told(application) == [("0", "in-progress")]


# The answer to a callback is not played; other than 204, or 2xx as XML, it is a warning, and the call goes on.
@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        (Reply(body="<Response/>"), []),
        (Reply(body="<Response><Hangup/></Response>"), []),
        (Reply(body="OK", content_type="text/html"), ["15003"]),
        (Reply(status=500), ["15003"]),
    ],
)
def test_answers_to_callbacks(application: Application, caller: Caller, reply: Reply, codes: list[str]) -> None:
    dials(application, 'statusCallback="/leg" statusCallbackEvent="answered"')
    application.pages["/leg"] = reply
    caller.dials(NUMBER).answers("ana").talks_to("ana")
    assert [fault.code for fault in caller.exchange.faults] == codes
    assert all(fault.level == "warning" for fault in caller.exchange.faults)


# A leg that cannot be dialled ends as failed without having rung.
def test_a_leg_that_never_rang(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = f"<Dial><Number {EVENTS}>600</Number></Dial>"
    application.pages["/leg"] = Reply(status=204, content_type=None)
    caller.dials(NUMBER).ended()
    assert told(application) == [("0", "failed")]
