"""Gates of several processes, on one clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from redis import Redis

from live.gate import BREAKS_AFTER, FIRST_BREAK, Gate, GateShut, Turn

RATE = 2.0
"""bitrix24.md 1: Y = 2/s, block above X = 50."""

FINISH = "telephony.externalCall.finish"


@dataclass
class Time:
    """A clock that sleeping moves."""

    now: float = 1_795_500_000.0
    slept: float = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.slept += seconds


@dataclass
class Gates:
    """Makes the gate of one more process."""

    redis: Redis
    time: Time

    def __call__(self) -> Gate:
        return Gate(self.redis, rate=RATE, clock=self.time, sleep=self.time.sleep)


def enters(gate: Gate, method: str = FINISH, **more: Any) -> Turn | None:
    """Go through at once, or not."""
    try:
        return gate.enter(method, patience=0, **more)
    except GateShut:
        return None


def shut(gate: Gate, method: str = FINISH, **more: Any) -> GateShut:
    """Do not get through, and hear why."""
    with pytest.raises(GateShut) as caught:
        gate.enter(method, patience=0, **more)
    return caught.value


def fails(gate: Gate, times: int = 1) -> None:
    """Ask a CRM that does not answer."""
    for _ in range(times):
        turn = enters(gate, urgent=True)
        assert turn is not None
        gate.failed(turn)


def breaks(gate: Gate, time: Time) -> None:
    """Break the circuit, and let the break pass."""
    fails(gate, BREAKS_AFTER)
    time.now += FIRST_BREAK
