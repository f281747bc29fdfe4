"""Who calls, and how everybody behaves: a table of behaviours, and calls drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.crowd.firm import Firm
from tests.crowd.plan import Behaviour, Plan, Rng, draw
from tests.kills.settings import (
    DIRECT,
    EXTENSIONS,
    MAIN,
    PAIR_COUNT,
    PAIRS,
    QUEUE,
    SALES,
    SHUT,
    SHUT_MAIL,
)


def _pair(rng: Rng) -> tuple[str, ...]:
    return ("", str(rng.randrange(PAIR_COUNT - 2)))


def _extension(rng: Rng) -> tuple[str, ...]:
    return (EXTENSIONS[rng.choice(SALES)],)


def _of(number: str, **otherwise: Any) -> Behaviour:
    return Behaviour(number=lambda _: number, **otherwise)


BEHAVIOURS: Mapping[str, tuple[int, Behaviour]] = {
    "group answers": (14, _of(MAIN, keys=lambda _: ("", ""))),
    "extension answers": (10, _of(MAIN, keys=_extension)),
    "responsible answers": (10, _of(MAIN, who="known")),
    "pair answers": (8, _of(MAIN, keys=_pair)),
    "mobile answers": (10, _of(MAIN, keys=_pair, desk="quiet", mobile="answer")),
    "mobile answers for a customer": (3, _of(PAIRS, who="known", desk="decline", mobile="answer")),
    "mailbox of a mobile answers": (4, _of(MAIN, keys=_pair, desk="decline", mobile="mailbox")),
    "outside answers": (6, _of(MAIN, keys=lambda _: ("", "8"))),
    "nobody answers": (7, _of(MAIN, keys=_pair, desk="quiet", mobile="quiet")),
    "everybody is engaged": (4, _of(MAIN, keys=_pair, desk="decline", mobile="fail")),
    "gives up in the menu": (5, _of(MAIN, patience=lambda rng: rng.uniform(0.5, 5))),
    "gives up while it rings": (6, _of(PAIRS, desk="quiet", patience=lambda rng: rng.uniform(1, 4))),
    "leaves a message": (6, _of(MAIN, keys=lambda _: ("", "9"), desk="quiet")),
    "says nothing to the mailbox": (2, _of(MAIN, keys=lambda _: ("", "9"), desk="decline", speaks=lambda _: 0.0)),
    "closed": (3, _of(SHUT)),
    "closed, a message": (3, _of(SHUT_MAIL)),
    "blocked": (3, _of(MAIN, who="blocked")),
    "unconditional": (4, _of(DIRECT)),
    "unconditional for a customer": (4, _of(DIRECT, who="known")),
    "unconditional, nobody answers": (2, _of(DIRECT, who="known", outside="quiet")),
    "on hold": (5, _of(QUEUE)),
    "withheld": (2, _of(MAIN, who="withheld", keys=_extension)),
}
"""By name, and how many of about 120 calls are of the kind."""


def plans(rng: Rng, where: Firm, count: int, seconds: float) -> list[Plan]:
    """Draw calls that begin within some seconds; every kind of call is among them when there are enough."""
    return draw(rng, where, BEHAVIOURS, [rng.uniform(0, seconds) for _ in range(count)])
