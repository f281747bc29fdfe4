"""What goes over the wire: parameters, signature, cookies, redirects, repetitions."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

import pytest

from simulator import Caller, Document, Exchange
from tests.simulator.application import PUBLIC_URL, Application, Reply
from tests.simulator.conftest import ACCOUNT, TOKEN

NUMBER = "+34910000001"
FAREWELL = "<Say>Hasta luego</Say>"


def codes(exchange: Exchange) -> list[str]:
    return [fault.code for fault in exchange.faults]


# Every request has the standard parameters; the unknown places come as empty strings, in four families.
def test_the_first_request_has_the_standard_parameters(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = FAREWELL
    caller.dials(NUMBER, StirVerstat="TN-Validation-Passed-A").hears("hasta luego").ended()
    params = application.last("/voice/incoming")
    assert re.fullmatch(r"CA[0-9a-f]{32}", params["CallSid"])
    expected = {
        "AccountSid": ACCOUNT,
        "From": "+34600000001",
        "Caller": "+34600000001",
        "To": NUMBER,
        "Called": NUMBER,
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        "FromCity": "",
        "CalledCountry": "",
        "StirVerstat": "TN-Validation-Passed-A",
    }
    assert params.items() >= expected.items()
    assert sum(value == "" for value in params.values()) == 16


# The form is signed with the account's token over the public URL, whatever address the request is sent to.
def test_a_post_is_signed_in_public_space(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = FAREWELL
    caller.dials(NUMBER)
    asked = application.to("/voice/incoming")[0]
    text = f"{PUBLIC_URL}/voice/incoming" + "".join(k + v for k, v in sorted(asked.params.items()))
    digest = hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    assert asked.headers["X-Twilio-Signature"] == base64.b64encode(digest).decode()
    assert asked.headers["Host"] == "acme.example.com"
    assert asked.headers["X-Forwarded-Proto"] == "https"
    assert asked.headers["User-Agent"] == "TwilioProxy/1.1"


# A GET carries every parameter in its query, after what is there already; the signature is over that URL alone.
def test_a_get_carries_and_signs_its_query(application: Application, exchanges: Callable[..., Exchange]) -> None:
    application.pages["/voice/incoming"] = FAREWELL
    exchange = exchanges(voice_method="GET", voice_url=f"{PUBLIC_URL}/voice/incoming?n=1#rc=2")
    Caller(exchange).dials(NUMBER)
    asked = application.to("/voice/incoming")[0]
    assert asked.method == "GET"
    assert parse_qsl(asked.query)[0] == ("n", "1")
    assert asked.params["To"] == NUMBER
    url = f"{PUBLIC_URL}/voice/incoming?{asked.query}"
    digest = hmac.new(TOKEN.encode(), url.encode(), hashlib.sha1).digest()
    assert asked.headers["X-Twilio-Signature"] == base64.b64encode(digest).decode()


# A user name and password in a configured URL are sent as Basic authentication, and stay in the signed URL.
def test_a_login_in_the_url_becomes_a_header(application: Application, exchanges: Callable[..., Exchange]) -> None:
    application.pages["/voice/incoming"] = FAREWELL
    url = "https://joe:p%40ss@acme.example.com/voice/incoming"
    Caller(exchanges(voice_url=url)).dials(NUMBER).hears("hasta luego")
    asked = application.to("/voice/incoming")[0]
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"joe:p@ss").decode()
    text = url + "".join(k + v for k, v in sorted(asked.params.items()))
    digest = hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    assert asked.headers["X-Twilio-Signature"] == base64.b64encode(digest).decode()


# A caller on SIP has addresses for numbers, and tells where the call came from.
def test_a_sip_call_has_its_own_parameters(application: Application, exchange: Exchange) -> None:
    application.pages["/voice/incoming"] = FAREWELL
    exchange.place_call(from_="sip:7@pbx.example.com", to="sip:101@acme.sip.example.com")
    params = application.last("/voice/incoming")
    assert params["From"] == "sip:7@pbx.example.com"
    assert params["SipDomain"] == "acme.sip.example.com"
    assert params["SipCallId"]


# Cookies are kept for one call as a browser keeps them, and are not seen by the next call.
def test_cookies_live_as_long_as_the_call(application: Application, caller: Caller) -> None:
    cookies = (("Set-Cookie", "a=1; Path=/; Secure; HttpOnly"), ("Set-Cookie", "b=2; Path=/other"))
    body = "<Response><Redirect>/next</Redirect></Response>"
    application.pages["/voice/incoming"] = Reply(body=body, headers=cookies)
    application.pages["/next"] = FAREWELL
    caller.dials(NUMBER).dials(NUMBER)
    assert [asked.headers.get("Cookie") for asked in application.to("/next")] == ["a=1", "a=1"]
    assert [asked.headers.get("Cookie") for asked in application.to("/voice/incoming")] == [None, None]


# 301, 302 and 303 turn a POST into a GET without its parameters; 307 and 308 repeat it as it was.
@pytest.mark.parametrize(("status", "method", "kept"), [(301, "GET", False), (302, "GET", False), (303, "GET", False),
                                                        (307, "POST", True), (308, "POST", True)])  # fmt: skip
def test_redirects(application: Application, caller: Caller, status: int, method: str, kept: bool) -> None:
    application.pages["/voice/incoming"] = Reply(status=status, headers=(("Location", "/moved"),))
    application.pages["/moved"] = FAREWELL
    caller.dials(NUMBER).hears("hasta luego")
    asked = application.to("/moved")[0]
    assert (asked.method, "CallSid" in asked.params) == (method, kept)
    assert bool(caller.call.webhooks[-2].params) is kept
    signed = sorted(asked.params.items()) if kept else []
    text = f"{PUBLIC_URL}/moved" + "".join(k + v for k, v in signed)
    digest = hmac.new(TOKEN.encode(), text.encode(), hashlib.sha1).digest()
    assert asked.headers["X-Twilio-Signature"] == base64.b64encode(digest).decode()


# A relative Location starts from the address that gave it.
def test_redirects_of_redirects(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = Reply(status=307, headers=(("Location", "/deep/one"),))
    application.pages["/deep/one"] = Reply(status=307, headers=(("Location", "two"),))
    application.pages["/deep/two"] = FAREWELL
    caller.dials(NUMBER).hears("hasta luego")


# After ten redirects the provider gives up with 11215.
def test_too_many_redirects(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = Reply(status=302, headers=(("Location", "/voice/incoming"),))
    caller.dials(NUMBER).hears("application error").ended()
    assert codes(caller.exchange)[0] == "11215"
    assert len(application.to("/voice/incoming")) == 11


# Relative addresses start from the document being played, wherever redirects led to, not from the host.
def test_relative_addresses_start_from_the_document(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = Reply(status=307, headers=(("Location", "/deep/in/here"),))
    application.pages["/deep/in/here"] = "<Redirect>next?x=1</Redirect>"
    application.pages["/deep/in/next"] = FAREWELL
    caller.dials(NUMBER).hears("hasta luego")
    assert application.to("/deep/in/next")[0].query == "x=1"


# An empty Redirect, like an action that is left out, means the document itself.
def test_an_empty_address_is_the_document_itself(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = ["<Redirect></Redirect>", FAREWELL]
    caller.dials(NUMBER).hears("hasta luego")
    assert len(application.to("/voice/incoming")) == 2


# Doubled delivery: the same parameters and the same token twice; two different answers are a fault.
def test_every_webhook_twice(application: Application, exchanges: Callable[..., Exchange]) -> None:
    application.pages["/voice/incoming"] = '<Gather numDigits="1" action="/menu"><Say>Welcome</Say></Gather>'
    application.pages["/menu"] = ["<Say>One</Say>", "<Say>Two</Say>"]
    caller = Caller(exchanges(duplicate=True))
    caller.dials(NUMBER).hears("welcome").presses("1").hears("one").ended()
    assert codes(caller.exchange) == ["duplicate"]
    for path in ("/voice/incoming", "/menu", "/voice/status"):
        one, two = application.to(path)
        assert one.params == two.params
        assert one.headers["I-Twilio-Idempotency-Token"] == two.headers["I-Twilio-Idempotency-Token"]


# An earlier webhook can be delivered again; that changes nothing in the call.
def test_a_late_repetition(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather numDigits="1"><Say>Welcome</Say></Gather>'
    caller.dials(NUMBER)
    webhook = caller.call.webhooks[0]
    repeated = caller.exchange.redeliver(webhook)
    assert (repeated.status_code, repeated.text) == (200, webhook.text)
    one, two = application.to("/voice/incoming")
    assert one.params == two.params
    assert one.headers["I-Twilio-Idempotency-Token"] == two.headers["I-Twilio-Idempotency-Token"]
    assert len(caller.call.webhooks) == 1


# Documents that lead to each other without time passing are cut off instead of hammering the application.
@pytest.mark.parametrize(
    "page", ["<Redirect/>", lambda asked: f"<Redirect>?n={len(asked.query)}{asked.query}</Redirect>"]
)
def test_an_instant_loop(application: Application, caller: Caller, page: str) -> None:
    application.pages["/voice/incoming"] = page
    caller.dials(NUMBER).hears("application error").ended()
    assert codes(caller.exchange) == ["loop"]
    assert len(application.to("/voice/incoming")) <= 30


def test_a_person_who_keeps_pressing_keys_is_no_loop(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather numDigits="1"><Say>Again?</Say></Gather>'
    caller.dials(NUMBER)
    for _ in range(40):
        caller.presses("0").hears("again")
    assert codes(caller.exchange) == []


# What was answered is kept, and shown to whoever looks for it.
def test_documents_are_kept(application: Application, caller: Caller) -> None:
    seen: list[Document] = []
    application.pages["/voice/incoming"] = FAREWELL
    caller.exchange.on_document = seen.append
    caller.dials(NUMBER)
    (document,) = caller.exchange.documents
    assert seen == [document]
    assert document.url == f"{PUBLIC_URL}/voice/incoming"
    assert (document.status, document.content_type) == (200, "text/xml")
    assert FAREWELL in document.text
