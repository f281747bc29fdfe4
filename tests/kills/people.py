"""Who calls, and how everybody behaves: a table of behaviours, and calls drawn from it."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.kills.settings import (
    BLOCKED,
    DIRECT,
    EXTENSIONS,
    KNOWN,
    MAIN,
    PAIR_COUNT,
    PAIRS,
    QUEUE,
    SALES,
    SHUT,
    SHUT_MAIL,
)

STAYS = float("inf")

Rng = random.Random


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the people of one kind of call behave.

    `keys` are pressed at one prompt after the other, "" waits the prompt out. Devices pick up, decline, fail, or
    ring in vain (`quiet`), each after some seconds: `desk` at the office, `mobile` in a pocket, `outside` anywhere
    else. The caller gives up after `patience` seconds, and leaves a message where he may, if he `speaks`.
    """

    number: str = MAIN
    who: str = "unknown"
    keys: Callable[[Rng], tuple[str, ...]] = lambda _: ()
    desk: str = "answer"
    mobile: str = "quiet"
    outside: str = "answer"
    patience: Callable[[Rng], float] = lambda _: STAYS
    speaks: bool = True


def _pair(rng: Rng) -> tuple[str, ...]:
    return ("", str(rng.randrange(PAIR_COUNT - 2)))


def _extension(rng: Rng) -> tuple[str, ...]:
    return (EXTENSIONS[rng.choice(SALES)],)


BEHAVIOURS: Mapping[str, tuple[int, Behaviour]] = {
    "group answers": (14, Behaviour(keys=lambda _: ("", ""))),
    "extension answers": (10, Behaviour(keys=_extension)),
    "responsible answers": (10, Behaviour(who="known")),
    "pair answers": (8, Behaviour(keys=_pair)),
    "mobile answers": (10, Behaviour(keys=_pair, desk="quiet", mobile="answer")),
    "mobile answers for a customer": (3, Behaviour(number=PAIRS, who="known", desk="decline", mobile="answer")),
    "mailbox of a mobile answers": (4, Behaviour(keys=_pair, desk="decline", mobile="mailbox")),
    "outside answers": (6, Behaviour(keys=lambda _: ("", "8"))),
    "nobody answers": (7, Behaviour(keys=_pair, desk="quiet", mobile="quiet")),
    "everybody is engaged": (4, Behaviour(keys=_pair, desk="decline", mobile="fail")),
    "gives up in the menu": (5, Behaviour(patience=lambda rng: rng.uniform(0.5, 5))),
    "gives up while it rings": (6, Behaviour(number=PAIRS, desk="quiet", patience=lambda rng: rng.uniform(1, 4))),
    "leaves a message": (6, Behaviour(keys=lambda _: ("", "9"), desk="quiet")),
    "says nothing to the mailbox": (2, Behaviour(keys=lambda _: ("", "9"), desk="decline", speaks=False)),
    "closed": (3, Behaviour(number=SHUT)),
    "closed, a message": (3, Behaviour(number=SHUT_MAIL)),
    "blocked": (3, Behaviour(who="blocked")),
    "unconditional": (4, Behaviour(number=DIRECT)),
    "unconditional for a customer": (4, Behaviour(number=DIRECT, who="known")),
    "unconditional, nobody answers": (2, Behaviour(number=DIRECT, who="known", outside="quiet")),
    "on hold": (5, Behaviour(number=QUEUE)),
    "withheld": (2, Behaviour(who="withheld", keys=_extension)),
}
"""By name, and how many of about 120 calls are of the kind."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One call: who rings whom, `at` how many seconds of the run, and what happens then."""

    name: str
    at: float
    caller: str
    behaviour: Behaviour
    keys: tuple[str, ...]
    patience: float
    talk: float
    caller_ends: bool
    pause: float = field(default=1.0)

    @property
    def number(self) -> str:
        """The number that is called."""
        return self.behaviour.number

    @property
    def known(self) -> str | None:
        """Who looks after the caller, None when the CRM does not know him."""
        return KNOWN.get(self.caller)


def plans(rng: Rng, count: int, seconds: float) -> list[Plan]:
    """Draw calls that begin within some seconds; every kind of call is among them when there are enough."""
    weighed = [name for name, (weight, _) in BEHAVIOURS.items() for _ in range(weight)]
    names = list(itertools.islice(itertools.chain(BEHAVIOURS, iter(lambda: rng.choice(weighed), None)), count))
    rng.shuffle(names)
    callers = {
        "unknown": (f"+34655{place:06}" for place in itertools.count()),
        "known": itertools.cycle(KNOWN),
        "blocked": itertools.repeat(BLOCKED),
        "withheld": itertools.repeat("anonymous"),
    }
    moments = sorted(rng.uniform(0, seconds) for _ in names)
    return [_plan(rng, name, at, callers) for name, at in zip(names, moments, strict=True)]


def _plan(rng: Rng, name: str, at: float, callers: Mapping[str, Iterator[str]]) -> Plan:
    behaviour = BEHAVIOURS[name][1]
    return Plan(
        name=name,
        at=at,
        caller=next(callers[behaviour.who]),
        behaviour=behaviour,
        keys=behaviour.keys(rng),
        patience=behaviour.patience(rng),
        talk=rng.uniform(1, 6),
        caller_ends=rng.random() < 0.5,
        pause=rng.uniform(0.2, 2),
    )
