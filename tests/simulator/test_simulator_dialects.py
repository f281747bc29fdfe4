"""Where the providers differ."""

import re
from collections.abc import Callable

import pytest

from simulator import DIALECTS, Caller, Exchange, sign
from tests.simulator.application import PUBLIC_URL, Application, Reply
from tests.simulator.conftest import TOKEN

NUMBER = "+34910000001"
MOBILE = "+34600111222"
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

Exchanges = Callable[..., Exchange]


def codes(caller: Caller) -> list[tuple[str, str]]:
    return [(fault.code, fault.level) for fault in caller.exchange.faults]


# What each can do, in short.
def test_what_each_can_do() -> None:
    twilio, signalwire, somleng = (DIALECTS[name] for name in ("twilio", "signalwire", "somleng"))
    assert all((twilio.whisper, twilio.leg_callbacks, twilio.answer_on_bridge, twilio.pause))
    assert signalwire.whisper
    assert not any((somleng.whisper, somleng.leg_callbacks, somleng.answer_on_bridge, somleng.pause))
    assert (twilio.total_timeout, signalwire.connect_timeout, signalwire.total_timeout) == (15, 2, 5)


# Ids are CA and 32 hex digits at Twilio, UUIDs elsewhere; SignalWire signs in a header of its own; Somleng knows
# no places and sends no idempotency token.
@pytest.mark.parametrize(
    ("dialect", "sid", "header", "geo"),
    [
        ("twilio", "CA[0-9a-f]{32}", "X-Twilio-Signature", True),
        ("signalwire", UUID, "X-SignalWire-Signature", True),
        ("somleng", UUID, "X-Twilio-Signature", False),
    ],
)
def test_the_request(
    application: Application, exchanges: Exchanges, dialect: str, sid: str, header: str, geo: bool
) -> None:
    application.pages["/voice/incoming"] = "<Say>Hello</Say>"
    Caller(exchanges(dialect=dialect)).dials(NUMBER).hears("hello")
    asked = application.to("/voice/incoming")[0]
    assert re.fullmatch(sid, asked.params["CallSid"])
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert headers[header.lower()] == sign(TOKEN, f"{PUBLIC_URL}/voice/incoming", asked.params)
    assert ("FromCity" in asked.params) is geo
    assert ("i-twilio-idempotency-token" in headers) is (dialect == "twilio")


# Redirects: ten at Twilio, three at SignalWire.
def test_signalwire_follows_three_redirects(application: Application, exchanges: Exchanges) -> None:
    application.pages["/voice/incoming"] = Reply(status=302, headers=(("Location", "/voice/incoming"),))
    Caller(exchanges(dialect="signalwire", fallback_url=None)).dials(NUMBER)
    assert len(application.to("/voice/incoming")) == 4


# Twilio rings five seconds longer than it is asked to; the others do not.
@pytest.mark.parametrize(("dialect", "seconds"), [("twilio", 25), ("signalwire", 20), ("somleng", 20)])
def test_how_long_it_rings(application: Application, exchanges: Exchanges, dialect: str, seconds: float) -> None:
    application.pages["/voice/incoming"] = f'<Dial action="/after" timeout="20"><Number>{MOBILE}</Number></Dial>'
    application.pages["/after"] = "<Hangup/>"
    caller = Caller(exchanges(dialect=dialect)).dials(NUMBER).is_forwarded_to(MOBILE).nobody_answers().ended()
    assert caller.call.ringing_seconds == seconds
    told = application.last("/after")
    assert ("DialBridged" in told) is (dialect == "twilio")
    assert ("DialCallSid" in told) is (dialect != "somleng")


def test_a_talk_at_somleng(application: Application, exchanges: Exchanges) -> None:
    application.pages["/voice/incoming"] = f'<Dial action="/after"><Number>{MOBILE}</Number></Dial>'
    application.pages["/after"] = "<Hangup/>"
    caller = Caller(exchanges(dialect="somleng")).dials(NUMBER).answers(MOBILE).talks_to(MOBILE, 9)
    caller.other_side_hangs_up().ended()
    told = application.last("/after")
    assert told["DialCallStatus"] == "completed"
    assert told["DialCallDuration"] == "9"
    assert told["DialCallSid"] == caller.call.legs[0].sid


# An unknown verb is a warning at Twilio, and the end of the call elsewhere: Pause, at Somleng.
@pytest.mark.parametrize(
    ("dialect", "verb", "level", "goes_on"),
    [
        ("twilio", "<Denoise/>", "warning", True),
        ("signalwire", "<Shout/>", "error", False),
        ("somleng", "<Pause/>", "warning", False),
        ("somleng", "<Enqueue>x</Enqueue>", "warning", False),
    ],
)
def test_an_unknown_verb(
    application: Application, exchanges: Exchanges, dialect: str, verb: str, level: str, goes_on: bool
) -> None:
    application.pages["/voice/incoming"] = f"<Say>Hello</Say>{verb}<Say>Hasta luego</Say>"
    caller = Caller(exchanges(dialect=dialect)).dials(NUMBER).hears("hello").ended()
    assert ("hasta luego" in str(caller.call.transcript).casefold()) is goes_on
    assert codes(caller) == [("12200", level)]


# Pause inside Gather fails at Somleng.
def test_a_pause_in_a_gather_at_somleng(application: Application, exchanges: Exchanges) -> None:
    application.pages["/voice/incoming"] = "<Say>Hello</Say><Gather><Pause/></Gather>"
    caller = Caller(exchanges(dialect="somleng")).dials(NUMBER).ended()
    assert [code for code, _ in codes(caller)] == ["13320"]


# A browser client cannot be dialled at SignalWire or Somleng.
@pytest.mark.parametrize("dialect", ["signalwire", "somleng"])
def test_no_browser_clients(application: Application, exchanges: Exchanges, dialect: str) -> None:
    application.pages["/voice/incoming"] = "<Dial><Client>ana</Client></Dial>"
    caller = Caller(exchanges(dialect=dialect)).dials(NUMBER).ended()
    assert [code for code, _ in codes(caller)] == ["13215"]


# Somleng ignores what it does not know: no whisper, no answerOnBridge, no recording. Each is written down.
def test_what_somleng_ignores(application: Application, exchanges: Exchanges) -> None:
    attributes = 'answerOnBridge="true" record="true" hangupOnStar="true"'
    application.pages["/voice/incoming"] = (
        f'<Dial {attributes}><Number url="/whisper" statusCallback="/leg">{MOBILE}</Number></Dial>'
    )
    caller = Caller(exchanges(dialect="somleng")).dials(NUMBER).answers(MOBILE).talks_to(MOBILE)
    assert caller.call.answered
    assert codes(caller) == [("12200", "warning")] * 5
    assert application.to("/whisper") + application.to("/leg") == []


# A whisper, and DialCallStatus alone to tell what became of it, at SignalWire.
def test_a_whisper_at_signalwire(application: Application, exchanges: Exchanges) -> None:
    application.pages |= {
        "/voice/incoming": f'<Dial action="/after"><Number url="/whisper">{MOBILE}</Number></Dial>',
        "/whisper": '<Gather numDigits="1"><Say>Press 1</Say></Gather><Hangup/>',
        "/after": "<Hangup/>",
    }
    caller = Caller(exchanges(dialect="signalwire")).dials(NUMBER).answers(MOBILE).is_not_accepted().ended()
    told = application.last("/after")
    assert told["DialCallStatus"] == "completed"
    assert "DialBridged" not in told
    assert "DialCallDuration" not in told
    assert codes(caller) == []


# Record at Somleng tells neither Digits nor an id.
def test_a_message_at_somleng(application: Application, exchanges: Exchanges) -> None:
    application.pages["/voice/incoming"] = '<Record action="/message" maxLength="60"/>'
    application.pages["/message"] = "<Hangup/>"
    Caller(exchanges(dialect="somleng")).dials(NUMBER).leaves_message(4).presses("#").ended()
    told = application.last("/message")
    assert told["RecordingDuration"] == "4"
    assert "RecordingUrl" in told
    assert not {"Digits", "RecordingSid"} & set(told)


# Somleng answers on Redirect; Twilio does not.
@pytest.mark.parametrize(("dialect", "status"), [("twilio", "ringing"), ("somleng", "in-progress")])
def test_redirect_may_answer(application: Application, exchanges: Exchanges, dialect: str, status: str) -> None:
    application.pages["/voice/incoming"] = "<Redirect>/next</Redirect>"
    application.pages["/next"] = "<Say>Hello</Say>"
    Caller(exchanges(dialect=dialect)).dials(NUMBER)
    assert application.last("/next")["CallStatus"] == status


# Gather's action gets Digits alone at Somleng.
def test_a_gather_at_somleng(application: Application, exchanges: Exchanges) -> None:
    application.pages["/voice/incoming"] = '<Gather action="/keys"/>'
    application.pages["/keys"] = "<Hangup/>"
    Caller(exchanges(dialect="somleng")).dials(NUMBER).presses("12#")
    assert application.last("/keys")["Digits"] == "12"
    assert "FinishedOnKey" not in application.last("/keys")
