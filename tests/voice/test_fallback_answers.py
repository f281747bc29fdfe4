"""The safe document: what a caller gets when something of ours has failed."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from datetime import datetime

import pytest
from flask import Response
from redis import Redis

import voice.door
from config.company import Company
from config.loader import parse
from flows.trace import sentence
from live import readings
from local.house import PUBLIC_URL
from tests.moments import OPEN, at
from tests.voice.everywhere import ADDRESSES, addresses, says_something
from tests.voice.wire import DIRECT, MAIN, SID, Answer, Wire, app_of
from voice.guard import NAME
from voice.profiles import PROFILES

NIGHT = "2026-11-24 22:00"
FAILED = {"ErrorCode": "11200", "ErrorUrl": PUBLIC_URL + "/voice/incoming"}
COMPANY = """
company: Safe
country: ES
timezone: Europe/Madrid
language: es-ES
employees:
  ana: {name: Ana, devices: ["client:ana", "+34911000101"], mobile: "+34600111222", schedule: day}
  eva: {name: Eva, devices: ["sip:eva@sip.example.com"], schedule: night}
groups:
  both: {name: Both, members: [ana, eva], no_answer: voicemail}
  nobody: {name: Nobody, members: [eva], no_answer: {forward_to_mobile: ana}}
  empty: {name: Empty, members: [], no_answer: {forward: "+34911000102"}}
  nights: {name: Nights, members: [eva], no_answer: voicemail}
  many: {name: Many, members: [m1, m2, m3], no_answer: hang_up}
menus:
  keys: {prompt: {say: "1, 2"}, choices: {"1": {group: nights}, "2": {employee: ana}, "3": {forward: "+34911000105"}}}
schedules:
  day: {weekly: {mon-sun: ["08:00-20:00"]}}
  night: {weekly: {mon-sun: ["20:00-08:00"]}}
numbers:
  "+34910000011": {name: Group, group: both}
  "+34910000012": {name: Nobody, group: nobody}
  "+34910000013": {name: Empty, group: empty}
  "+34910000014": {name: Hours, schedule: night, closed: {forward: "+34911000103"}, group: both}
  "+34910000015": {name: Closed, schedule: night, group: both}
  "+34910000016": {name: Otherwise, otherwise: {forward: "+34911000104"}}
  "+34910000017": {name: Mobile, otherwise: {forward_to_mobile: ana}}
  "+34910000018": {name: Nothing, otherwise: voicemail}
  "+34910000019": {name: English, language: en, otherwise: voicemail}
  "+34910000020": {name: Many, group: many}
  "+34910000021": {name: Menu, menu: keys, otherwise: voicemail}
  "+34910000022": {name: Guard, schedule: night, closed: {group: both}, group: nobody}
  "+34910000023": {name: Elsewhere, otherwise: {employee: ana, no_answer: forward_to_mobile}}
  "sip:pbx.example.com": {name: Pbx, kind: sip, outgoing_number: "+34910000011", group: both}
"""
MANY = "".join(
    f"  m{n}: {{name: M{n}, devices: [{', '.join(f'client:m{n}x{i}' for i in range(6))}]}}\n" for n in (1, 2, 3)
)


@pytest.fixture(scope="module")
def company() -> Company:
    """A number of every kind that the safe document tells apart."""
    return parse(COMPANY.replace("groups:\n", MANY + "groups:\n", 1))


@pytest.fixture
def dead_end() -> Iterator[socket.socket]:
    """A port that takes connections and never says a word: a Redis that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def falls_back(company: Company, server: socket.socket, to: str, provider: str = "twilio", when: str = OPEN) -> Answer:
    """Ask for the fallback of a number while Redis hangs; fails when the app so much as knocks at it.

    Only the trace is told, once the answer is out, of what the provider reports: that is kept from happening.
    """
    app = app_of(company, f"redis://127.0.0.1:{server.getsockname()[1]}", provider=provider, clock=lambda: at(when))
    app.extensions["ringpath"].live.tell = lambda *_: True
    answer = Wire(app, PROFILES[provider].signature_header).post("/voice/fallback", to=to, **FAILED)
    with pytest.raises(BlockingIOError):
        server.accept()
    return answer


TEN = [f"m{member}x{device}" for member, devices in ((1, 6), (2, 4)) for device in range(devices)]
SAFE = {
    "a group: its members at work": ("+34910000011", ["ana", "+34911000101"]),
    "a group of nobody at work: its forward": ("+34910000012", ["+34600111222"]),
    "a group of nobody: its forward": ("+34910000013", ["+34911000102"]),
    "out of hours: its closed forward": ("+34910000014", ["+34911000103"]),
    "out of hours without a forward: nobody": ("+34910000015", []),
    "no group: its otherwise": ("+34910000016", ["+34911000104"]),
    "no group: the mobile of its otherwise": ("+34910000017", ["+34600111222"]),
    "no forward at all: nobody": ("+34910000018", []),
    "more devices than one dial rings: the first ten": ("+34910000020", TEN),
    "no group: who is at work behind its menu": ("+34910000021", ["ana", "+34911000101"]),
    "out of hours: its closed group": ("+34910000022", ["ana", "+34911000101"]),
    "no group: the employee of its otherwise": ("+34910000023", ["ana", "+34911000101"]),
    "a sip number": ("sip:103@pbx.example.com", ["ana", "+34911000101"]),
    "none of our numbers": ("+34999999999", []),
    "no number": ("", []),
}  # fmt: skip


# /voice/fallback needs neither Redis nor SQL: it apologises and sends the caller to the number's first safe
# destination (DESIGN section 5).
@pytest.mark.parametrize(("to", "devices"), SAFE.values(), ids=SAFE)
def test_the_fallback_reaches_somebody_without_redis(
    company: Company, dead_end: socket.socket, to: str, devices: list[str]
) -> None:
    answer = falls_back(company, dead_end, to)
    assert answer.dialled == devices
    assert answer.verbs == ["Say", *(["Dial"] if devices else []), "Say", "Hangup"]
    assert answer.said.startswith("Lo sentimos, se ha producido un problema.")


def test_the_fallback_at_night_rings_who_works_at_night(company: Company, dead_end: socket.socket) -> None:
    assert falls_back(company, dead_end, "+34910000011", when=NIGHT).dialled == ["sip:eva@sip.example.com"]


def test_the_fallback_speaks_the_numbers_language(company: Company, dead_end: socket.socket) -> None:
    answer = falls_back(company, dead_end, "+34910000019")
    assert answer.said.startswith("We are sorry")
    assert {say.get("language") for say in answer.document.iter("Say")} == {"en"}


# A device that the provider cannot ring is left out (twiml.md 4): SignalWire has no <Client>.
def test_the_fallback_rings_what_the_provider_can_ring(company: Company, dead_end: socket.socket) -> None:
    assert falls_back(company, dead_end, "+34910000011", provider="signalwire").dialled == ["+34911000101"]


# Nothing of ours has to work for the safe document: it has no address in it.
def test_the_fallback_asks_us_for_nothing_more(company: Company, dead_end: socket.socket) -> None:
    for to, _ in SAFE.values():
        assert PUBLIC_URL not in falls_back(company, dead_end, to).text


def test_the_fallback_shows_a_number_of_ours(company: Company, dead_end: socket.socket) -> None:
    for to, shown in (("+34910000011", "+34910000011"), ("sip:103@pbx.example.com", "+34910000011")):
        [dial] = falls_back(company, dead_end, to).document.iter("Dial")
        assert dial.get("callerId") == shown


def test_what_the_provider_reports_is_logged(
    company: Company, dead_end: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    falls_back(company, dead_end, "+34910000011")
    [record] = caplog.records
    assert SID in record.getMessage()
    assert "11200" in record.getMessage()
    assert FAILED["ErrorUrl"] in record.getMessage()


# "Forwarding is final": what comes after a forward, or a message, rings nobody (DESIGN section 3).
@pytest.mark.parametrize("place", ["forward", "message"])
def test_nobody_is_rung_after_a_forward_or_a_message(wire: Wire, sample: Company, place: str) -> None:
    failed = FAILED | {"ErrorUrl": PUBLIC_URL + addresses(sample)[place]}
    answer = wire.post("/voice/fallback", **failed)
    assert (answer.verbs, answer.said) == (["Say", "Hangup"], "Gracias por llamar. Adiós.")


# "A caller on the block list is declined" (DESIGN section 3, stage 1), however he comes in.
def test_whom_the_settings_block_is_declined_by_the_fallback_too(wire: Wire, redis: Redis) -> None:
    answer = wire.post("/voice/fallback", From="+34900000000", **FAILED)
    assert answer.verbs == ["Reject"]
    assert [note["code"] for note in readings.trace(redis, SID)] == ["blocked"]


# Every call has its trace (DESIGN section 8): that it took the safe way belongs into it, and not into its answer.
def test_what_the_provider_reports_is_in_the_trace_once_the_answer_is_out(
    wire: Wire, redis: Redis, sample: Company
) -> None:
    before: list[object] = []

    @wire.app.extensions[NAME].after_request
    def look(response: Response) -> Response:
        before.extend(readings.trace(redis, SID))
        return response

    for _ in range(2):
        wire.post("/voice/fallback", **FAILED)
    wire.post("/voice/fallback", ParentCallSid="CA0", **FAILED)  # a callee's leg
    [note] = readings.trace(redis, SID)
    assert sentence(note, sample) == (
        "Something failed inside (the provider reports error 11200); "
        "the call went to the number's first safe destination."
    )
    assert before == [note, note]  # not yet there at the first answer


# Whatever goes wrong inside, the caller hears a sentence and is sent to the number's group; the provider never gets a
# 5xx from us while we can still answer (DESIGN section 3, everything ends).
@pytest.mark.parametrize("target", ["/voice/incoming", "/voice/at/garden"])
def test_a_crash_inside_is_answered_and_logged(
    wire: Wire,
    redis: Redis,
    sample: Company,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    target: str,
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(voice.door, "decide", crash)
    answer = wire.post(target)
    assert answer.verbs == ["Say", "Dial", "Say", "Hangup"]
    assert answer.dialled == ["ana", "sip:ana@acme.sip.example.com", "luis"]
    [failure] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert SID in failure.getMessage()
    assert "a fault of ours" in caplog.text
    # Every call has its trace (DESIGN section 8), and this belongs into it.
    [note] = readings.trace(redis, SID)
    assert "RuntimeError" in sentence(note, sample)


def test_a_live_state_that_crashes_does_not_keep_the_caller_from_an_answer(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    live = type(wire.app.extensions["ringpath"].live)
    monkeypatch.setattr(live, "ask", crash)
    monkeypatch.setattr(live, "tell", crash)
    assert wire.post("/voice/incoming").verbs == ["Say", "Dial", "Say", "Hangup"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR, logging.ERROR]


def test_a_crash_outside_the_providers_door_is_no_document(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("web.platform.generate_latest", crash)
    answer = wire.raw("GET", "/metrics")
    assert answer.kind == (500, "text/plain")
    assert "fault of ours" not in answer.text


# Redis gone: calls are still answered and routed, groups in listed order, nobody known to be busy (DESIGN section 6).
def test_every_webhook_is_answered_without_redis(sample: Company, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(app_of(sample, "unix:///nonexistent/valkey.sock"))
    for name in ADDRESSES:
        says_something(wire.post(addresses(sample)[name]), name)
    assert wire.post("/voice/incoming", to=DIRECT).dialled == ["+34910000999"]
    assert [record.levelno for record in caplog.records if record.exc_info] == []


def test_what_was_decided_without_redis_is_in_the_log(sample: Company, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(app_of(sample, "unix:///nonexistent/valkey.sock"))
    wire.post("/voice/incoming", to=DIRECT)
    assert '"code": "forward"' in caplog.text
    assert SID in caplog.text


# Its time-out is not paid by every webhook: a Redis that hangs is left alone for a moment.
def test_a_redis_that_hangs_is_waited_for_once(sample: Company, dead_end: socket.socket) -> None:
    wire = Wire(app_of(sample, f"redis://127.0.0.1:{dead_end.getsockname()[1]}"))
    started = datetime.now()  # noqa: DTZ005  (two moments of one clock)
    for _ in range(20):
        assert wire.post("/voice/incoming", to=MAIN).status == 200
    assert (datetime.now() - started).total_seconds() < 3  # noqa: DTZ005


def test_the_safe_document_of_the_sample_is_whole_for_all_its_numbers(sample: Company, dead_end: socket.socket) -> None:
    for number in sample.numbers:
        answer = falls_back(sample, dead_end, number, when=NIGHT)
        assert answer.said
        assert answer.verbs[-1] == "Hangup"
