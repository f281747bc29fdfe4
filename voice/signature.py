"""The provider's signature: nothing below /voice/ is answered without it."""

from __future__ import annotations

import logging

from flask import Request
from twilio.request_validator import RequestValidator

from voice.profiles import Profile

log = logging.getLogger("ringpath.voice")


def requested_url(request: Request, public_url: str) -> str:
    """Return the address that the provider requested: ours, with path and query exactly as they arrived."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path
    return public_url + "/" + raw.partition("://")[2].partition("/")[2] if "://" in raw else public_url + raw


class Signature:
    """Checks requests with the official validator; a missing header, a wrong one and a missing token all fail."""

    def __init__(self, *, token: str, profile: Profile, public_url: str) -> None:
        self._validator = RequestValidator(token)
        self._header = profile.signature_header
        self._public_url = public_url

    def refuse(self, request: Request) -> str | None:
        """Say why a request is refused, None when it is the provider's."""
        given = request.headers.get(self._header, "")
        url = requested_url(request, self._public_url)
        if not given:
            return f"no {self._header} header for {url}"
        if not self._validator.validate(url, request.form, given):
            return f"{self._header} does not fit {url}: is PUBLIC_URL the address at the provider, and the token right?"
        return None
