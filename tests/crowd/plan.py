"""Who calls, and how everybody behaves: calls drawn from a table of behaviours."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.crowd.firm import Firm

STAYS = float("inf")

Rng = random.Random


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """How the people of one kind of call behave; what is drawn anew for each call is a function.

    `keys` are pressed at one prompt after the other, "" waits the prompt out. Devices pick up, decline, fail, or
    ring in vain (`quiet`), each after `pause` seconds: `desk` at the office, `mobile` in a pocket, `outside` anywhere
    else. The caller gives up after `patience` seconds, talks for `talk`, and leaves a message of so many seconds
    where he may, if he `speaks`. So many devices are `deaf`, and ring in vain before one is heard.
    """

    number: Callable[[Rng], str]
    who: str = "unknown"
    keys: Callable[[Rng], tuple[str, ...]] = lambda _: ()
    desk: str = "answer"
    mobile: str = "quiet"
    outside: str = "answer"
    patience: Callable[[Rng], float] = lambda _: STAYS
    talk: Callable[[Rng], float] = lambda rng: rng.uniform(1, 6)
    pause: Callable[[Rng], float] = lambda rng: rng.uniform(0.2, 2)
    speaks: Callable[[Rng], float] = lambda _: 2.0
    deaf: Callable[[Rng], int] = lambda _: 0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One call: who rings whom, `at` how many seconds of the run, and what happens then; `known` looks after him."""

    name: str
    at: float
    number: str
    caller: str
    known: str | None
    behaviour: Behaviour
    keys: tuple[str, ...]
    patience: float
    talk: float
    caller_ends: bool
    pause: float
    message: float
    deaf: int


def draw(rng: Rng, firm: Firm, behaviours: Mapping[str, tuple[int, Behaviour]], moments: Sequence[float]) -> list[Plan]:
    """Draw a call for each moment, by the weights of the behaviours; each is among them when there are enough."""
    weighed = [name for name, (weight, _) in behaviours.items() for _ in range(weight)]
    names = list(itertools.islice(itertools.chain(behaviours, iter(lambda: rng.choice(weighed), None)), len(moments)))
    rng.shuffle(names)
    callers = {
        "unknown": (f"+34655{place:06}" for place in itertools.count()),
        "known": itertools.cycle(firm.known),
        "blocked": itertools.repeat(firm.blocked),
        "withheld": itertools.repeat("anonymous"),
    }
    return [
        _plan(rng, name, behaviours[name][1], at, firm, callers)
        for name, at in zip(names, sorted(moments), strict=True)
    ]


def _plan(
    rng: Rng, name: str, behaviour: Behaviour, at: float, firm: Firm, callers: Mapping[str, Iterator[str]]
) -> Plan:
    caller = next(callers[behaviour.who])
    return Plan(
        name=name,
        at=at,
        number=behaviour.number(rng),
        caller=caller,
        known=firm.known.get(caller),
        behaviour=behaviour,
        keys=behaviour.keys(rng),
        patience=behaviour.patience(rng),
        talk=behaviour.talk(rng),
        caller_ends=rng.random() < 0.5,
        pause=behaviour.pause(rng),
        message=behaviour.speaks(rng),
        deaf=behaviour.deaf(rng),
    )
