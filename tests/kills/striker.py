"""The striker: a list of moments and faults, drawn before the run, and what became of each."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.kills.faults import Ends, Fault, World

FIRST_AFTER = 2.0
FOR_GOOD = float("inf")


@dataclass(kw_only=True)
class Struck:
    """A fault that has happened: when it began and ended, in seconds of the run."""

    name: str
    on: str
    began: float
    ends: Ends
    until: float
    ended: float = FOR_GOOD

    def __str__(self) -> str:
        lasts = f", for {self.until - self.began:.1f} s" if self.until > self.began else ""
        return f"{self.began:6.1f} s  {self.name}{lasts}"


class Striker:
    """Strikes as drawn, each fault `least` times and more when there is time; `struck` is the story of it.

    What is not `well` again since it was last struck is not struck: what is due then comes later.
    """

    def __init__(
        self,
        rng: random.Random,
        seconds: float,
        times: int,
        faults: Mapping[str, Fault],
        *,
        least: int = 2,
        well: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self.struck: list[Struck] = []
        self._well = well
        kinds = [*faults] * least
        kinds += [rng.choice([*faults]) for _ in range(times - len(kinds))]
        rng.shuffle(kinds)
        share = (seconds - FIRST_AFTER) / max(times, 1)  # one falls into each share of the time
        moments = [FIRST_AFTER + share * (place + rng.random()) for place in range(times)]
        self._rng, self._faults, self._due = rng, faults, list(zip(moments, kinds, strict=False))
        self._under_way: list[Struck] = []

    @property
    def counts(self) -> Counter[str]:
        """How often each fault has struck."""
        return Counter(each.name for each in self.struck)

    def strikes(self, world: World, now: float) -> list[Struck]:
        """Do what is due after so many seconds of the run, or was, and could not be done: a horse lives for a job.

        Returns the faults that have begun.
        """
        self._ends([each for each in self._under_way if each.until <= now], now)
        begun = []
        for due in [due for due in self._due if due[0] <= now]:
            fault = self._faults[due[1]]
            if any(each.on == fault.on for each in self._under_way) or not self._well(fault.on):
                continue
            ends = fault.strikes(world, self._rng)
            if ends is None:
                continue
            self._due.remove(due)
            until = now + self._rng.uniform(*fault.lasts)
            begun.append(Struck(name=due[1], on=fault.on, began=now, ends=ends, until=until))
            self._under_way.append(begun[-1])
        self.struck += begun
        return begun

    def stops(self, now: float) -> None:
        """End what is under way, and strike no more."""
        self._due.clear()
        self._ends([*self._under_way], now)

    def _ends(self, over: list[Struck], now: float) -> None:
        for each in over:
            each.ends()
            each.ended = now
            self._under_way.remove(each)
