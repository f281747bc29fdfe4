"""What the provider tells without wanting an answer: ends, legs, recordings. 200 and an empty document, always."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from redis import Redis

from config.company import Company
from flows.places import AtMenu
from flows.trace import sentence
from live import keys, readings
from live.keys import SETTLES
from local.house import PUBLIC_URL
from tests.moments import OPEN, at
from tests.voice.wire import MAIN, SID, Answer, Wire, place_path
from voice.pressure import WAITED

STATUSES = ["queued", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled", "", "Ended?"]
TARGETS = {
    "status": "/voice/status",
    "recording": "/voice/recording",
    "leg": f"/voice/leg?{urlencode({'number': MAIN, 'call': SID, 'employee': 'ana', 'step': 2})}",
    "a leg of nobody": "/voice/leg",
    "a leg of a stranger": "/voice/leg?call=CA9&employee=nobody&step=x",
}


def is_empty(answer: Answer) -> bool:
    """Whether it is 200 with an empty document, without which the provider warns (15003, twiml.md 1.4)."""
    return answer.kind == (200, "text/xml") and answer.text == "<Response/>"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_callback_is_answered_with_an_empty_document(
    wire: Wire, caplog: pytest.LogCaptureFixture, target: str, status: str
) -> None:
    assert is_empty(wire.post(target, CallStatus=status))
    assert is_empty(wire.post(target, form={}))
    assert is_empty(wire.get(target, CallStatus=status))
    assert caplog.records == []


def test_the_end_of_a_call_frees_whom_it_rang(wire: Wire, redis: Redis, sample: Company) -> None:
    wire.post(place_path(sample, AtMenu(step=1, then="responsible", menu="main")), Digits="1")
    assert readings.presence(redis, "ana", at(OPEN)).state == "ringing"
    wire.post("/voice/status", CallStatus="in-progress")
    assert readings.presence(redis, "ana", at(OPEN)).state == "ringing"
    wire.post("/voice/status", CallStatus="completed")
    assert readings.presence(redis, "ana", at(OPEN)).state == "free"
    assert readings.active(redis) == {}


# Duplicate deliveries change nothing twice (issue 2, part 5).
def test_an_end_that_is_told_twice_is_noted_once(wire: Wire, redis: Redis, sample: Company) -> None:
    wire.post("/voice/incoming")
    before = len(readings.trace(redis, SID))
    for _ in range(3):
        wire.post("/voice/status", CallStatus="completed")
    told = readings.trace(redis, SID)[before:]
    assert [sentence(note, sample) for note in told] == ["The provider says that the call ended: completed."]


# What else is told of the call may have been put off behind it: the record must not be settled, and filed, without.
def test_an_end_that_was_put_off_is_as_old_as_when_it_was_told_and_leaves_the_others_their_time(
    wire: Wire, redis: Redis
) -> None:
    wire.post("/voice/incoming")
    wire.client.environ_base[WAITED] = 30.0
    wire.post("/voice/status", CallStatus="completed")
    ended_at = at(OPEN) - timedelta(seconds=30)
    ms = int(ended_at.timestamp() * 1000)
    assert readings.call_fields(redis, SID)["ended"] == str(ms)
    assert readings.trace(redis, SID)[-1] == {"code": "ended", "status": "completed", "t": ms}
    assert readings.ended(redis, at(OPEN) + timedelta(milliseconds=SETTLES["over"] - 1), 10) == {}
    assert list(readings.ended(redis, at(OPEN) + timedelta(milliseconds=SETTLES["over"]), 10)) == [SID]


# One rule for all that is put off: in the trace it stands as of when it was told, and the record of a call that is over
# is settled anew as long after it was taken in as ever, so that what comes with it is not missed.
@pytest.mark.parametrize(("target", "code"), [(TARGETS["leg"], "picked_up"), (TARGETS["recording"], "recorded")])
def test_what_was_put_off_beyond_the_end_of_its_call_is_settled_as_if_it_were_told_now(
    wire: Wire, redis: Redis, sample: Company, target: str, code: str
) -> None:
    wire.post(place_path(sample, AtMenu(step=1, then="responsible", menu="main")), Digits="1")
    wire.post("/voice/status", CallStatus="completed")
    redis.delete(keys.ENDED)  # its record has been settled meanwhile
    redis.hset(keys.BUSY, "ana", f"R 0 2 {SID}")
    wire.client.environ_base[WAITED] = 30.0
    recording = {"RecordingSid": "RE1", "RecordingUrl": "https://api.example.com/RE1"} if code == "recorded" else {}
    wire.post(target, CallStatus="in-progress", **recording)
    note = readings.trace(redis, SID)[-1]
    assert (note["code"], note["t"]) == (code, int(at(OPEN).timestamp() * 1000) - 30_000)
    assert redis.zscore(keys.ENDED, SID) == at(OPEN).timestamp() * 1000 + SETTLES["over"]


def test_a_recording_is_noted_once_with_its_address(wire: Wire, redis: Redis, sample: Company) -> None:
    told = {"RecordingSid": "RE" + "2" * 32, "RecordingUrl": "https://api.example.com/RE2", "RecordingDuration": "42"}
    for _ in range(2):
        wire.post("/voice/recording", RecordingStatus="completed", **told)
    [note] = readings.trace(redis, SID)
    assert sentence(note, sample) == "A recording of 42 seconds is ready."
    assert note["url"] == told["RecordingUrl"]


def test_two_recordings_of_one_call_are_two(wire: Wire, redis: Redis) -> None:
    for number in "12":
        wire.post("/voice/recording", RecordingSid="RE" + number, RecordingUrl="https://api.example.com/" + number)
    assert len(readings.trace(redis, SID)) == 2


# A leg's callback is told for the leg, and our address says whose it is: the provider's CallSid and To are the leg's.
def test_a_leg_is_known_by_our_address(wire: Wire, redis: Redis, sample: Company) -> None:
    ringing = wire.post(place_path(sample, AtMenu(step=1, then="responsible", menu="main")), Digits="1")
    nouns = [noun for dial in ringing.document.iter("Dial") for noun in dial]
    assert [noun.get("statusCallbackEvent") for noun in nouns] == ["answered completed"] * 2
    target = nouns[0].get("statusCallback", "").removeprefix(PUBLIC_URL)
    wire.post(target, CallSid="CA3", ParentCallSid=SID, To="client:ana", CallStatus="in-progress")
    assert readings.presence(redis, "ana", at(OPEN)).state == "talking"
    told = [sentence(note, sample) for note in readings.trace(redis, SID)]
    assert told[-1] == "Ana Ruiz picked up."
    wire.post(target, CallSid="CA3", ParentCallSid=SID, To="client:ana", CallStatus="completed")
    assert readings.presence(redis, "ana", at(OPEN)).state == "free"
