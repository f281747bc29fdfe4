"""Bad input at the provider's door: a clear answer, never a traceback, never a 5xx."""

from __future__ import annotations

import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from config.company import Company
from config.telephone import caller_of
from flows.places import AtEmployee, AtGroup, AtMenu, OnHold, Place
from flows.trace import sentence
from live import readings
from local.house import PUBLIC_URL, TOKEN
from simulator.signature import sign
from tests.examples import examples
from tests.moments import OPEN, at
from tests.voice.everywhere import ADDRESSES, PLACES, SINCE, addresses, says_something
from tests.voice.wire import FORM, MAIN, SID, Wire, place_path

DIGITS = {
    "twenty": "12345678901234567890",
    "a hundred thousand": "9" * 100_000,
    "letters": "abc",
    "Arabic digits": "١٢٣",
    "a superscript": "²",
    "a fullwidth digit": "１",
    "markup": "<Dial>+34900123456</Dial>",
    "a number to dial": "+34600111222",
    "a zero byte": "1\x00",
    "a newline": "1\n2",
    "spaces": "   ",
    "a bracket of format": "{0.__class__}",
    "hash and star": "*#",
}


# Digits of any length or alphabet (issue 2, bad input); digits typed by a caller can never become a dialled number
# (DESIGN section 3).
@pytest.mark.parametrize("name", ["extension", "menu", "hold", "screen"])
@pytest.mark.parametrize("digits", DIGITS.values(), ids=DIGITS)
def test_any_digits_are_answered(
    wire: Wire, redis: Redis, sample: Company, caplog: pytest.LogCaptureFixture, name: str, digits: str
) -> None:
    answer = wire.post(addresses(sample)[name], Digits=digits)
    says_something(answer, name)
    assert [device for device in answer.dialled if device in digits] == []
    assert caplog.records == []
    for note in readings.trace(redis, SID):
        assert len(sentence(note, sample)) < 200


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_address_bears_an_empty_body(wire: Wire, sample: Company, name: str) -> None:
    says_something(wire.post(addresses(sample)[name], form={}), name)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("missing", ["CallSid", "From", "To", "CallStatus", "AccountSid"])
def test_every_address_bears_a_missing_parameter(wire: Wire, sample: Company, name: str, missing: str) -> None:
    form = {key: value for key, value in FORM.items() if key not in (missing, missing.replace("From", "Caller"))}
    says_something(wire.post(addresses(sample)[name], form=form), name)


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_address_bears_a_hundred_kilobytes(wire: Wire, sample: Company, name: str) -> None:
    says_something(wire.post(addresses(sample)[name], SpeechResult="palabra " * 12_500), name)


# 413: what is much longer than a webhook is not even read.
@pytest.mark.parametrize("name", ADDRESSES)
def test_three_hundred_kilobytes_are_too_much(wire: Wire, redis: Redis, sample: Company, name: str) -> None:
    answer = wire.post(addresses(sample)[name], SpeechResult="x" * 300_000)
    assert answer.status == 413
    assert "Traceback" not in answer.text
    assert redis.dbsize() == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_wrong_method_has_a_clear_answer(wire: Wire, redis: Redis, sample: Company, name: str, method: str) -> None:
    target = addresses(sample)[name]
    answer = wire.raw(method, target, headers={wire.header: sign(TOKEN, PUBLIC_URL + target)})
    assert answer.status == (405 if method in {"PUT", "PATCH", "DELETE"} else 200)
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("name", ADDRESSES)
def test_get_is_answered_as_post_is(wire: Wire, redis: Redis, sample: Company, name: str) -> None:
    target = addresses(sample)[name]
    posted = wire.post(target)
    redis.flushdb()
    assert wire.get(target).text == posted.text


ODD_SIDS = {
    "a UUID": "6f1c24f5-8a2e-4a5e-9a43-5d2f6cf0c1b7",  # SignalWire (twiml.md 4)
    "two thousand characters": "CA" + "7" * 1998,
    "newlines": "CA\n1\r\n2",
    "spaces": "CA 1 2",
    "a version prefix": "v3:" + "x" * 60,  # Telnyx (twiml.md 4)
    "letters beyond ASCII": "CAñ\U0001f4de",
    "braces and colons": "{other}:CA",
}


# UUID call ids are normal (DESIGN section 5): no id is parsed, and the whole life of a call works with any.
@pytest.mark.parametrize("sid", ODD_SIDS.values(), ids=ODD_SIDS)
def test_a_call_lives_with_any_id(wire: Wire, redis: Redis, sample: Company, sid: str) -> None:
    wire.post("/voice/incoming", CallSid=sid)
    ringing = wire.post(place_path(sample, PLACES["menu"]), CallSid=sid, Digits="1")
    leg = next(noun.get("statusCallback", "") for dial in ringing.document.iter("Dial") for noun in dial)
    wire.post(leg.removeprefix(PUBLIC_URL), CallSid="CA of the leg", CallStatus="in-progress", To="client:ana")
    talking = readings.presence(redis, "ana", at(OPEN))
    assert (talking.state, talking.call) == ("talking", sid[:128])
    wire.post("/voice/status", CallSid=sid, CallStatus="completed")
    assert readings.presence(redis, "ana", at(OPEN)).state == "free"
    assert [note["code"] for note in readings.trace(redis, sid[:128])][-1] == "ended"


WITHHELD = ["anonymous", "Anonymous", "unknown", "Restricted", "", "+266696687", "+7378742833", "client:ana", "+", "+1"]
ODD_FROM = [
    *WITHHELD,
    "sip:anonymous@anonymous.invalid",
    "sip:@",
    "+" + "9" * 2000,
    "+34 600",
    "+٣٤٦٠٠٠٠٠٠٠٠١",
    "<x>&",
    "\x00",
]


# Odd ones (From=anonymous, empty strings, client:/sip: callers) are normal (DESIGN section 5).
@pytest.mark.parametrize("caller", ODD_FROM)
def test_a_caller_who_is_no_number_is_a_withheld_one(wire: Wire, redis: Redis, caller: str) -> None:
    answer = wire.post("/voice/incoming", From=caller, Caller=caller)
    assert answer.verbs == ["Say", "Gather", "Redirect"]
    assert caller_of(caller, "ES") is None
    assert readings.call_fields(redis, SID)["caller"] == ""


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("+34600000001", "+34600000001"),
        (" 34600000001", "+34600000001"),  # a plus sign that was not encoded
        ("34600000001", "+34600000001"),
        ("sip:+34600000001@sip.example.com:5060", "+34600000001"),
        ("sips:34600000001@sip.example.com", "+34600000001"),
    ],
)
def test_a_caller_is_known_by_his_number_however_it_is_written(sent: str, number: str) -> None:
    assert caller_of(sent, "ES") == number


# An unknown number called: an apology in the default language, a trace, a log line (issue 2, bad input).
@pytest.mark.parametrize("to", ["+34999999999", "", "sip:nobody@nowhere.example", "client:x", "x" * 5000])
def test_a_number_that_is_not_ours_hears_an_apology(
    wire: Wire, redis: Redis, sample: Company, caplog: pytest.LogCaptureFixture, to: str
) -> None:
    answer = wire.post("/voice/incoming", To=to, Called=to)
    assert answer.verbs == ["Say", "Hangup"]
    assert answer.said == "Lo sentimos, este número no está en servicio. Adiós."
    assert next(answer.document.iter("Say")).get("language") == sample.language
    [note] = readings.trace(redis, SID)
    assert sentence(note, sample) == f"{to[:64]} is none of our numbers."
    [record] = caplog.records
    assert record.levelno == logging.WARNING
    assert SID in record.getMessage()
    assert repr(to[:254]) in record.getMessage()


# Unknown place or revision in a URL: the number's group (issue 2, bad input), and the trace says so.
LOST = {
    "an unknown place": "/voice/at/garden?number=%2B34910000001&step=3",
    "an address that was never ours": "/voice/made/up?number=%2B34910000001&step=3",
    "an unknown revision": "/voice/at/menu?number=%2B34910000001&revision=000000000000&menu=main&step=3",
    "no revision": "/voice/at/menu?number=%2B34910000001&menu=main&step=3",
}


@pytest.mark.parametrize("target", LOST.values(), ids=LOST)
def test_a_call_that_is_lost_goes_to_the_numbers_group(
    wire: Wire, redis: Redis, sample: Company, caplog: pytest.LogCaptureFixture, target: str
) -> None:
    answer = wire.post(target, Digits="4")
    assert answer.dialled == ["ana", "sip:ana@acme.sip.example.com"]
    told = [note["code"] for note in readings.trace(redis, SID)]
    assert told == ["lost", "group", "rings"]
    assert len(caplog.records) == 1


NAMES_GONE = {
    "a menu": AtMenu(step=3, then="responsible", menu="gone"),
    "an employee": AtEmployee(step=3, then="group", employee="gone", rule="groups.sales.no_answer"),
    "a rule": AtEmployee(step=3, then="group", employee="ana", rule="groups.gone.no_answer"),
    "a group": AtGroup(step=3, then="otherwise", groups=("gone",), group="gone", tried=1, rang=1),
    "a member": AtGroup(step=3, then="otherwise", groups=("sales",), group="sales", tried=1 << 30, rang=1 << 30),
    "a hold": OnHold(step=3, then="otherwise", group="gone", since=SINCE),
}


@pytest.mark.parametrize("place", NAMES_GONE.values(), ids=NAMES_GONE)
def test_a_name_that_the_settings_lack_leads_to_somebody(wire: Wire, sample: Company, place: Place) -> None:
    answer = wire.post(place_path(sample, place), DialCallStatus="no-answer", DialBridged="false")
    assert answer.dialled


# The caller has hung up: nothing is started for him, wherever he was (twiml.md 2.3).
@pytest.mark.parametrize("status", ["completed", "canceled", "busy", "failed", "no-answer"])
@pytest.mark.parametrize("name", ["employee", "group", "forward"])
def test_a_caller_who_has_gone_rings_nobody(wire: Wire, redis: Redis, sample: Company, name: str, status: str) -> None:
    answer = wire.post(place_path(sample, PLACES[name]), CallStatus=status, DialCallStatus="canceled")
    assert answer.verbs == ["Hangup"]
    assert readings.active(redis) == {}


FIELDS = st.dictionaries(
    st.sampled_from(
        [*FORM, "Digits", "DialCallStatus", "DialBridged", "RecordingDuration", "RecordingUrl", "ErrorCode"]
    ),
    st.text(max_size=60) | st.sampled_from(["no-answer", "completed", "true", "false", "-1", "1e3", "0", "busy", MAIN]),
    max_size=10,
)


@settings(max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(ADDRESSES), form=FIELDS)
def test_no_parameters_make_the_app_fail(
    wire: Wire, redis: Redis, sample: Company, caplog: pytest.LogCaptureFixture, name: str, form: dict[str, str]
) -> None:
    caplog.clear()
    redis.flushdb()
    says_something(wire.post(addresses(sample)[name], form=form), name)
    assert [r.getMessage() for r in caplog.records if r.exc_info or "without Redis" in r.getMessage()] == []
