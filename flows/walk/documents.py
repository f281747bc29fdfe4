"""Documents: what one answer of ours leads to, read as a provider plays it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, cast

from flows.places import Place
from flows.steps import Ask, Decline, Go, HangUp, Nothing, Ring, Say, Step, TakeMessage
from flows.walk.pace import Pace
from flows.walk.parts import Onward, Toward


class Outcome(NamedTuple):
    """Where an answer leads, after how many seconds at most; `end` or `fault` when the call ends there."""

    place: Place | Onward | Toward | None
    seconds: float
    listens: bool = False
    ring: Ring | None = None
    rings: float | None = None
    beep: bool = False
    end: str = ""
    fault: str = ""


def outcomes(
    steps: Iterable[Step], pace: Pace, answered: bool, screening: Callable[[Ring], float]
) -> Iterator[Outcome]:
    """Play steps as a provider does: each in turn, until one takes the call away.

    `answered` when somebody took the call, or the caller is gone: then the end needs no word.
    `screening` tells how long whoever picks up a ring is asked to press 1.
    """
    seconds, said, asked, taken = 0.0, False, None, False
    for step in steps:
        if isinstance(step, (Onward, Toward)):
            yield Outcome(step, seconds)
            return
        if taken:  # what follows a message that was not begun: it is over all the same
            if isinstance(step, HangUp):
                yield Outcome(None, seconds, end="message")
                return
        elif isinstance(step, Say):
            seconds, said = seconds + pace.heard(step.heard), True
        elif isinstance(step, Ask):
            seconds += step.wait + sum(map(pace.heard, step.heard))
            asked, said = step.place, True
            yield Outcome(step.place, seconds, listens=True)
        elif isinstance(step, TakeMessage):
            yield Outcome(step.place, seconds, beep=True)
            taken = True
        else:
            if not (isinstance(step, Go) and step.place == asked):
                yield _last(step, seconds, said or answered, pace, screening)
            return
    yield Outcome(None, seconds, fault="open")


def _last(step: Step, seconds: float, said: bool, pace: Pace, screening: Callable[[Ring], float]) -> Outcome:
    if isinstance(step, Ring):
        if not step.legs:
            return Outcome(None, seconds, fault="nobody")
        rung = seconds + pace.ring(step.seconds) + screening(step)
        return Outcome(step.place, rung, ring=step, rings=seconds)
    if isinstance(step, Go):
        return Outcome(step.place, seconds)
    if isinstance(step, Decline):
        return Outcome(None, seconds, end="declined")
    if isinstance(step, Nothing):
        return Outcome(None, seconds, fault="open")
    assert isinstance(step, HangUp)
    return Outcome(None, seconds, end="goodbye") if said else Outcome(None, seconds, fault="silent")


def cut(left: Onward | Toward) -> Step:
    """A cut, where a step is expected: only this module and flows.walk.deciding ever see it."""
    return cast("Step", left)
