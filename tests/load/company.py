"""The company of the load: some lines, each with a menu and seven teams; queues, and numbers of every other kind.

Thousands of people, so that thousands of callers find somebody to talk to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.crowd.firm import NEVER, Firm

OUTSIDE, GUARD, BLOCKED = "+34911222333", "+34910000999", "+34900000000"
TEAMS = 7
"""Of a line; the keys 1 to 7 of its menu lead to them."""

MEMBERS = 16
AT_A_QUEUE = 5
WANTS_MAILBOX, ASKS_EXTENSION, GOES_OUTSIDE, MESSAGE_KEY = "8", "9", "0", "1"


@dataclass(frozen=True, kw_only=True)
class Town:
    """A firm, and what its numbers are for; of each kind there are several."""

    firm: Firm
    main: tuple[str, ...]
    recorded: tuple[str, ...]
    pairs: tuple[str, ...]
    queues: tuple[str, ...]
    direct: tuple[str, ...]
    shut: tuple[str, ...]
    shut_mail: tuple[str, ...]
    extensions: tuple[str, ...]


def town(now: datetime, lines: int) -> Town:
    """Make a company of so many lines, about 120 people each."""
    people, groups = dict[str, Any](), dict[str, Any]()
    for key, members, group in _groups(lines):
        names = [f"{key}p{i}" for i in range(members)]
        groups[key] = group | {"name": key.title(), "members": names}
        people |= {name: _employee(len(people) + i, name) for i, name in enumerate(names)}
    numbers = {kind: dict(_numbers(kind, lines, first)) for first, kind in enumerate(KINDS, 1)}
    callers = [f"+3460022{place:04}" for place in range(min(len(people), 10_000) // 4)]
    known = {caller: f"l{i % lines}t{i % TEAMS}p{i % MEMBERS}" for i, caller in enumerate(callers)}
    document = {
        "company": "Acme",
        "timezone": "Europe/Madrid",
        "language": "es-ES",
        "country": "ES",
        "forwarding": {"countries": ["ES"], "ring_seconds": 20, "minimum_balance": 1.0},
        "employees": people,
        "groups": groups,
        "menus": {f"m{line}": _menu(line) for line in range(lines)},
        "schedules": {NEVER: {"weekly": {f"{now + timedelta(days=3):%a}".lower(): ["03:00-03:01"]}}},
        "numbers": {number: each for kind in numbers.values() for number, each in kind.items()},
        "contacts": [{"number": each, "name": f"Customer {each}", "employee": key} for each, key in known.items()],
        "blocked": [BLOCKED],
    }
    extensions = tuple(each["extension"] for key, each in people.items() if key.startswith("l"))
    ours = {kind: tuple(each) for kind, each in numbers.items()}
    return Town(firm=Firm(document=document, known=known), extensions=extensions, **ours)


def _groups(lines: int) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """The groups: key, how many members, and the rest."""
    for line in range(lines):
        for team in range(TEAMS):
            yield f"l{line}t{team}", MEMBERS, {"ring_seconds": 12} | TEAM[team](line)
        hold = {"max_minutes": 3, "message_key": MESSAGE_KEY, "then": "voicemail"}
        yield f"queue{line}", AT_A_QUEUE, {"ring_seconds": 12, "no_answer": "hold", "hold": hold}
        yield f"pair{line}", 2, {"ring_seconds": 8, "no_answer": "forward_to_mobile"}
        yield f"mail{line}", 2, {"ring_seconds": 8, "no_answer": "voicemail"}
    yield "guard", 0, {"no_answer": {"forward": GUARD}}


TEAM: tuple[Callable[[int], dict[str, Any]], ...] = (
    lambda _: {"no_answer": "voicemail"},
    lambda _: {"no_answer": "forward_to_mobile"},
    lambda _: {"no_answer": {"forward": GUARD}, "distribution": "in_order"},
    lambda line: {"no_answer": {"group": f"mail{line}"}},
    lambda _: {"no_answer": "voicemail", "distribution": "everybody"},
    lambda line: {"no_answer": {"group": f"queue{line}"}},
    lambda _: {"no_answer": "hang_up"},
)
"""What the teams of a line do with their calls."""


def _employee(place: int, key: str) -> dict[str, Any]:
    desk = [f"client:{key}", f"sip:{key}@acme.sip.example.com"]
    return {
        "name": key.title(),
        "devices": desk if place % 3 == 0 else desk[:1],
        "mobile": f"+346001{place:05}",
        "crm_user": 100 + place,
        "extension": f"{1000 + place}",
    }


def _menu(line: int) -> dict[str, Any]:
    choices: dict[str, Any] = {f"{team + 1}": {"group": f"l{line}t{team}"} for team in range(TEAMS)}
    choices |= {WANTS_MAILBOX: {"group": f"mail{line}"}, ASKS_EXTENSION: "ask_extension"}
    choices[GOES_OUTSIDE] = {"forward": OUTSIDE}
    return {"prompt": {"say": "Elija."}, "choices": choices, "wait_seconds": 4, "attempts": 2, "no_choice": "continue"}


def _main(line: int) -> dict[str, Any]:
    return {
        "greeting": {"say": "Gracias por llamar a Acme."},
        "extensions": {"no_answer": "continue"},
        "menu": f"m{line}",
        "responsible": {"no_answer": "continue"},
        "group": f"l{line}t0",
        "crm": {"create_lead": True},
    }


KINDS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "main": _main,
    "recorded": lambda line: {"group": f"l{line}t6", "record": True, "record_notice": True},
    "pairs": lambda line: {"group": f"pair{line}", "crm": {"create_lead": True}},
    "queues": lambda line: {"group": f"queue{line}", "crm": {"create_lead": True}},
    "direct": lambda _: {"group": "guard", "crm": {"create_lead": True}},
    "shut": lambda line: {"group": f"mail{line}", "schedule": NEVER, "closed": "hang_up"},
    "shut_mail": lambda line: {"schedule": NEVER, "closed": {"voicemail": f"mail{line}"}},
}
"""The numbers of each kind, one for each line."""


def _numbers(kind: str, lines: int, first: int) -> Iterator[tuple[str, dict[str, Any]]]:
    for line in range(lines):
        yield f"+3491{first:02}{line:05}", {"name": f"{kind} {line}", **KINDS[kind](line)}
