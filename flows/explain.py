"""explain(): the trace that a call would have, without placing it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flows.calls import Arrived, Call, DialEnded, Event, Keys, MessageLeft, Silence
from flows.decide import decide
from flows.live import Blind, Note
from flows.places import Entrance, OnHold, Place
from flows.question import LET_PASS
from flows.steps import Ask, Go, Ring, Step, TakeMessage
from flows.way import Desk

MOST_STEPS = 200
"""No route is longer than this without the caller doing something; a bound against a fault of ours."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One decision of a call that was never placed, and when it would be taken."""

    at: datetime
    note: Note


def explain(desk: Desk, call: Call, at: datetime, presses: tuple[str, ...]) -> Iterator[Explained]:
    """Walk a call that presses these keys, one entry per prompt, and whom nobody answers.

    Everybody at work is taken to be free; a caller on hold waits to the end.
    """
    keys = list(presses)
    place: Place = Entrance()
    event: Event = Arrived()
    for _ in range(MOST_STEPS):
        blind = Blind()
        steps = decide(replace(desk, live=blind), call, place, event, at, render=_as_they_are)
        yield from (Explained(at, note) for note in blind.heard)
        following = _following(steps, keys)
        if following is None:
            return
        place, event, seconds = following
        at += timedelta(seconds=_hold_seconds(desk, place) or seconds)


def _as_they_are(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return steps


def _following(steps: tuple[Step, ...], keys: list[str]) -> tuple[Place, Event, int] | None:
    """Where the caller is next, what has happened by then, and how long it took."""
    for step in steps:
        if isinstance(step, Ask) and keys and not isinstance(step.place, OnHold):
            pressed = keys.pop(0)
            return step.place, Silence() if pressed == LET_PASS else Keys(pressed), step.wait
        if isinstance(step, Ring):
            return step.place, DialEnded("no-answer", bridged=False), step.seconds
        if isinstance(step, TakeMessage):
            return step.place, MessageLeft(5), 5
        if isinstance(step, Go):
            return step.place, Silence(), 5
    return None


def _hold_seconds(desk: Desk, place: Place) -> int:
    return desk.company.groups[place.group].hold.max_minutes * 60 if isinstance(place, OnHold) else 0
