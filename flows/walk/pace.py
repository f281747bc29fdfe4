"""How long things last, so that a walk can tell the longest time; told from outside, because words are not ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flows.steps import Heard


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """`heard` tells the seconds that something lasts, in the slowest of the languages in use.

    No ring is shorter than `ring_least` seconds.
    """

    heard: Callable[[Heard], float]
    ring_least: int = 10

    def ring(self, seconds: int) -> int:
        """How long devices really ring."""
        return max(seconds, self.ring_least)
