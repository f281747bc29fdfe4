"""The company that is called while its servers are killed: prompts of a word, short rings, people enough for all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.crowd.firm import NEVER, Firm

MAIN, DIRECT, PAIRS, SHUT, SHUT_MAIL, QUEUE = (f"+3491000000{digit}" for digit in range(1, 7))
"""The whole route; unconditional; a pair and then a mobile; closed and declined; closed with a message; on hold."""

OUTSIDE, GUARD, BLOCKED = "+34911222333", "+34910000999", "+34900000000"
PAIR_COUNT = 10

SALES = [f"sales{i}" for i in range(20)]
IN_PAIRS = [f"pair{i}" for i in range(2 * PAIR_COUNT)]
IN_QUEUE = ["queue0", "queue1"]
AT_MAIL = ["mail0", "mail1"]
EMPLOYEES = [*SALES, *IN_PAIRS, *IN_QUEUE, *AT_MAIL]

EXTENSIONS = {key: str(100 + place) for place, key in enumerate(EMPLOYEES)}

KNOWN = {f"+34600222{place:03}": key for place, key in enumerate(SALES)}
"""The customers whom the CRM knows, and who looks after each."""


def firm(now: datetime) -> Firm:
    """Make the company; its schedule is closed today, tomorrow and the day after."""
    return Firm(document=_document(now), known=KNOWN)


def _document(now: datetime) -> dict[str, Any]:
    return {
        "company": "Acme",
        "timezone": "Europe/Madrid",
        "language": "es-ES",
        "country": "ES",
        "forwarding": {"countries": ["ES"], "ring_seconds": 10, "minimum_balance": 1.0},
        "employees": {key: _employee(place, key) for place, key in enumerate(EMPLOYEES)},
        "groups": _groups(),
        "menus": {"main": _menu()},
        "schedules": {NEVER: {"weekly": {f"{now + timedelta(days=3):%a}".lower(): ["03:00-03:01"]}}},
        "numbers": _numbers(),
        "blocked": [BLOCKED],
    }


def _employee(place: int, key: str) -> dict[str, Any]:
    return {
        "name": key.title(),
        "extension": EXTENSIONS[key],
        "devices": [f"client:{key}"],
        "mobile": f"+346001{place:05}",
        "crm_user": 100 + place,
    }


def _groups() -> dict[str, Any]:
    pairs = {
        f"pair{i}": {
            "name": f"Pair {i}",
            "members": IN_PAIRS[2 * i : 2 * i + 2],
            "ring_seconds": 10,
            "no_answer": "forward_to_mobile",
        }
        for i in range(PAIR_COUNT)
    }
    return pairs | {
        "sales": {"name": "Sales", "members": SALES, "ring_seconds": 10, "no_answer": "voicemail"},
        "mail": {"name": "Mail", "members": AT_MAIL, "ring_seconds": 10, "no_answer": "voicemail"},
        "guard": {"name": "Guard", "members": [], "no_answer": {"forward": GUARD}},
        "queue": {
            "name": "Queue",
            "members": IN_QUEUE,
            "ring_seconds": 10,
            "no_answer": "hold",
            "hold": {"max_minutes": 1, "then": "voicemail"},
        },
    }


def _menu() -> dict[str, Any]:
    choices: dict[str, Any] = {str(i): {"group": f"pair{i}"} for i in range(PAIR_COUNT - 2)}
    choices |= {"8": {"forward": OUTSIDE}, "9": {"group": "mail"}}
    return {"prompt": {"say": "Elija."}, "choices": choices, "wait_seconds": 2, "attempts": 1, "no_choice": "continue"}


def _numbers() -> dict[str, Any]:
    return {
        MAIN: {
            "name": "Main",
            "greeting": {"say": "Acme."},
            "extensions": {"no_answer": "continue"},
            "menu": "main",
            "responsible": {"no_answer": "continue"},
            "group": "sales",
            "crm": {"create_lead": True},
        },
        DIRECT: {"name": "Direct", "group": "guard", "crm": {"create_lead": True}},
        PAIRS: {"name": "Pairs", "group": f"pair{PAIR_COUNT - 1}", "crm": {"create_lead": True}},
        SHUT: {"name": "Shut", "group": "mail", "schedule": NEVER, "closed": "hang_up"},
        SHUT_MAIL: {
            "name": "Shut, with a message",
            "group": "mail",
            "schedule": NEVER,
            "closed": {"voicemail": "mail"},
        },
        QUEUE: {"name": "Queue", "group": "queue", "crm": {"create_lead": True}},
    }
