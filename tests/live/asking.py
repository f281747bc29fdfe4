"""Questions to the live state, without the flows that usually ask them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from redis import Redis

from config.people import Distribution
from flows.calls import Call
from flows.live import Asked, Candidate, MayDial, Need, Offer, Option, PickedUp, SomebodyFree, Waits
from flows.places import OnHold
from live import readings
from live.state import LATE_LEG, LegTold, RedisLive
from local.house import PUBLIC_URL
from tests.moments import OPEN, at

RING = 20
PATIENCE = 300
VOID = timedelta(seconds=RING + LATE_LEG)
"""How long the mark of a ring counts."""


def call(sid: str) -> Call:
    """A call of an id."""
    return Call(id=sid, number="+34910000001", caller="+34600000001", called="+34910000001")


def free(
    *people: str, distribution: Distribution = "in_order", queue: str = "", seconds: int = RING, devices: int = 1
) -> SomebodyFree:
    """Somebody of these people."""
    candidates = tuple(Candidate(employee=name, devices=devices) for name in people)
    return SomebodyFree(
        candidates=candidates, distribution=distribution, seconds=seconds, queue=queue, patience=PATIENCE
    )


def waits(queue: str) -> Waits:
    """A wait for a group."""
    return Waits(queue=queue, patience=PATIENCE, place=OnHold(group=queue, since=1))


def mobile(employee: str, minimum: float | None = None) -> MayDial:
    """A forward to somebody's mobile."""
    return MayDial(minimum_balance=minimum, employee=employee, seconds=RING)


@dataclass
class Switch:
    """A live state with a clock that the test moves; `woken` are the calls that were handed on."""

    redis: Redis
    queues: dict[str, Sequence[str]] = field(default_factory=dict)
    leg_callbacks: bool = True
    now: datetime = field(default_factory=lambda: at(OPEN))
    woken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.live = self.another()
        self._steps: dict[str, int] = {}

    def another(self) -> RedisLive:
        """The live state as one more process has it."""
        return RedisLive(
            self.redis,
            address=lambda call, place: f"{PUBLIC_URL}/voice/at/hold?call={call.id}&step={place.step}",
            queues=lambda employee: self.queues.get(employee, ()),
            wake=self.woken.extend,
            leg_callbacks=self.leg_callbacks,
        )

    def asks(self, sid: str, *needs: Need | None, live: RedisLive | None = None, **more: Any) -> Offer:
        """Ask for the first of some needs that can be met, else for nothing; each question is a step further."""
        step = self._steps[sid] = more.pop("step", self._steps.get(sid, 0) + 1)
        ladder = tuple(option(index, need) for index, need in enumerate((*needs, None)))
        if needs and isinstance(needs[-1], Waits):
            ladder = ladder[:-1]
        asked = Asked(key=more.pop("key", f"{step}:x"), step=step, ladder=ladder, now=self.now, **more)
        return (live or self.live).ask(call(sid), asked)()

    def rings(self, sid: str, *people: str, **more: Any) -> tuple[str, ...]:
        """Ring somebody of these; who it was."""
        return self.asks(sid, free(*people), **more).who

    def leg(self, sid: str, employee: str, status: str, step: int | None = None) -> Self:
        """The provider tells of a device of somebody's."""
        step = self._steps[sid] if step is None else step
        self.live.leg(LegTold(call=sid, employee=employee, step=step, status=status), self.now)
        return self

    def ends(self, sid: str, status: str = "completed") -> Self:
        """The provider tells that a call is over."""
        self.live.end(call(sid), status, self.now)
        return self

    def away(self, employee: str, away: bool = True) -> None:
        """Somebody goes away, or is back."""
        self.live.set_away(employee, away=away, now=self.now)

    def passes(self, seconds: float) -> None:
        """Time passes."""
        self.now += timedelta(seconds=seconds)

    def state(self, employee: str) -> str:
        """What somebody does now."""
        return readings.presence(self.redis, employee, self.now).state

    def told(self, sid: str) -> list[str]:
        """The codes of a call's trace."""
        return [note["code"] for note in readings.trace(self.redis, sid)]


def option(index: int, need: Need | None) -> Option:
    """A rung that tells in the trace that it was tried, taken or missed."""
    return Option(
        steps=lambda _: (),
        need=need,
        before=({"code": f"before {index}"},),
        taken={"code": f"taken {index}"},
        missed={"code": f"missed {index}"},
    )


PRESSED = PickedUp()
