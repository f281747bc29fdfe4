"""Calls that go anywhere: the pure flows, with dice for the caller, the employees and the live state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from config.company import Company
from flows.callers import ListedCallers
from flows.calls import Arrived, Call, DialEnded, Event, Keys, MessageLeft, Silence
from flows.decide import decide
from flows.live import Asked, Callers, Note, Offer, SomebodyFree, picked_in_order
from flows.places import AtForward, Entrance, OnHold, Place
from flows.steps import Ask, Go, Ring, Step, TakeMessage
from flows.way import Desk

TYPED = [*"0123456789*", "101", "7#", "999"]
MOST_STEPS = 60


@dataclass
class Dice:
    """A live state that takes any rung, and keeps the trace as the real one does."""

    dice: Random
    heard: list[Note] = field(default_factory=list)

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Take a rung; what is in the way of those before it is noted."""
        index = self.dice.choice([0, len(asked.ladder) - 1, self.dice.randrange(len(asked.ladder))])
        for option in asked.ladder[:index]:
            self.heard += [*option.before, *([option.missed] if option.missed else [])]
        option = asked.ladder[index]
        who = picked_in_order(option.need) if isinstance(option.need, SomebodyFree) else ()
        self.heard += [*option.before, *([option.taken | ({"who": list(who)} if who else {})] if option.taken else [])]
        return lambda: Offer(index=index, at=asked.now, who=who)


def wander(company: Company, call: Call, at: datetime, dice: Random, callers: Callers | None = None) -> list[Note]:
    """Play a call by dice and return its trace; `callers` tells who calls, by default the settings' own list."""
    live = Dice(dice)
    desk = Desk(company=company, live=live, callers=callers or ListedCallers(company))
    place: Place = Entrance()
    event: Event = Arrived()
    for _ in range(MOST_STEPS):
        steps = decide(desk, call, place, event, at, render=lambda steps: steps)
        following = _following(steps, [*TYPED, *company.extensions], dice)
        if following is None:
            break
        place, event = following
        at += timedelta(seconds=dice.choice([5, 20, 400]) if isinstance(place, OnHold) else 5)
    return live.heard


def _following(steps: tuple[Step, ...], typed: list[str], dice: Random) -> tuple[Place, Event] | None:
    for step in steps:
        if isinstance(step, Ask) and dice.randrange(5):
            return step.place, Keys(dice.choice(typed))
        if isinstance(step, Ring):
            return step.place, _dial_ended(step, dice)
        if isinstance(step, TakeMessage):
            return step.place, MessageLeft(dice.choice([0, 5]))
        if isinstance(step, Go):
            return step.place, Silence()
    return None


def _dial_ended(ring: Ring, dice: Random) -> DialEnded:
    bridged = dice.choice([True, None]) if isinstance(ring.place, AtForward) else True
    return dice.choice(
        [DialEnded("completed", bridged), *[DialEnded(s, False) for s in ("no-answer", "busy", "failed")]]
    )


def called(company: Company, number: str, caller: str | None, dice: Random) -> Call:
    """A call to a number; over SIP perhaps to an extension."""
    user = dice.choice([*TYPED, *company.extensions])
    to = f"sip:{user}@{number.partition(':')[2].rpartition('@')[2]}" if number.startswith("sip") else number
    return Call(id="CA1", number=number, caller=caller, called=to)
