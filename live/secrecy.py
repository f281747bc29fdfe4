"""What no log and no report may hold is taken out of a text: the second line of defence, behind not writing it.

First every secret that the environment has, wherever it stands; then what looks like one. Telephone numbers are
personal data and keep a beginning and an end: the call id leads whoever may see them to the call details.
"""

from __future__ import annotations

import os
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from config.environment import Environment
from config.storage import Bucket

HIDDEN = "***"

SHORTEST = 4
"""Characters. To hide every "a" because the token is "a" would hide the log."""

LONGEST = 256
"""Characters of a password of SIP that is looked for: to look to the end of the text, from each place where one may
begin, would take a report of 48 kB seconds."""

SECRET_NAMES = tuple(each.name for each in fields(Environment) if not each.repr)
"""The variables whose values are secret, or have a secret in them."""

LOGIN_IS_SECRET = ("s3", "s3+http", "http", "https")
"""Addresses in which the name before the password is one too: a bucket's key, Sentry's."""

_PLAIN = r"(?:access|refresh|auth|api)[_-]?(?:token|key)|client[_-]?secret|password|passwd"
"""Names of which no sentence of ours is made, so that they tell a secret wherever they stand."""

_NAMES = rf"{_PLAIN}|signature|key|auth|token|secret"
_PARAMETERS = rf"{_NAMES}|x-amz-[a-z-]+|awsaccesskeyid|sig|policy|code|state|digits"
_HEADERS = (
    r"authorization|proxy-authorization|cookie|set-cookie|x-csrf-?token|x-sentry-auth|x-api-key|"
    r"(?:x-)?[a-z0-9]+-signature(?:-ed25519)?"
)

_GAP = r"[ ().-]{0,2}"
_WITH_GAPS = rf"(?<![\w+])(?:\+|%2[Bb])(\d{_GAP}\d)(?:{_GAP}\d){{3,11}}?{_GAP}(\d\d)(?!{_GAP}\d)"
_NATIONAL = (
    r"(?<![\w.+…:/-])(?=(?:[ -]?\d){9,15}(?![\w:/-]|[.]\w))(?!\d{4}-\d\d-)"
    r"\d{2,4}(?:[ -]\d{2,4}){1,4}(?<=(\d\d))(?!\d)"
)
"""Numbers as people write them; a date is none."""

_VALUE = r"(?!\s)(?:'[^'\r\n]*'|\"[^\"\r\n]*\"|[^\s&;,'\"<>]+)"

PATTERNS = (
    (":", rf"(?i)(?<!['\"])\b((?:{_HEADERS}):\s*)[^\r\n]+", rf"\1{HIDDEN}"),
    (":,", rf"(?i)\b({_HEADERS})(['\"]?\s*[:,]\s*['\"]?)[^'\"\r\n]+", rf"\1\2{HIDDEN}"),
    ("", r"(?i)\b(basic|bearer)\s+(?=\S*[\d=])[\w.~+/=-]{8,}", rf"\1 {HIDDEN}"),
    ("@", r"(?<=://)[^/\s@'\"]+@", f"{HIDDEN}@"),
    ("@", rf"(?i)\b(sips?:[^:@\s;<>'\"]+):[^@\s<>'\"]{{1,{LONGEST}}}@", rf"\1:{HIDDEN}@"),
    ("=", rf"(?i)([?&;](?:{_PARAMETERS})=)[^&\s'\"<>]+", rf"\1{HIDDEN}"),
    (":=", rf"(?i)(['\"](?:{_NAMES})['\"]\s*[:=]\s*b?['\"])[^'\"]+", rf"\1{HIDDEN}"),
    (":=", rf"(?i)(?<!\w)((?:{_PLAIN})\s*[:=]\s*|digits=){_VALUE}", rf"\1{HIDDEN}"),
    ("/", r"/(welcome|reset)/[^\s/?'\"]+", rf"/\1/{HIDDEN}"),
    ("+%", r"(?<![\w+])(?:\+|%2[Bb])(\d{2})\d{3,11}(\d{2})(?!\d)", r"+\1…\2"),
    ("+%", _WITH_GAPS, r"+\1…\2"),
    ("", r"(?<![\w.+…-])\d{7,17}(\d{2})(?![\w-]|[.]\w|[:]\d)", r"…\1"),
    (" -", _NATIONAL, r"…\1"),
)
"""Each with what it needs, one of some characters: few texts have any, and to look for them costs a hundredth.

Headers; schemes of Authorization; logins in addresses; passwords of SIP; parameters that open something, in an
address and in the notation of Python and JSON (the key that a caller presses is among them); our own links to a
password; numbers with and without a plus, or whatever else a caller has typed that is as long."""


class Redactor:
    """Takes secrets out of texts."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted({each for each in secrets if len(each) >= SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None
        self._patterns = [(needs, re.compile(pattern), put) for needs, pattern, put in PATTERNS]

    def __call__(self, text: str) -> str:
        """Return the text without them."""
        if self._known is not None:
            text = self._known.sub(HIDDEN, text)
        for needs, pattern, put in self._patterns:
            if not needs or any(each in text for each in needs):
                text = pattern.sub(put, text)
        return text

    def throughout(self, found: Any) -> Any:
        """Do so to every text inside a value that is made of lists and dictionaries."""
        if isinstance(found, str):
            return self(found)
        if isinstance(found, Mapping):
            return {name: self.throughout(value) for name, value in found.items()}
        if isinstance(found, list | tuple):
            return [self.throughout(value) for value in found]
        return found


def secrets_of(environment: Environment | None) -> set[str]:
    """Every secret of an environment, in each spelling in which it may turn up; None: of the variables as they are."""
    if environment is None:
        given: dict[str, Any] = {name: os.environ.get(name.upper(), "").strip() for name in SECRET_NAMES}
        account = os.environ.get("TWILIO_ACCOUNT_SID", "")
    else:
        given = {name: getattr(environment, name) for name in SECRET_NAMES}
        account = environment.twilio_account_sid
    found = {secret for value in given.values() for secret in _secrets_in(value)}
    tokens = [str(given[name]) for name in ("twilio_auth_token", "twilio_api_token") if given[name]]
    return found | {b64encode(f"{account}:{token}".encode()).decode() for token in tokens}


def _secrets_in(value: Any) -> Iterator[str]:
    if isinstance(value, Bucket):
        yield from (*_spellings(value.secret), *_spellings(value.key))
    elif isinstance(value, str) and "://" in value:
        yield from _secrets_in_address(value)
    elif isinstance(value, str):
        yield from _spellings(value)


def _secrets_in_address(value: str) -> Iterator[str]:
    try:
        address = urlsplit(value)
        login, password = address.username or "", address.password or ""
    except ValueError:  # whoever reads the environment says so
        yield value
        return
    if password or login:
        yield from _spellings(unquote(password))
        yield password
    if address.scheme in LOGIN_IS_SECRET:
        yield from _spellings(unquote(login))


def _spellings(secret: str) -> Iterator[str]:
    yield from (secret, quote(secret, safe=""), quote(secret))
