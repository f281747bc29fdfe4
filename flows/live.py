"""What flows ask of the live state: one question a webhook, and the trace goes with it.

A decision that depends on what is going on now is a **ladder** of options, in order of preference. Whoever
implements `Live` takes the first option whose need can be met, marks what it uses, notes the trace, all in one
atomic step, and says which option it was. The last option of a ladder needs nothing that may fail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from config.people import MOST_DEVICES, Distribution
from flows.calls import Call
from flows.places import OnHold
from flows.steps import Step

Note = dict[str, Any]
"""One decision of the trace: `code` names the sentence in flows.trace, the rest fills it in."""


Told = tuple[str, str, datetime, Sequence[Note]]
"""Notes that go into the trace of a call, once: its id, a key, as of when they are put there, and the notes."""


PATIENCE = 90
"""Seconds after which a caller on hold has asked again, with the music that ships and what is said before it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A member who may be rung, and on how many devices at once."""

    employee: str
    devices: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SomebodyFree:
    """Free candidates are picked by the distribution and marked as ringing for `seconds`.

    With a `queue` the callers who already wait for that group come first: somebody is free for this call only
    when more candidates are free than callers wait before it. A caller who has not asked again for `patience`
    seconds has gone.
    """

    candidates: tuple[Candidate, ...]
    distribution: Distribution
    seconds: int
    queue: str = ""
    patience: int = PATIENCE


@dataclass(frozen=True, kw_only=True, slots=True)
class MayDial:
    """A forward may be paid for; `employee` is marked as ringing on the mobile, free or not."""

    minimum_balance: float | None
    employee: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Blocked:
    """The caller is on the block list that people and the app itself keep, besides the one in the settings."""


@dataclass(frozen=True, slots=True)
class PickedUp:
    """Whoever answered the last forward pressed 1."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """The caller waits in a group's queue (always possible); `place` is where a free member wakes him; one who
    has not asked again for `patience` seconds has gone."""

    queue: str
    place: OnHold
    patience: int = PATIENCE


Need = SomebodyFree | MayDial | Blocked | PickedUp | Waits


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """Which option of the ladder was taken, and what came with it.

    `at` is when it was taken: earlier than now when the provider has repeated its request. `responsible` is who was
    named for the caller then.
    """

    index: int
    at: datetime
    who: tuple[str, ...] = ()
    position: int = 0
    responsible: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A rung of the ladder: noted `before` it is tried, then `taken` or `missed`."""

    steps: Callable[[Offer], tuple[Step, ...]]
    need: Need | None = None
    before: tuple[Note, ...] = ()
    taken: Note | None = None
    missed: Note | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """The question of one webhook; `key` is the same when the provider repeats itself, `step` is that of the answer.

    `frees` says that whoever this call was ringing or talking to is free again, `ended` that the call is over; with
    `responsible`, who was named for the caller, the ladder can be built once more as it was.
    """

    key: str
    step: int
    ladder: tuple[Option, ...]
    now: datetime
    frees: bool = False
    ended: bool = False
    accepts: bool = False
    responsible: str | None = None


class Live(Protocol):
    """Who is free, who waits: the one question, answered at once."""

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Have the first option of the ladder taken that can be had; what is returned reads the answer, once."""
        ...


@dataclass(slots=True)
class Blind:
    """Live state when there is none: everybody is free, in listed order, and nobody waits.

    It routes calls while Redis is gone, and answers `explain`; `heard` keeps the trace.
    """

    heard: list[Note] = field(default_factory=list)

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:  # noqa: ARG002  (the interface's name)
        """Take the first option that does not hang on what only the live state knows."""
        # Nobody can tell whether a key was pressed: better an apology too many than a call that ends without a word.
        index = next(i for i, option in enumerate(asked.ladder) if not isinstance(option.need, (PickedUp, Blocked)))
        option = asked.ladder[index]
        who = picked_in_order(option.need) if isinstance(option.need, SomebodyFree) else ()
        self.heard += [note for passed in asked.ladder[: index + 1] for note in passed.before]
        if option.taken:
            self.heard.append(option.taken | ({"who": list(who)} if who else {}))
        return lambda: Offer(index=index, at=asked.now, who=who)


def picked_in_order(need: SomebodyFree) -> tuple[str, ...]:
    """Pick as though nobody were busy: the first candidate, or as many as one dial can ring."""
    if need.distribution != "everybody":
        return (need.candidates[0].employee,)
    picked: list[str] = []
    room = MOST_DEVICES
    for candidate in need.candidates:
        if candidate.devices <= room:
            picked.append(candidate.employee)
            room -= candidate.devices
    return tuple(picked)


class Callers(Protocol):
    """Who is this caller? A CRM implements it; the answer comes within its deadline or is None."""

    def begin(self, caller: str) -> None:
        """Start finding out, because it will be asked; returns at once."""
        ...

    def responsible(self, caller: str) -> str | None:
        """Name the employee responsible for a caller (E.164), or None when the caller is not known."""
        ...
