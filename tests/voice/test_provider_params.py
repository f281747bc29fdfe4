"""What providers other than Twilio send, read into the same events: JSON, other statuses, ids of any length."""

from __future__ import annotations

from typing import Any

import pytest
from flask import request
from redis import Redis

from config.company import Company
from flows.calls import DialEnded, Event, Gone, MessageLeft
from flows.places import AtGroup, AtMessage
from live import readings
from local.house import TOKEN
from tests.voice.wire import MAIN, Wire, app_of, place_path
from voice.params import flat
from voice.profiles import PROFILES
from voice.webhook import event_of
from voice.working_on import told_by

GROUP = AtGroup(step=2, then="otherwise", group="sales", groups=("sales",))
SESSION = "8d670566f2de4c83ad815119df546240"
INCOMING: dict[str, Any] = {
    "ApplicationSid": "48e87367-5bc8-4211-8129-d8489acf2bbe",
    "ApiVersion": "1",
    "CallStatus": "in-progress",
    "From": "34600000001",
    "CallSid": SESSION,
    "To": MAIN,
    "SessionData": {"id": 22228976, "token": SESSION, "callerId": "34600000001", "callIds": ["a"], "ringing": False},
    "Domain": "acme.cloudonix.net",
    "Direction": "inbound",
    "Application": {"id": 4526, "name": "ringpath", "type": "cxml", "method": "POST"},
    "AccountSid": "acme.cloudonix.net",
    "Session": SESSION,
}
"""A request to a voice application in the shape of Cloudonix's (voiceApplication/Request)."""

RECORD: dict[str, Any] = {
    "call_id": "g5ubVWFlrWWIlRLJrKbkQg..",
    "domain": "acme.cloudonix.net",
    "from": "34600000001",
    "to": MAIN,
    "disposition": "ANSWER",
    "duration": 42,
    "billsec": 31,
    "session": {"id": 22228976, "token": SESSION, "status": "connected"},
}
"""A call detail record (apiWorkflow/apiCallDetailReports)."""


def posts(wire: Wire, path: str, body: Any) -> Any:
    return wire.raw("POST", path, json=body, headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.fixture
def cloudonix(redis_url: str, redis: Redis, sample: Company) -> Wire:
    """The sample company at Cloudonix."""
    return Wire(app_of(sample, redis_url, provider="cloudonix"))


# From without its +, and more about the call nested beside it.
def test_a_call_that_is_posted_as_json_is_greeted(cloudonix: Wire, redis: Redis) -> None:
    answer = posts(cloudonix, "/voice/incoming", INCOMING)
    assert "Gracias por llamar" in answer.said
    [note, *_] = readings.trace(redis, SESSION)
    assert (note["code"], note["caller"], note["number"]) == ("arrived", "+34600000001", MAIN)


@pytest.mark.parametrize("body", [[], "text", 7, None, {}, {"CallSid": {"a": 1}, "To": [1]}])
def test_a_body_of_another_shape_is_a_call_of_nobody(cloudonix: Wire, body: Any) -> None:
    assert posts(cloudonix, "/voice/incoming", body).status == 200


def test_a_body_that_is_no_json_is_a_call_of_nobody(cloudonix: Wire) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    assert cloudonix.raw("POST", "/voice/incoming", data="{", headers=headers).status == 200


# Whoever looks for a call in the log finds all of its lines, whatever form its provider sends them in.
@pytest.mark.parametrize(("path", "body"), [("/voice/incoming", INCOMING), ("/voice/status", RECORD)])
def test_lines_of_a_call_that_is_posted_as_json_say_whose_they_are(
    cloudonix: Wire, path: str, body: dict[str, Any]
) -> None:
    signed = {"ringpath.signed": True}
    with cloudonix.app.test_request_context(path, method="POST", json=body, environ_overrides=signed):
        assert told_by(request)() == {"call": SESSION}


# The record that tells of the end: webhooks call the session's token CallSid.
@pytest.mark.parametrize(
    ("disposition", "status"),
    [
        ("ANSWER", "completed"),
        ("BUSY", "busy"),
        ("CANCEL", "canceled"),
        ("NOANSWER", "no-answer"),
        ("NO ANSWER", "no-answer"),
        ("CONGESTION", "failed"),
        ("answer", "completed"),
        (None, "failed"),
        ("TELEPORTED", "failed"),
    ],
)
def test_a_call_detail_record_is_an_end(disposition: str | None, status: str) -> None:
    found = flat(RECORD | {"disposition": disposition})
    assert found == {
        "CallSid": SESSION,
        "From": "34600000001",
        "To": MAIN,
        "CallStatus": status,
        "CallDuration": "31",
    }


@pytest.mark.parametrize("session", [None, "abc", [], {}, {"token": None}, {"token": {}}])
def test_a_record_without_a_session_ends_no_call(session: Any) -> None:
    assert "CallSid" not in flat(RECORD | {"session": session})


def test_a_call_ends_when_its_record_comes(cloudonix: Wire, redis: Redis) -> None:
    posts(cloudonix, "/voice/incoming", INCOMING)
    assert SESSION in readings.active(redis)
    assert posts(cloudonix, "/voice/status", RECORD).status == 200
    assert readings.active(redis) == {}


# Cloudonix tells the result of a Dial in CallStatus (voiceApplication/Request), where others tell of the caller.
@pytest.mark.parametrize(
    ("status", "event"),
    [
        ("completed", DialEnded("completed", None)),
        ("busy", DialEnded("busy", None)),
        ("no-answer", DialEnded("no-answer", None)),
        ("failed", DialEnded("failed", None)),
        ("unknown", DialEnded("unknown", None)),
        ("canceled", Gone()),
    ],
)
def test_the_result_of_a_dial_in_the_status_of_the_call(status: str, event: Event) -> None:
    assert event_of(GROUP, {"CallSid": SESSION, "CallStatus": status}, PROFILES["cloudonix"]) == event


# Everywhere else the status is the caller's own, and DialCallStatus the result.
@pytest.mark.parametrize("provider", sorted({*PROFILES} - {"cloudonix"}))
def test_a_caller_who_is_gone(provider: str) -> None:
    told = {"CallStatus": "completed", "DialCallStatus": "no-answer"}
    assert event_of(GROUP, told, PROFILES[provider]) == Gone()
    assert event_of(GROUP, told | {"CallStatus": "in-progress"}, PROFILES[provider]) == DialEnded("no-answer", None)


# A recording without a word goes on with the next verb, which leads to where the message would have.
def test_a_message_of_silence_comes_back_to_its_place(cloudonix: Wire, sample: Company) -> None:
    place = AtMessage(step=3, mailbox="group:sales")
    answer = posts(cloudonix, place_path(sample, place), INCOMING)
    assert event_of(place, INCOMING, PROFILES["cloudonix"]) == MessageLeft(0)
    assert answer.verbs[-1] == "Hangup"


# CallSid has 57 characters at Telnyx, not 34, and every id comes twice (api-reference/callbacks/texml-call-ringing).
def test_an_id_of_any_length_is_the_id_of_the_call(sample: Company, redis_url: str, redis: Redis) -> None:
    long = "v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ"
    wire = Wire(app_of(sample, redis_url))
    assert wire.post("/voice/incoming", CallSid=long, CallSidLegacy=long).status == 200
    assert list(readings.active(redis)) == [long]
