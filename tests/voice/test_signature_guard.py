"""The guard before every webhook: signed by the provider for our address, or refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Request
from redis import Redis
from werkzeug.datastructures import MultiDict
from werkzeug.test import EnvironBuilder

from config.company import Company
from flows.places import KINDS
from live import about
from local.house import PUBLIC_URL, TOKEN
from simulator.signature import sign
from tests.voice.wire import FORM, MAIN, Wire, app_of
from voice.guard import NAME
from voice.profiles import PROFILES
from voice.signature import Signature, SignedRequest

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
HEADER = "X-Twilio-Signature"
TARGET = "/voice/incoming?b=2&a=1"


def addresses(wire: Wire) -> list[str]:
    """Every address below /voice/: each rule of the URL map, filled in, and some that have no rule."""
    found: list[str] = ["/voice/", "/voice/nothing", "/voice/at/", "/voice/at/nowhere/else", "/voice/%2e%2e/healthz"]
    for rule in wire.app.extensions[NAME].url_map.iter_rules():
        places = KINDS if "<kind>" in rule.rule else ["x/y"]
        found += [rule.rule.replace("<kind>", place).replace("<path:rest>", place) for place in places]
    return sorted({*found})


# Every /voice/ request is checked before anything else; wrong or missing: 403, no state touched, one log line saying
# why: the URL we computed, never the token (DESIGN section 5).
@pytest.mark.parametrize("method", METHODS)
def test_nothing_below_voice_is_answered_unsigned(
    wire: Wire, redis: Redis, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    assert len(addresses(wire)) > 15
    for address in addresses(wire):
        caplog.clear()
        answer = wire.raw(method, address, data=FORM)
        assert answer.status == 403, address
        assert redis.dbsize() == 0, address
        [record] = caplog.records
        assert PUBLIC_URL + address in record.getMessage()
        assert TOKEN not in caplog.text
        assert "Traceback" not in answer.text


def test_the_providers_views_have_no_address_outside_the_guarded_ones(wire: Wire) -> None:
    rules = [rule.rule for rule in wire.app.extensions[NAME].url_map.iter_rules()]
    assert len(rules) >= 7
    assert [rule for rule in rules if not rule.startswith("/voice/")] == []
    assert [rule for rule in wire.app.url_map.iter_rules() if rule.rule.startswith("/voice")] == []


# Nothing that pages need is done for a webhook (issue 5, part 4): it would cost a tenth of its time.
def test_a_webhook_passes_by_all_that_is_done_for_pages(redis_url: str, redis: Redis, sample: Company) -> None:
    app, asked = app_of(sample, redis_url, with_pages=True), list[str]()
    app.before_request(lambda: asked.append("before"))
    app.teardown_request(lambda _: asked.append("after"))
    wire = Wire(app)
    answer = wire.post("/voice/incoming")
    assert answer.verbs
    assert {"Set-Cookie", "Vary", "Content-Security-Policy", "Cache-Control"} & {*answer.headers.keys()} == set()
    assert asked == []
    assert wire.raw("GET", "/healthz").status == 200
    assert asked == ["before", "after"]


@dataclass(frozen=True)
class Sent:
    """A request as it goes over the wire; `url` and `signed` are what the provider signed."""

    method: str = "POST"
    target: str = TARGET
    url: str = PUBLIC_URL + TARGET
    form: MultiDict[str, str] | None = None
    signed: Any = None
    token: str = TOKEN
    header: str = HEADER
    signature: Callable[[str], str | None] = lambda right: right
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    content_type: str | None = None

    def go(self, wire: Wire) -> int:
        """Send it; the status of the answer."""
        form = MultiDict(FORM) if self.form is None else self.form
        signed = dict(form.lists()) if self.signed is None else self.signed
        signature = self.signature(sign(self.token, self.url, signed))
        headers = [*self.headers, *([(self.header, signature)] if signature is not None else [])]
        data = form if self.body is None else self.body
        options = {"content_type": self.content_type} if self.content_type else {}
        return wire.raw(self.method, self.target, data=data, headers=headers, **options).status


FORGED = {
    "no signature": Sent(signature=lambda right: None),
    "an empty signature": Sent(signature=lambda right: ""),
    "spaces for a signature": Sent(signature=lambda right: "   "),
    "a signature by another token": Sent(token="another token"),
    "a signature by no token": Sent(token=""),
    "a signature of letters beyond ASCII": Sent(signature=lambda right: "ñ" * len(right)),
    "half a signature": Sent(signature=lambda right: right[:14]),
    "a signature and more": Sent(signature=lambda right: right + "="),
    "a signature in capitals": Sent(signature=str.upper),
    "the signature of another address": Sent(url=PUBLIC_URL + "/voice/status"),
    "the signature of another host": Sent(url="https://other.example.com" + TARGET),
    "the signature of http": Sent(url=PUBLIC_URL.replace("https", "http") + TARGET),
    "the signature of a longer path": Sent(url=PUBLIC_URL + "/voice/incoming/?b=2&a=1"),
    "the query in another order": Sent(url=PUBLIC_URL + "/voice/incoming?a=1&b=2"),
    "a query that was not signed": Sent(url=PUBLIC_URL + "/voice/incoming"),
    "a query that is missing": Sent(target="/voice/incoming"),
    "a changed parameter": Sent(signed=FORM | {"From": "+34600000009"}),
    "a parameter too many": Sent(signed={k: v for k, v in FORM.items() if k != "From"}),
    "a parameter too few": Sent(signed=FORM | {"Digits": "1"}),
    "no parameter signed": Sent(signed={}),
    "the sha256 header instead": Sent(header="X-Twilio-Signature-256"),
    "the header of another provider": Sent(header="X-SignalWire-Signature"),
    "a form signed and JSON sent": Sent(body=json.dumps(FORM), content_type="application/json"),
    "JSON that nothing signs": Sent(signed={}, body=json.dumps(FORM), content_type="application/json"),
    "a file that nothing signs": Sent(
        signed={},
        body='--x\r\nContent-Disposition: form-data; name="From"\r\n\r\n+34600000009\r\n--x--\r\n',
        content_type="multipart/form-data; boundary=x",
    ),
    "a form signed and sent as text": Sent(body=urlencode(FORM), content_type="text/plain"),
    "text that nothing signs": Sent(signed={}, body=urlencode(FORM), content_type="text/plain"),
    "an address of the proxy's": Sent(
        url="https://evil.example.com" + TARGET,
        headers=(("X-Forwarded-Host", "evil.example.com"), ("X-Forwarded-Proto", "https")),
    ),
    "an address of the host header": Sent(
        url="https://evil.example.com" + TARGET, headers=(("Host", "evil.example.com"),)
    ),
    "http as the proxy says": Sent(
        url=PUBLIC_URL.replace("https", "http") + TARGET, headers=(("X-Forwarded-Proto", "http"),)
    ),
    "a prefix as the proxy says": Sent(
        url=PUBLIC_URL + "/prefix" + TARGET, headers=(("X-Forwarded-Prefix", "/prefix"), ("X-Script-Name", "/prefix"))
    ),
    "a path as the proxy says": Sent(
        url=PUBLIC_URL + "/voice/status", headers=(("X-Original-URL", "/voice/status"), ("X-Rewrite-URL", "/x"))
    ),
    "a GET with another query": Sent(method="GET", signed={}, form=MultiDict(), target=TARGET + "&From=%2B34600000009"),
    "a GET with a body besides": Sent(method="GET", signed={}),
}


@pytest.mark.parametrize("sent", FORGED.values(), ids=FORGED)
def test_a_forged_request_is_refused_and_touches_nothing(
    wire: Wire, redis: Redis, caplog: pytest.LogCaptureFixture, sent: Sent
) -> None:
    assert sent.go(wire) == 403
    assert redis.dbsize() == 0
    assert len(caplog.records) == 1
    assert TOKEN not in caplog.text
    assert PUBLIC_URL in caplog.text


REPEATED = MultiDict([*FORM.items(), ("Digits", "2"), ("Digits", "1"), ("Digits", "2")])
ABSOLUTE = "/voice/incoming?next=https://elsewhere.example.com/voice/status?x=1"
GENUINE = {
    "a POST": Sent(),
    "no parameters at all": Sent(form=MultiDict(), signed={}),
    # Values of a repeated name are de-duplicated and sorted (twiml.md 1.3).
    "repeated parameters": Sent(form=REPEATED),
    "names in any order and empty values": Sent(
        form=MultiDict([("b", ""), ("B", "1"), ("a", "ñ €"), ("CallSid", "1")])
    ),
    # "sig generation on back end is inconsistent": with or without the port (twiml.md 1.3).
    "the port in the address": Sent(url=PUBLIC_URL + ":443" + TARGET),
    "the header in small letters": Sent(header=HEADER.lower()),
    "the header in capitals": Sent(header=HEADER.upper()),
    "a GET": Sent(method="GET", signed={}, form=MultiDict()),
    "a GET with encoded parameters": Sent(
        method="GET",
        signed={},
        form=MultiDict(),
        target=TARGET + "&From=%2B34600000001&To=%2b34910000001&CallerName=A%20B+C",
        url=PUBLIC_URL + TARGET + "&From=%2B34600000001&To=%2b34910000001&CallerName=A%20B+C",
    ),
    "an address in the query": Sent(target=ABSOLUTE, url=PUBLIC_URL + ABSOLUTE),
    "a proxy that says what it likes": Sent(
        headers=(
            ("Host", "10.0.0.7:8000"),
            ("X-Forwarded-Host", "evil.example.com"),
            ("X-Forwarded-Proto", "http"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("Forwarded", "host=evil.example.com;proto=http"),
        )
    ),
}


@pytest.mark.parametrize("sent", GENUINE.values(), ids=GENUINE)
def test_what_the_provider_signed_is_answered(wire: Wire, sent: Sent) -> None:
    assert sent.go(wire) == 200


def test_a_signature_is_good_for_one_method_no_less(wire: Wire) -> None:
    posted = Sent(method="GET")  # the form of a POST, signed, and sent with GET
    assert posted.go(wire) == 200  # the fields are covered by the signature all the same
    assert replace(posted, signed={}).go(wire) == 403


# The header of the profile: SignalWire's has a name of its own (twiml.md 4).
def test_each_provider_has_its_own_header(redis_url: str, redis: Redis, sample: Company) -> None:
    for provider, profile in PROFILES.items():
        if profile.proof != "hmac":
            continue  # test_provider_proofs.py
        wire = Wire(app_of(sample, redis_url, provider=provider))
        assert replace(Sent(), header=profile.signature_header).go(wire) == 200
        wrong = {"X-Twilio-Signature", "X-SignalWire-Signature"} - {profile.signature_header}
        assert replace(Sent(), header=wrong.pop()).go(wire) == 403


# The known vector of the provider's own documentation (twiml.md 1.3).
def test_the_known_vector_is_accepted() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    signature = Signature(token="12345", profile=PROFILES["twilio"], public_url="https://mycompany.com")

    def refused(given: str) -> str | None:
        environ = EnvironBuilder(path="/myapp.php?foo=1&bar=2", method="POST", data=form, headers=[(HEADER, given)])
        return signature.refuse(SignedRequest(environ.get_environ()))

    assert refused("RSOYDt4T1cUTdK1PDd93/VVr8B8=") is None
    assert url in (refused("RSOYDt4T1cUTdK1PDd93/VVr8B9=") or "")


def test_without_a_token_there_is_no_guard_and_so_no_app() -> None:
    with pytest.raises(ValueError, match="token"):
        Signature(token="", profile=PROFILES["twilio"], public_url=PUBLIC_URL)


# Signatures fail closed (issue 2, part 5): what goes wrong while checking is a refusal, not a safe document.
def test_a_check_that_fails_itself_refuses(
    wire: Wire, redis: Redis, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(self: Signature, request: Request) -> str | None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Signature, "refuse", broken)
    answer = wire.post("/voice/incoming")
    assert answer.status == 403
    assert "Dial" not in answer.text
    assert redis.dbsize() == 0
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_the_body_is_not_read_before_the_header_is_there(wire: Wire) -> None:
    answer = wire.raw("POST", "/voice/incoming", data=FORM | {"To": MAIN, "Digits": "1" * 600_000})
    assert answer.status == 403


# Every line of the log says which call it is about; that of a refusal must not read a stranger's body for it.
def test_the_line_about_a_refusal_does_not_read_the_body_either(wire: Wire) -> None:
    told: list[dict[str, str]] = []

    class Tells(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(dict(about.facts()))

    log, listens = logging.getLogger("ringpath.voice"), Tells()
    log.addHandler(listens)
    try:
        assert wire.raw("POST", "/voice/incoming", data=FORM).status == 403
    finally:
        log.removeHandler(listens)
    assert told == [{}]
