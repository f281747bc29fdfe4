"""The numbers of the account as the provider's REST API lists them, with the webhooks that are set at each.

Source: twilio.com/docs/phone-numbers/api/incomingphonenumber-resource.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from simulator.provider import Provider

_FIELDS = {
    "VoiceUrl": "voice_url",
    "VoiceMethod": "voice_method",
    "VoiceFallbackUrl": "voice_fallback_url",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallback": "status_callback",
    "StatusCallbackMethod": "status_callback_method",
    "VoiceApplicationSid": "voice_application_sid",
    "TrunkSid": "trunk_sid",
}
_EXCLUSIVE = {"VoiceApplicationSid": "trunk_sid", "TrunkSid": "voice_application_sid"}
_USUALLY_ON_A_PAGE = 50
_MOST_ON_A_PAGE = 1000


def numbers_of(provider: Provider, changed: Mapping[str, Mapping[str, str | None]]) -> list[dict[str, object]]:
    """Every telephone number of the account; SIP addresses are none. `changed` lays other values over some."""
    listed = (number for number in sorted({*provider.own_numbers, *changed}) if number.startswith("+"))
    return [_fields(number, provider) | dict(changed.get(number, {})) for number in listed]


def _fields(number: str, provider: Provider) -> dict[str, object]:
    return {
        "sid": f"PN{number.lstrip('+'):0>32}",
        "account_sid": provider.account_sid,
        "friendly_name": number,
        "phone_number": number,
        "voice_url": provider.voice_url,
        "voice_method": provider.voice_method,
        "voice_fallback_url": provider.fallback_url,
        "voice_fallback_method": "POST",
        "status_callback": provider.status_url,
        "status_callback_method": "POST",
        "voice_application_sid": None,
        "trunk_sid": None,
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
    }


class NumberError(ValueError):
    """A number cannot be set so; `code` is the provider's own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def changed_number(number: Mapping[str, object], form: Mapping[str, str]) -> dict[str, str | None]:
    """What a number's fields are after a form was sent; raises NumberError.

    Of an application and a trunk the one that is set takes the other off. 21403, 21405 and 22105 are in
    twilio.com/docs/api/errors.
    """
    found = {name: number.get(name) for name in _FIELDS.values()}
    for name, text in form.items():
        if name.endswith("Method") and text not in ("GET", "POST"):
            raise NumberError(21403, f"{name} is not a valid method: {text}")
        if name in ("VoiceUrl", "VoiceFallbackUrl", "StatusCallback") and not _is_address(text):
            raise NumberError(22105, f"{name} is not a valid URL: {text}")
        if name in _FIELDS:
            found[_FIELDS[name]] = text
        if text and name in _EXCLUSIVE:
            found[_EXCLUSIVE[name]] = None
    if found["voice_fallback_url"] and not found["voice_url"]:
        raise NumberError(21405, "Cannot set VoiceFallbackUrl without setting Url")
    return {name: None if value is None else str(value) for name, value in found.items()}


def _is_address(text: str) -> bool:
    return not text or text.startswith(("http://", "https://"))


def number_page(numbers: list[dict[str, object]], query: Mapping[str, str], *, path: str) -> dict[str, object]:
    """A page of the list."""
    size = min(int(query.get("PageSize") or _USUALLY_ON_A_PAGE), _MOST_ON_A_PAGE)
    page = int(query.get("Page") or 0)
    start = page * size
    more = start + size < len(numbers)
    return {
        "incoming_phone_numbers": numbers[start : start + size],
        "page": page,
        "page_size": size,
        "start": start,
        "next_page_uri": f"{path}?{urlencode({'PageSize': size, 'Page': page + 1})}" if more else None,
        "uri": path,
    }
