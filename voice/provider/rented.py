"""The numbers that the account rents, whether their webhooks lead here, and how to make them (twiml.md section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from live.lines import Line

WEBHOOKS = {"voice_url": "voice/incoming", "fallback_url": "voice/fallback", "status_url": "voice/status"}
"""Where each webhook of a number should lead, below PUBLIC_URL (DESIGN section 5)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderNumber:
    """A number of the account. With an `application` or a `trunk` the provider goes by that one's addresses."""

    sid: str
    number: str
    name: str
    voice_url: str
    fallback_url: str
    status_url: str
    voice_method: str
    fallback_method: str
    status_method: str
    application: str
    trunk: str

    @property
    def instead(self) -> str:
        """What the provider goes by, whatever the addresses of the number say; "" for the addresses."""
        return self.application or self.trunk


def read_number(fields: Mapping[str, Any]) -> ProviderNumber:
    """Read the fields of a number; raises LookupError when they are none."""

    def text(name: str) -> str:
        return str(fields.get(name) or "")

    return ProviderNumber(
        sid=text("sid"),
        number=str(fields["phone_number"]),
        name=text("friendly_name"),
        voice_url=text("voice_url"),
        fallback_url=text("voice_fallback_url"),
        status_url=text("status_callback"),
        voice_method=text("voice_method"),
        fallback_method=text("voice_fallback_method"),
        status_method=text("status_callback_method"),
        application=text("voice_application_sid"),
        trunk=text("trunk_sid"),
    )


def lines(numbers: Iterable[ProviderNumber], public_url: str) -> tuple[Line, ...]:
    """Say of each number where its webhooks lead: "here", "" for nowhere, else the address."""
    return tuple(
        Line(
            number=each.number,
            name=each.name,
            instead=each.instead,
            **{
                name.removesuffix("_url"): _leads(getattr(each, name), f"{public_url}/{path}")
                for name, path in WEBHOOKS.items()
            },
        )
        for each in numbers
    )


def leads_to(found: str, wanted: str) -> bool:
    """Tell whether two addresses are one; how often the provider tries again stands in the fragment (twiml.md 1.4)."""
    return _place(found) == _place(wanted)


def _leads(found: str, wanted: str) -> str:
    return "here" if leads_to(found, wanted) else found


def _place(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", "", url
    return parts.scheme.lower(), parts.netloc.lower(), parts.path
