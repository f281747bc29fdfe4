"""Pointing the provider's numbers at this app: what would change, and changing it (twiml.md section 3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from config.company import Company
from voice.provider.errors import ProviderError
from voice.provider.rented import WEBHOOKS, ProviderNumber, leads_to
from voice.provider.rest import ProviderApi
from voice.urls import CALLBACK

METHOD = "POST"
"""How each webhook is asked for: what goes by GET stands in the logs of proxies, and may be kept by caches."""


class Webhook(NamedTuple):
    """How a webhook of a number is called here, and at the provider."""

    name: str
    url: str
    method: str
    url_field: str
    method_field: str


AT_THE_PROVIDER = (
    Webhook("voice", "voice_url", "voice_method", "VoiceUrl", "VoiceMethod"),
    Webhook("fallback", "fallback_url", "fallback_method", "VoiceFallbackUrl", "VoiceFallbackMethod"),
    Webhook("status", "status_url", "status_method", "StatusCallback", "StatusCallbackMethod"),
)
"""Source: twilio.com/docs/phone-numbers/api/incomingphonenumber-resource."""

DETACHING = {"application": "VoiceApplicationSid", "trunk": "TrunkSid"}
"""What is emptied when a number is to go by its own addresses again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    """Where our webhooks are; `retries`: the provider takes from an address's fragment how often to try again."""

    public_url: str
    retries: bool

    def of(self, webhook: Webhook) -> str:
        """Write the address of a webhook, as the README has it."""
        again = CALLBACK if self.retries and webhook.name == "status" else ""
        return f"{self.public_url}/{WEBHOOKS[webhook.url]}{again}"


class Change(NamedTuple):
    """One thing that is set otherwise: of which webhook, what it is now ("" for nothing), what it will be."""

    name: str
    now: str
    then: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Connection:
    """A number that is to be changed: how, for people, and the fields that say so to the provider."""

    number: ProviderNumber
    changes: tuple[Change, ...]
    fields: dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What connecting comes to.

    `connected` lead here already; `overruled` go by an application or a trunk; `lacking` are numbers of the settings
    that the account does not have, `unknown` those of the account that the settings do not have, and `absent` were
    asked for by name, and the account has no such number.
    """

    to_change: tuple[Connection, ...]
    connected: tuple[ProviderNumber, ...]
    overruled: tuple[ProviderNumber, ...]
    lacking: tuple[str, ...]
    unknown: tuple[ProviderNumber, ...]
    absent: tuple[str, ...]


def plan(
    found: Sequence[ProviderNumber],
    company: Company,
    address: Address,
    *,
    named: Iterable[str] = (),
    detach: bool = False,
) -> Plan:
    """Say what to do so that the rented numbers of the settings lead here; with `named` those, and no other.

    A number that the settings do not know is not touched unless it is named: it may be somebody else's. With `detach`
    an application or a trunk is taken off.
    """
    account = {each.number: each for each in found}
    rented = [key for key, number in company.numbers.items() if number.kind == "rented"]
    asked = tuple(dict.fromkeys(named))
    wanted = asked or tuple(rented)
    ours = [account[key] for key in wanted if key in account]
    overruled = [] if detach else [each for each in ours if each.instead]
    planned = [_connection(each, address) for each in ours if each not in overruled]
    return Plan(
        to_change=tuple(each for each in planned if each.changes),
        connected=tuple(each.number for each in planned if not each.changes),
        overruled=tuple(overruled),
        lacking=tuple(key for key in rented if key not in account and key not in asked),
        unknown=tuple(each for each in found if each.number not in rented and each.number not in wanted),
        absent=tuple(key for key in asked if key not in account),
    )


def connect(api: ProviderApi, connection: Connection, address: Address) -> None:
    """Change a number at the provider; raises ProviderError, also when the provider has it otherwise afterwards."""
    if not connection.number.sid:
        raise ProviderError("the provider tells no id of this number, by which it could be changed", permanent=True)
    after = _connection(api.point(connection.number.sid, connection.fields), address)
    if after.changes:
        left = ", ".join(f"{each.name} {each.now or 'nothing'}" for each in after.changes)
        raise ProviderError(f"the provider accepted the change, and still has: {left}", permanent=True)


def _connection(number: ProviderNumber, address: Address) -> Connection:
    """What is right stays as it is, and is sent all the same: a fallback goes with a voice address only (21405)."""
    changes, fields = list[Change](), dict[str, str]()
    for kind, field in DETACHING.items():
        if instead := getattr(number, kind):
            changes.append(Change(kind, instead, ""))
            fields[field] = ""
    for webhook in AT_THE_PROVIDER:
        url, method = getattr(number, webhook.url), getattr(number, webhook.method)
        then = _wanted(url, address.of(webhook))
        if url != then or method.upper() != METHOD:
            changes.append(Change(webhook.name, _said(url, method), then))
        fields |= {webhook.url_field: then, webhook.method_field: METHOD}
    return Connection(number=number, changes=tuple(changes), fields=fields)


def _wanted(found: str, ours: str) -> str:
    """An address that leads here keeps its spelling, and how often to try again if it says so: somebody chose that."""
    chosen = bool(urlsplit(found).fragment) if leads_to(found, ours) else False
    plain = leads_to(found, ours) and "#" not in ours
    return found if chosen or plain else ours


def _said(url: str, method: str) -> str:
    return url if not url or method.upper() in ("", METHOD) else f"{method} {url}"
