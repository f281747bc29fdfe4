"""What a browser may ask of its telephone: small JSON messages, read once, here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers

from config.company import Company
from simulator.call import Call
from simulator.telephone import Telephone
from web.words import _

LONGEST = 1000
"""Characters of a message."""

WITHHELD = "anonymous"
SPEAKS_FOR = 5.0
"""Seconds for which somebody speaks into a recording at a time."""

_KEYS = frozenset("0123456789*#")
_MOST_KEYS = 20


class NoOrder(ValueError):
    """A message that means nothing here; its text says why, in the reader's language."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dial:
    """Who calls whom, and when; None: now."""

    from_: str
    to: str
    moment: datetime | None


Order = Callable[[Telephone], None]


def read(text: str) -> dict[str, Any]:
    """Read a message: an object with short texts; raises NoOrder."""
    try:
        found = json.loads(text) if len(text) <= LONGEST else None
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, (str, bool)) for value in found.values()):
        raise NoOrder(_("This is no message of this page."))
    return found


def dial(message: Mapping[str, Any], company: Company) -> Dial:
    """Read who calls whom; raises NoOrder."""
    to = str(message.get("to", ""))
    if message.get("do") != "dial" or to not in company.numbers:
        raise NoOrder(_("This number is not in the settings."))
    return Dial(
        from_=_caller(message, company),
        to=_dialled(to, str(message.get("extension", ""))),
        moment=_moment(str(message.get("at", "")), company),
    )


def order(message: Mapping[str, Any]) -> Order:
    """Read what somebody does; raises NoOrder. What cannot be done at this point raises WrongMomentError when done."""
    make = _ORDERS.get(str(message.get("do", "")))
    if make is None:
        raise NoOrder(_("This is no message of this page."))
    return make(message)


def _caller(message: Mapping[str, Any], company: Company) -> str:
    if message.get("withheld"):
        return WITHHELD
    text = str(message.get("from", "")).strip()
    try:
        parsed = phonenumbers.parse(text, company.country)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise NoOrder(_("This is no telephone number that could call. Write it like +34600000001."))
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def _dialled(to: str, extension: str) -> str:
    """Write what is dialled: to a PBX of ours somebody's extension, if one is wanted."""
    if not to.startswith("sip") or "@" in to:
        return to
    if not (extension.isascii() and (extension.isalnum() or not extension) and len(extension) <= 20):
        raise NoOrder(_("An extension has digits only."))
    scheme, _colon, domain = to.partition(":")
    return f"{scheme}:{extension or 'reception'}@{domain}"


def _moment(text: str, company: Company) -> datetime | None:
    """Read what a datetime-local input gives: the wall clock at the company."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or not 2000 <= found.year <= 2100:
        raise NoOrder(_("This is no day and hour."))
    return found.replace(tzinfo=ZoneInfo(company.timezone))


def _keys(message: Mapping[str, Any]) -> str:
    keys = str(message.get("keys", ""))
    if not 0 < len(keys) <= _MOST_KEYS or not set(keys) <= _KEYS:
        raise NoOrder(_("There are no such keys."))
    return keys


def _press(message: Mapping[str, Any]) -> Order:
    keys = _keys(message)
    return lambda telephone: telephone.do(lambda call: call.press(keys))


def _press_on(message: Mapping[str, Any]) -> Order:
    keys, device = _keys(message), str(message.get("device", ""))
    return lambda telephone: telephone.do(lambda call: call.press_on(device, keys))


def _at(act: Callable[[Call, str], None]) -> Callable[[Mapping[str, Any]], Order]:
    """Make an order about the device that a message names."""

    def make(message: Mapping[str, Any]) -> Order:
        device = str(message.get("device", ""))
        return lambda telephone: telephone.do(lambda call: act(call, device))

    return make


_ORDERS: dict[str, Callable[[Mapping[str, Any]], Order]] = {
    "press": _press,
    "press_on": _press_on,
    "answer": _at(Call.answer),
    "busy": _at(Call.busy),
    "ignore": _at(Call.no_answer),
    "mailbox": _at(Call.mailbox),
    "finish": lambda _: lambda telephone: telephone.do(Call.finish_talk),
    "speak": lambda _: lambda telephone: telephone.do(lambda call: call.speak(SPEAKS_FOR)),
    "skip": lambda _: Telephone.skip,
    "minute": lambda _: lambda telephone: telephone.pass_by(60),
    "hang_up": lambda _: lambda telephone: telephone.do(Call.hang_up),
}
