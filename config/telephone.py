"""Telephone numbers as the settings may hold them."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import phonenumbers
from phonenumbers import PhoneNumberType
from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

Fault = Literal["invalid", "country", "premium"]
Risk = Literal["shared", "personal", "company", "pager"]

_DEAR: dict[int, Fault | Risk] = {
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.PAGER: "pager",
}
"""Kinds that a country's numbering plan sets apart because a call to them costs more, or reaches nobody."""


def international(text: str) -> str:
    """Return a number in E.164 form; spaces, dashes and brackets may separate its digits.

    Raises PydanticCustomError when it does not start with + and a country code.
    """
    bare = "".join(c for c in text if c not in " -()./")
    if not (bare.startswith("+") and bare[1:].isascii() and bare[1:].isdigit() and 7 <= len(bare) <= 16):
        raise PydanticCustomError(
            "phone_number",
            "write it in international format, for example +34910000001: +, country code, number",
        )
    return bare


PhoneNumber = Annotated[
    str,
    AfterValidator(international),
    WithJsonSchema({"type": "string", "pattern": r"^\s*\+[0-9 ().\-/]{7,}$", "examples": ["+34910000001"]}),
]

SipAddress = Annotated[str, StringConstraints(pattern=r"^sips?:[^\s<>\"@]+(@[^\s<>\"@]+)?$", max_length=254)]


@lru_cache(maxsize=4096)
def forward_fault(number: str, countries: tuple[str, ...]) -> Fault | Risk | None:
    """Say why a number may not be dialled as a forward, or at what risk it may; None for an ordinary one."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "invalid"
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:  # what is_valid_number asks too, at twice the price
        return "invalid"
    dear = _DEAR.get(kind)
    if dear != "premium" and phonenumbers.region_code_for_number(parsed) not in countries:
        return "country"
    return dear


def region_of(number: str) -> str | None:
    """Return the ISO country of a valid number, else None."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))


NOT_NUMBERS = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+464"})
"""What carriers send in place of a withheld number: ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN typed on a keypad."""


def caller_of(text: str, country: str) -> str | None:
    """Return the caller's number in E.164 form, None when it is withheld or no telephone number.

    A PBX or trunk may give it as it is dialled in the company's country.
    """
    user = text
    if text.lower().startswith("sip"):
        user = text.partition(":")[2].partition("@")[0]
        if not user.startswith("+"):
            return _national(user, country)
    number = "+" + user.strip().lstrip("+ ")
    digits = number[1:]
    if not (digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15) or number in NOT_NUMBERS:
        return None
    return number


def typed(text: str, country: str) -> str | None:
    """Return a number as a person of that country writes it in E.164 form, None when it is none."""
    bare = "".join(c for c in text if c not in " -()./")
    return caller_of(bare, country) if bare.startswith("+") else _national(bare, country)


def _national(user: str, country: str) -> str | None:
    for text in (user, "+" + user):
        try:
            parsed = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return None
