"""Lists to choose from: languages, countries, time zones, holidays, and the words of the settings."""

from __future__ import annotations

from functools import cache

import phonenumbers

from config.schedules import holiday_countries, holiday_regions, time_zones
from web.settings.forms.fields import Choice
from web.words import _, locale

SPOKEN = (
    "es-ES",
    "es-MX",
    "es-US",
    "ca-ES",
    "gl-ES",
    "eu-ES",
    "pt-PT",
    "pt-BR",
    "en",
    "en-GB",
    "en-US",
    "fr-FR",
    "de-DE",
    "it-IT",
)
"""Languages to offer; another one may be written in the YAML."""


def _named(options: dict[str, str]) -> list[Choice]:
    return sorted(options.items(), key=lambda option: option[1].casefold())


def languages() -> list[Choice]:
    """The languages of prompts, by name."""
    return _named({code: _language(code) for code in SPOKEN})


def _language(code: str) -> str:
    tongue, _dash, country = code.partition("-")
    name = locale().languages.get(tongue, tongue)
    where = locale().territories.get(country)
    return (f"{name} ({where})" if where else name).capitalize()


def company_languages() -> list[Choice]:
    """The same, and the company's own."""
    return [("", _("The company's language")), *languages()]


def countries() -> list[Choice]:
    """Countries that have telephone numbers, by name."""
    return [*_countries(str(locale()))]


@cache
def _countries(_tongue: str) -> tuple[Choice, ...]:
    names = locale().territories
    return tuple(_named({code: f"{names.get(code, code)} ({code})" for code in phonenumbers.SUPPORTED_REGIONS}))


def holidays() -> list[Choice]:
    """Countries whose public holidays are known."""
    names = locale().territories
    return [("", _("No public holidays")), *_named({code: names.get(code, code) for code in holiday_countries()})]


def regions(country: str) -> list[Choice]:
    """The regions of a country that have holidays of their own."""
    return _named(holiday_regions(country))


def zones() -> list[Choice]:
    """Time zones."""
    return [(zone, zone.replace("_", " ")) for zone in time_zones()]


def own_zones() -> list[Choice]:
    """The same, and the company's own."""
    return [("", _("The company's time zone")), *zones()]


def kinds() -> list[Choice]:
    """Kinds of number."""
    return [("rented", _("Rented from the provider")), ("sip", _("Our own PBX or trunk, over SIP"))]


def distributions() -> list[Choice]:
    """How a group shares its calls."""
    return [
        ("evenly", _("Evenly: who has waited longest for a call is rung first")),
        ("in_order", _("In the order of the list: the first who is free")),
        ("everybody", _("Everybody at once")),
    ]


def accepts() -> list[Choice]:
    """Whether who picks up has to press a key."""
    return [("press_1", _("Press 1 to take the call")), ("none", _("Put through at once"))]


def unanswered() -> list[Choice]:
    """What follows a forward that nobody answers."""
    return [("hang_up", _("Apologise and end the call")), ("voicemail", _("Take a message"))]


def message_keys() -> list[Choice]:
    """The key with which who waits leaves a message instead."""
    return [("", _("No key: callers wait")), *((key, _("Key %(key)s", key=key)) for key in "1234567890*")]
