"""Answers that cannot be played, and what becomes of the call."""

import socket
from collections.abc import Callable
from threading import Event

import pytest

from simulator import Caller, Exchange
from tests.simulator.application import PUBLIC_URL, Application, Asked, Reply

NUMBER = "+34910000001"
FAREWELL = "<Say>Hasta luego</Say>"


def codes(exchange: Exchange) -> list[str]:
    return [fault.code for fault in exchange.faults]


# text/xml, application/xml and text/html are TwiML; plain text is TwiML if it parses, and is read out if not.
@pytest.mark.parametrize("kind", ["text/xml", "application/xml; charset=utf-8", "text/html", "text/plain"])
def test_content_types_that_are_played(application: Application, caller: Caller, kind: str) -> None:
    application.pages["/voice/incoming"] = Reply(body=f"<Response>{FAREWELL}</Response>", content_type=kind)
    caller.dials(NUMBER).hears("hasta luego").ended()
    assert codes(caller.exchange) == []


def test_plain_text_is_read_out(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = Reply(body="Salt & pepper", content_type="text/plain")
    caller.dials(NUMBER).hears("Salt & pepper").ended()


def test_sound_as_a_document_is_played_to_its_end(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = Reply(body=b"\0" * 16_000, content_type="audio/mpeg")
    caller.dials(NUMBER).hears_music().ended()


FAILURES = [
    (Reply(body="{}", content_type="application/json"), "12300"),
    (Reply(body="<Response/>", content_type=None), "11200"),
    (Reply(status=500, body="<Response/>"), "11200"),
    (Reply(status=403, body="<Response/>"), "11200"),
    (Reply(body="<Response><Say>a & b</Say></Response>"), "12100"),
    (Reply(body="\n<?xml version='1.0'?><Response/>"), "12100"),
    (Reply(body=""), "12100"),
    (Reply(body="<response/>"), "12102"),
    (Reply(body=f"<Response><!--{'x' * 65536}--></Response>"), "11750"),
]


# Whatever cannot be played is a fault, and the fallback URL is asked with the code and the URL that failed.
@pytest.mark.parametrize(("reply", "code"), FAILURES, ids=[f"{code}-{i}" for i, (_, code) in enumerate(FAILURES)])
def test_failures_lead_to_the_fallback(application: Application, caller: Caller, reply: Reply, code: str) -> None:
    application.pages["/voice/incoming"] = reply
    application.pages["/voice/fallback"] = "<Say>Sorry</Say>"
    caller.dials(NUMBER).hears("sorry").ended()
    assert codes(caller.exchange) == [code]
    assert caller.exchange.faults[0].level == "error"
    asked = application.last("/voice/fallback")
    assert (asked["ErrorCode"], asked["ErrorUrl"]) == (code, f"{PUBLIC_URL}/voice/incoming")
    assert asked["CallSid"] == caller.call.sid


# The fallback covers the whole call, not just its first request.
def test_the_fallback_covers_actions(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather action="/broken" numDigits="1"/>'
    application.pages["/voice/fallback"] = "<Say>Sorry</Say>"
    caller.dials(NUMBER).presses("1").hears("sorry").ended()
    assert application.last("/voice/fallback")["ErrorUrl"] == f"{PUBLIC_URL}/broken"


# Without a fallback, or when it fails too, the caller hears the provider's error message and the call ends.
@pytest.mark.parametrize("fallback", [None, f"{PUBLIC_URL}/nothing"])
def test_the_application_error(exchanges: Callable[..., Exchange], fallback: str | None) -> None:
    caller = Caller(exchanges(fallback_url=fallback))
    caller.dials(NUMBER).hears("application error").ended()
    assert codes(caller.exchange) == ["11200"] * (2 if fallback else 1)
    assert caller.call.status == "completed"


# A refused connection is tried once more, then it is 11205.
def test_a_refused_connection(application: Application, exchanges: Callable[..., Exchange]) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        caller = Caller(exchanges(connect_url=f"http://127.0.0.1:{port}", status_url=None, fallback_url=None))
        caller.dials(NUMBER).hears("application error")
    assert codes(caller.exchange) == ["11205"]
    assert [webhook.status_code for webhook in caller.call.webhooks] == [0, 0]


# An answer that takes longer than the provider waits counts as none; it is not asked for again.
def test_the_time_limit(application: Application, exchanges: Callable[..., Exchange]) -> None:
    answered = Event()

    def slow(_: Asked) -> str:
        answered.wait(30)
        return FAREWELL

    application.pages["/voice/incoming"] = slow
    application.pages["/voice/fallback"] = "<Say>Sorry</Say>"
    caller = Caller(exchanges(limits={"total_timeout": 0.5}))
    caller.dials(NUMBER).hears("sorry")
    answered.set()
    assert codes(caller.exchange) == ["11200"]
    assert len(application.to("/voice/incoming")) == 1


# By default a 500 is not retried; with rp=5xx in the fragment it is, as often as rc says, with the same token.
@pytest.mark.parametrize(("fragment", "times"), [("", 1), ("#rc=2&rp=5xx", 3), ("#rc=2&rp=4xx,ct", 1)])
def test_retries(application: Application, exchanges: Callable[..., Exchange], fragment: str, times: int) -> None:
    application.pages["/voice/incoming"] = Reply(status=500)
    caller = Caller(exchanges(voice_url=f"{PUBLIC_URL}/voice/incoming{fragment}", fallback_url=None))
    caller.dials(NUMBER).hears("application error")
    asked = application.to("/voice/incoming")
    assert len(asked) == times
    assert len({each.headers["I-Twilio-Idempotency-Token"] for each in asked}) == 1
