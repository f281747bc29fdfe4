"""A small company, always open and without any menu, that a test changes where it matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import yaml

from config.destinations import FORMS
from local.house import House

MAIN = "+34910000001"
SWITCHBOARD = "sip:pbx.acme.example.com"
"""The company's own PBX; it is there when a test gives it a route."""
OUTSIDE = "+34910000999"
CUSTOMER = "+34600000001"
KNOWN = "+34600222001"
MOBILES = {"ana": "+34600111222", "luis": "+34600111333", "eva": "+34600111444"}

BASE: dict[str, Any] = {
    "company": "Acme",
    "timezone": "Europe/Madrid",
    "language": "es-ES",
    "country": "ES",
    "employees": {
        name: {"name": name.title(), "extension": extension, "devices": [f"client:{name}"], "mobile": MOBILES[name]}
        for name, extension in (("ana", "101"), ("luis", "102"), ("eva", "103"))
    },
    "groups": {"sales": {"name": "Ventas", "members": ["ana", "luis", "eva"], "no_answer": {"forward": OUTSIDE}}},
    "numbers": {MAIN: {"name": "Principal", "group": "sales"}},
}

OFFICE: dict[str, Any] = {"weekly": {"mon-fri": ["09:00-14:00", "15:00-18:00"]}}

OpenHouse = Callable[..., House]


def acme(**sections: Any) -> str:
    """Write the settings: the small company with changes laid over it.

    Mappings are merged key by key, a None removes its key, and anything else takes the place of what was there.
    """
    return yaml.safe_dump(_merged(BASE, sections), sort_keys=False, allow_unicode=True)


def number(**values: Any) -> dict[str, Any]:
    """As `numbers=number(menu="main")`: changes of the one number."""
    return {MAIN: values}


def sip(**values: Any) -> dict[str, Any]:
    """As `numbers=sip(group="sales")`: a PBX that reaches the company over SIP, besides its number."""
    return {SWITCHBOARD: {"name": "Centralita", "kind": "sip", "outgoing_number": MAIN} | values}


def sales(**values: Any) -> dict[str, Any]:
    """As `groups=sales(no_answer="hold")`: changes of the one group."""
    return {"sales": values}


def say(text: str) -> dict[str, str]:
    """A prompt."""
    return {"say": text}


def _merged(old: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = deepcopy(dict(old))
    for key, value in changes.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(merged.get(key), dict) and not _other_form(merged[key], value):
            merged[key] = _merged(merged[key], value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _other_form(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether two destinations are of different forms: {forward: …} does not become {forward: …, group: …}."""
    return bool(FORMS.keys() & old.keys()) and bool(FORMS.keys() & new.keys()) and "name" not in old
