"""What a walk is made of: spots where a call may stand, and the edges between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from config.draft import Entry
from flows.calls import Call, Event
from flows.places import Place, Stage

SHARED = "="
"""Before an owner: a spot that all numbers share which do not differ in what matters there."""

ANY = "*"
"""Among the groups that have had a call: any others, or none. As the menus above a menu: any that lead there.

No name of the settings; flows.walk.histories says what it is good for."""


OWN_MAILBOX: Entry = ("mailboxes", "")
"""Met where a message may be for the mailbox of the number called, which is another one for each that stands there."""


@dataclass(frozen=True, slots=True)
class Onward:
    """Where a route is cut: a stage about to be entered, and the groups that have had the call."""

    stage: Stage
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Toward:
    """The other cut: a group about to be rung, as the destination of a key, a rule or another group."""

    group: str
    then: Stage
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what may happen at a place, the same for all places that differ in nothing that matters to it.

    `what` is "typed" (an extension that somebody has), "early" (a key of the menu that follows the greeting),
    "choice" (a key of this menu) or "known" (the CRM names somebody for the caller).
    """

    what: Literal["typed", "early", "choice", "known"]
    place: Place


class Spot(NamedTuple):
    """Where a call may stand; `owner` is the number that it called, behind SHARED one that stands for others too.

    `listens` when keys may be pressed. In a place `since` is 1 while a caller waits on hold and 2 when his time is
    up, and `tried` is one member or all of them (flows.walk.likeness says why that is enough).
    """

    owner: str
    at: Place | Onward | Toward | Part
    listens: bool = False

    @property
    def number(self) -> str:
        """The number by whose settings the call is decided here."""
        return self.owner.removeprefix(SHARED)

    @property
    def shared(self) -> bool:
        """Whether other numbers stand here too."""
        return self.owner.startswith(SHARED)


class Deed(NamedTuple):
    """What happens at a spot, or how things are there: the word for it, and the keys, devices or people."""

    what: str
    whom: tuple[str, ...] = ()


class Try(NamedTuple):
    """One thing that may happen at a spot; `stands_for` are the employees for whom one was taken."""

    event: Event
    call: Call
    deed: Deed
    by_caller: bool = False
    responsible: str | None = None
    stands_for: frozenset[Entry] = frozenset()


class Edge(NamedTuple):
    """One way on from a spot, open at the moments whose bits under `mask` are `open`.

    It lasts `seconds` at most. `rings` says after how many of them a device rings, None when none does. `end` is how
    the call ends here, "" when it does not. What `progresses` cannot go on for ever: another member rings, time on
    hold passes. With a `beep` the caller's message begins, and his time is his own.
    """

    target: int
    seconds: float
    deeds: tuple[Deed, ...]
    mask: int
    open: int
    by_caller: bool = False
    rings: float | None = None
    end: str = ""
    progresses: bool = False
    beep: bool = False
    meets: frozenset[Entry] = frozenset()

    def goes(self, open_: int) -> bool:
        """Whether this way is open while these schedules are."""
        return open_ & self.mask == self.open


NOWHERE = -1
"""The target of an edge on which the call ends."""

ENDS = {
    "person": "an employee",
    "forward": "a forward",
    "message": "a message",
    "goodbye": "a goodbye",
    "declined": "a refusal, unanswered",
    "caller": "the caller hangs up",
}
"""How a path may end."""

FAULTS = {
    "silent": "the call ends without a word",
    "open": "the document ends, and nothing follows",
    "nobody": "a ring without a device",
    "fails": "the decision fails",
}
"""How none may."""
