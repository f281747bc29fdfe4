"""Webhooks of providers that prove themselves otherwise than Twilio does: right, or refused."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from redis import Redis

from app import create_app
from config.company import Company
from local.house import PUBLIC_URL, TOKEN, house_environment
from tests.databases import shared_database
from tests.moments import OPEN, at
from tests.voice.test_signature_guard import addresses
from tests.voice.wire import FORM, Wire, app_of
from voice.profiles import PROFILES
from voice.signature import TOLERANCE, Signature

TARGET = "/voice/incoming?a=1"
NOW = at(OPEN)
KEY, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
BODY = urlencode(FORM)
FORM_TYPE = "application/x-www-form-urlencoded"


def public(key: Ed25519PrivateKey) -> str:
    """A key as the portal shows it."""
    return b64encode(key.public_key().public_bytes_raw()).decode()


@pytest.fixture
def telnyx(redis_url: str, redis: Redis, sample: Company) -> Wire:
    """The sample company's app, with a key of Telnyx's that this test has."""
    keys = {"telnyx_public_key": public(KEY), "database_url": shared_database()}
    environment = house_environment(redis_url, "telnyx", **keys)
    return Wire(create_app(environment, company=sample, clock=lambda: NOW, with_pages=False))


@pytest.fixture
def cloudonix(redis_url: str, redis: Redis, sample: Company) -> Wire:
    """The sample company's app, and a domain whose authorization-api-key is TOKEN."""
    return Wire(app_of(sample, redis_url, provider="cloudonix"))


@dataclass(frozen=True)
class Signed:
    """A request of Telnyx's; `says` is what it signs, `stamp` what it tells, in seconds from now."""

    method: str = "POST"
    body: str = BODY
    content_type: str = FORM_TYPE
    key: Ed25519PrivateKey = KEY
    stamp: int | str = 0
    says: Callable[[str, str], str] = lambda stamp, body: f"{stamp}|{body}"
    signature: Callable[[str], str] = lambda right: right
    names: tuple[str, str] = ("telnyx-signature-ed25519", "telnyx-timestamp")

    def go(self, wire: Wire) -> int:
        """Send it; the status of the answer."""
        moment = NOW + timedelta(seconds=self.stamp) if isinstance(self.stamp, int) else None
        stamp = str(int(moment.timestamp())) if moment else str(self.stamp)
        right = b64encode(self.key.sign(self.says(stamp, self.body).encode())).decode()
        headers = {self.names[0]: self.signature(right), self.names[1]: stamp, "Content-Type": self.content_type}
        return wire.raw(self.method, TARGET, data=self.body, headers={k: v for k, v in headers.items() if v}).status


GENUINE = {
    "just now": Signed(),
    "as old as may be": Signed(stamp=-TOLERANCE),
    "of a clock that is ahead": Signed(stamp=TOLERANCE),
    "header names in capitals": Signed(names=("TELNYX-SIGNATURE-ED25519", "TELNYX-TIMESTAMP")),
    "JSON": Signed(body=json.dumps(FORM), content_type="application/json"),
}
FORGED = {
    "no signature": Signed(signature=lambda _: ""),
    "no timestamp": Signed(stamp=""),
    "a timestamp that is none": Signed(stamp="today"),
    "a timestamp with a sign": Signed(stamp="-1"),
    "by another key": Signed(key=OTHER),
    "stale": Signed(stamp=-TOLERANCE - 1),
    "from the future": Signed(stamp=TOLERANCE + 1),
    "an old signature with a new timestamp": Signed(says=lambda stamp, body: f"{int(stamp) - 600}|{body}"),
    "of another body": Signed(says=lambda stamp, body: f"{stamp}|{body}&Digits=1"),
    "of the body alone": Signed(says=lambda _, body: body),
    "no base64": Signed(signature=lambda right: "*" + right[1:]),
    "letters beyond ASCII": Signed(signature=lambda _: "ñ" * 88),
    "half a signature": Signed(signature=lambda right: right[:44]),
    "Twilio's header": Signed(names=("X-Twilio-Signature", "telnyx-timestamp")),
    "nothing but a timestamp signed": Signed(body=""),
    "a GET": Signed(method="GET", body=""),
    "a GET with a body": Signed(method="GET"),
}


@pytest.mark.parametrize("request_", GENUINE.values(), ids=GENUINE)
def test_what_telnyx_signed_is_answered(telnyx: Wire, request_: Signed) -> None:
    assert request_.go(telnyx) == 200


@pytest.mark.parametrize("request_", FORGED.values(), ids=FORGED)
def test_what_telnyx_did_not_sign_touches_nothing(
    telnyx: Wire, redis: Redis, caplog: pytest.LogCaptureFixture, request_: Signed
) -> None:
    assert request_.go(telnyx) == 403
    assert redis.dbsize() == 0
    [record] = caplog.records
    assert PUBLIC_URL + TARGET in record.getMessage()


# The time is part of what is signed, so a request cannot be used again later; soon afterwards the same request of the
# same call gets the same answer, as when a provider repeats it.
def test_a_request_is_good_for_five_minutes(telnyx: Wire) -> None:
    board = telnyx.app.extensions["ringpath"]
    assert Signed().go(telnyx) == Signed().go(telnyx) == 200
    assert replace(Signed(), stamp=-TOLERANCE - 1).go(telnyx) == 403
    assert board.clock() == NOW


@dataclass(frozen=True)
class Sent:
    """A request of Cloudonix's, which posts JSON."""

    authorization: str | None = f"Bearer {TOKEN}"
    method: str = "POST"
    target: str = TARGET
    headers: tuple[tuple[str, str], ...] = ()

    def go(self, wire: Wire) -> int:
        """Send it; the status of the answer."""
        headers = [*self.headers, *([("Authorization", self.authorization)] if self.authorization is not None else [])]
        more: dict[str, Any] = {"json": FORM} if self.method == "POST" else {"query_string": FORM}
        return wire.raw(self.method, self.target, headers=headers, **more).status


@pytest.mark.parametrize(
    "sent",
    [
        Sent(),
        Sent(authorization=f"bearer {TOKEN}"),
        Sent(authorization=f"Bearer  {TOKEN} "),
        Sent(method="GET", target="/voice/incoming"),
        Sent(headers=(("X-Cx-Apikey", "XI0"), ("X-Cx-Source", "TRUNK"))),
    ],
)
def test_what_comes_with_the_secret_is_answered(cloudonix: Wire, sent: Sent) -> None:
    assert sent.go(cloudonix) == 200


@pytest.mark.parametrize(
    "sent",
    [
        Sent(authorization=None),
        Sent(authorization=""),
        Sent(authorization="Bearer"),
        Sent(authorization="Bearer "),
        Sent(authorization=TOKEN),
        Sent(authorization=f"Basic {TOKEN}"),
        Sent(authorization=f"Bearer {TOKEN[:-1]}"),
        Sent(authorization=f"Bearer {TOKEN}x"),
        Sent(authorization=f"Bearer {TOKEN.upper()}"),
        Sent(authorization="Bearer ñandú"),
        Sent(authorization=None, target=f"{TARGET}&Authorization=Bearer%20token"),
        Sent(authorization=None, headers=(("X-Cx-Apikey", TOKEN),)),
        Sent(authorization=None, method="GET", target="/voice/incoming"),
    ],
)
def test_what_comes_without_the_secret_touches_nothing(
    cloudonix: Wire, redis: Redis, caplog: pytest.LogCaptureFixture, sent: Sent
) -> None:
    assert sent.go(cloudonix) == 403
    assert redis.dbsize() == 0
    assert len(caplog.records) == 1
    assert TOKEN not in caplog.text


@pytest.fixture(params=sorted(PROFILES))
def anybody(request: pytest.FixtureRequest, redis_url: str, redis: Redis, sample: Company) -> Wire:
    """An app for each provider."""
    return Wire(app_of(sample, redis_url, provider=request.param))


# Fails closed for all of them: no address below /voice/ is answered without the provider's own proof.
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_nothing_below_voice_is_answered_unproven(anybody: Wire, redis: Redis, method: str) -> None:
    for address in addresses(anybody):
        assert anybody.raw(method, address, data=FORM).status == 403, address
    assert redis.dbsize() == 0


@pytest.mark.parametrize("provider", sorted(PROFILES))
def test_without_a_secret_there_is_no_guard(provider: str) -> None:
    with pytest.raises(ValueError, match="token"):
        Signature(token="", profile=PROFILES[provider], public_url=PUBLIC_URL)
