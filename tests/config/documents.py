"""A small company without any problem, and ways to spoil it."""

from __future__ import annotations

import copy
from typing import Any

import yaml

from config.loader import examine
from config.problems import Problem


class _Gone:
    def __repr__(self) -> str:
        return "gone"


GONE: Any = _Gone()
"""As a change: remove the key."""

SOUND: dict[str, Any] = {
    "company": "Acme",
    "country": "ES",
    "employees": {
        "ana": {"name": "Ana", "extension": "101", "devices": ["client:ana"], "mobile": "+34600111222"},
        "luis": {"name": "Luis", "devices": ["client:luis"], "mobile": "+34600111333"},
    },
    "groups": {"sales": {"name": "Ventas", "members": ["ana", "luis"], "no_answer": "voicemail"}},
    "menus": {"main": {"prompt": {"say": "Pulse 1."}, "choices": {"1": {"group": "sales"}}}},
    "schedules": {"office": {"weekly": {"mon-fri": ["09:00-18:00"]}}},
    "numbers": {
        "+34910000001": {"name": "Principal", "menu": "main", "group": "sales", "schedule": "office"},
    },
}
NUMBER = "numbers.+34910000001"


def settings(changes: dict[str, Any] | None = None) -> str:
    """Write the sound company with changes by dotted path, such as {"groups.sales.no_answer": "hold"}."""
    document = copy.deepcopy(SOUND)
    for path, value in (changes or {}).items():
        *above, last = path.split(".")
        holder = document
        for key in above:
            holder = holder.setdefault(key, {})
        if value is GONE:
            del holder[last]
        else:
            holder[last] = value
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True)


def problems(changes: dict[str, Any] | None = None) -> list[Problem]:
    """Every problem of the sound company after changes."""
    return examine(settings(changes))[1]


def group(**values: Any) -> dict[str, Any]:
    """A group that only says what matters."""
    return {"name": "Group", "members": ["ana"], "no_answer": "voicemail"} | values


def menu(no_choice: Any = "continue", **choices: Any) -> dict[str, Any]:
    """A menu with choices k1=…, k2=… (a key cannot be an argument's name)."""
    keys = {name.removeprefix("k"): choice for name, choice in choices.items()}
    return {"prompt": {"say": "Pulse."}, "choices": keys or {"0": "repeat"}, "no_choice": no_choice}
