"""The provider's proof that a request is its own: nothing below /voice/ is answered without it."""

from __future__ import annotations

import hmac
import logging
import secrets
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from flask import Request
from twilio.request_validator import RequestValidator, compare
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

from voice.fields import fields
from voice.profiles import Profile, Proof

log = logging.getLogger("ringpath.voice")

FORM = "application/x-www-form-urlencoded"

TIMESTAMP = "telnyx-timestamp"

TOLERANCE = 300
"""Seconds by which a timestamp may differ from our clock, either way; what Telnyx's own libraries allow."""


def requested_url(request: Request, public_url: str) -> str:
    """Return the address that the provider requested: ours, with path and query exactly as they arrived."""
    raw: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    if raw.startswith("/"):
        return public_url + raw
    return public_url + "/" + raw.partition("://")[2].partition("/")[2]  # a proxy's spelling, with scheme and host


class Check(Protocol):
    """One kind of proof."""

    def refuse(self, request: Request, given: str, url: str) -> str | None:
        """Say what is wrong with the proof that was `given`, None when nothing is."""
        ...


class Hmac:
    """HMAC-SHA1 over the address and the form, by the official validator (twiml.md 1.3)."""

    def __init__(self, secret: str, header: str, clock: Callable[[], datetime]) -> None:  # noqa: ARG002
        self._validator = RequestValidator(secret)
        self._header = header

    def refuse(self, request: Request, given: str, url: str) -> str | None:
        """Check a form, or a GET without a body."""
        if request.get_data() and not request.form:
            return f"the body sent to {url} is no form, so that no signature covers it"
        if self._fits(url, request, given):
            return None
        return f"{self._header} does not fit {url}: is PUBLIC_URL the address at the provider, and the token right?"

    def _fits(self, url: str, request: Request, given: str) -> bool:
        # validate() signs two spellings of the address, with and without port; ours as it stands nearly always fits.
        plain = self._validator.compute_signature(url, request.form)
        return bool(compare(plain, given) or self._validator.validate(url, request.form, given))


class Ed25519:
    """Ed25519 over `timestamp|body` by Telnyx's private key; `secret` is its public one, in base64.

    The signature covers no address, so a request without a body is refused: nothing of it would be proven, and what
    Telnyx signs for a GET is not documented. Source: developers.telnyx.com/api-reference/callbacks, and the
    provider's libraries (webhook_verification).
    """

    def __init__(self, secret: str, header: str, clock: Callable[[], datetime]) -> None:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # 3 MB, for Telnyx only

        self._key = Ed25519PublicKey.from_public_bytes(b64decode(secret, validate=True))
        self._header, self._clock = header, clock

    def refuse(self, request: Request, given: str, url: str) -> str | None:
        """Check a body, and that it is fresh."""
        said = request.headers.get(TIMESTAMP, "")
        if not (said.isascii() and said.isdigit() and len(said) <= 12):
            return f"no {TIMESTAMP} header for {url}"
        body = request.get_data(cache=True, parse_form_data=False)
        if request.method != "POST" or not body:
            return f"nothing is signed in the {request.method} for {url}: set POST as its method at the provider"
        if not self._fits(given, said, body):
            return f"{self._header} does not fit the body for {url}: is TELNYX_PUBLIC_KEY that of the account?"
        if abs(self._clock().timestamp() - int(said)) > TOLERANCE:
            return f"{TIMESTAMP} of the request for {url} is more than {TOLERANCE} s away from our clock"
        return None

    def _fits(self, given: str, said: str, body: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature

        try:
            self._key.verify(b64decode(given, validate=True), said.encode() + b"|" + body)
        except (InvalidSignature, NotBase64, ValueError):
            return False
        return True


class Bearer:
    """A secret in the Authorization header: Cloudonix signs nothing, but sends the domain's `authorization-api-key`.

    It does so with every request to a customer's endpoints. Source: developers.cloudonix.com, dataModels/domain. The
    secret stands in no address, so no log of a proxy or of ours has it; whoever learns it could forge any request.
    """

    def __init__(self, secret: str, header: str, clock: Callable[[], datetime]) -> None:  # noqa: ARG002
        self._secret, self._header = secret.encode(), header

    def refuse(self, request: Request, given: str, url: str) -> str | None:  # noqa: ARG002
        """Compare in constant time."""
        kind, _, token = given.partition(" ")
        if kind.lower() == "bearer" and hmac.compare_digest(token.strip().encode(), self._secret):
            return None
        return f"{self._header} does not fit for {url}: is TWILIO_AUTH_TOKEN the domain's authorization-api-key?"


_CHECKS: dict[Proof, Callable[[str, str, Callable[[], datetime]], Check]] = {
    "hmac": Hmac,
    "ed25519": Ed25519,
    "bearer": Bearer,
}


def _now() -> datetime:
    return datetime.now(UTC)


class Signature:
    """Checks requests in the way of the profile; a missing header, a wrong one and a missing secret all fail."""

    def __init__(self, *, token: str, profile: Profile, public_url: str, clock: Callable[[], datetime] = _now) -> None:
        if not token:
            raise ValueError("without a token anybody could sign")
        self._check = _CHECKS[profile.proof](token, profile.signature_header, clock)
        self._header = profile.signature_header
        self._public_url = public_url

    def refuse(self, request: Request) -> str | None:
        """Say why a request is refused, None when it is the provider's."""
        given = request.headers.get(self._header, "")
        url = requested_url(request, self._public_url)
        return self._check.refuse(request, given, url) if given else f"no {self._header} header for {url}"


def fresh_keys(profile: Profile) -> tuple[str, str]:
    """Make a secret that nobody knows: what to sign with, and what to check with."""
    if profile.proof != "ed25519":
        secret = secrets.token_hex()
        return secret, secret
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    return b64encode(private.private_bytes_raw()).decode(), b64encode(public).decode()


class SignedForm(ImmutableMultiDict[str, str]):
    """Form fields that the validator can read without failing twice on each for a method of another framework."""

    getall = dict.__getitem__


class SignedRequest(Request):
    """A request whose form is a SignedForm, read once and in the one way in which providers send it.

    What is sent otherwise, as the parts of a file would be, is no form here: no signature covers it.
    """

    @cached_property
    def form(self) -> SignedForm:
        """The fields of the body; none where it is no form."""
        kind = self.environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
        return SignedForm(fields(self.get_data().decode(errors="replace")) if kind == FORM else ())
