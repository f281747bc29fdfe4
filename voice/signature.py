"""The provider's signature: nothing below /voice/ is answered without it."""

from __future__ import annotations

import logging

from flask import Request
from twilio.request_validator import RequestValidator, compare
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

from voice.fields import fields
from voice.profiles import Profile

log = logging.getLogger("ringpath.voice")

FORM = "application/x-www-form-urlencoded"


def requested_url(request: Request, public_url: str) -> str:
    """Return the address that the provider requested: ours, with path and query exactly as they arrived."""
    raw: str = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    if raw.startswith("/"):
        return public_url + raw
    return public_url + "/" + raw.partition("://")[2].partition("/")[2]  # a proxy's spelling, with scheme and host


class Signature:
    """Checks requests with the official validator; a missing header, a wrong one and a missing token all fail."""

    def __init__(self, *, token: str, profile: Profile, public_url: str) -> None:
        if not token:
            raise ValueError("without a token anybody could sign")
        self._validator = RequestValidator(token)
        self._header = profile.signature_header
        self._public_url = public_url

    def refuse(self, request: Request) -> str | None:
        """Say why a request is refused, None when it is the provider's."""
        given = request.headers.get(self._header, "")
        url = requested_url(request, self._public_url)
        if not given:
            return f"no {self._header} header for {url}"
        if request.get_data() and not request.form:
            return f"the body sent to {url} is no form, so that no signature covers it"
        if self._fits(url, request, given):
            return None
        return f"{self._header} does not fit {url}: is PUBLIC_URL the address at the provider, and the token right?"

    def _fits(self, url: str, request: Request, given: str) -> bool:
        # validate() signs two spellings of the address, with and without port; ours as it stands nearly always fits.
        plain = self._validator.compute_signature(url, request.form)
        return bool(compare(plain, given) or self._validator.validate(url, request.form, given))


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
