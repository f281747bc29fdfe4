"""Telephone numbers as the settings may hold them."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import phonenumbers
from phonenumbers import PhoneNumberType
from pydantic import AfterValidator, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

Fault = Literal["invalid", "country", "premium"]


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
def forward_fault(number: str, countries: tuple[str, ...]) -> Fault | None:
    """Say why a number may not be dialled as a forward, or None when it may (DESIGN section 3)."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "invalid"
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:  # what is_valid_number asks too, at twice the price
        return "invalid"
    if kind == PhoneNumberType.PREMIUM_RATE:
        return "premium"
    if phonenumbers.region_code_for_number(parsed) not in countries:
        return "country"
    return None


def region_of(number: str) -> str | None:
    """Return the ISO country of a valid number, else None."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number))
