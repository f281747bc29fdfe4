"""Places: the points of a route where a call waits for the provider's next request.

A place is all that a call knows of its past, and it travels in the URL of the next webhook. `step` counts the
answers given to the call, so that a request repeated by the provider is told from a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Stage = Literal["blocked", "hours", "sip_extension", "greeting", "menu", "responsible", "group", "otherwise", "end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What every place knows: `then` is the stage that `continue` leads to, `groups` those already tried."""

    step: int = 0
    then: Stage = "end"
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entrance(Place):
    """The first webhook of a call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Nowhere(Place):
    """A place that is not, or no longer, in the settings."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtExtension(Place):
    """An extension may be typed; `wrong` counts unknown ones."""

    wrong: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMenu(Place):
    """A menu waits for a key; `path` are the menus above it, `wrong` the keys that were no choice."""

    menu: str
    path: tuple[str, ...] = ()
    wrong: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AtEmployee(Place):
    """An employee's devices ring; `rule` is the address of what follows when nobody answers."""

    employee: str
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AtGroup(Place):
    """Members of a group ring: `rang` now, `tried` in this pass, both bit masks over its list of members.

    `since` is when the caller began to wait on hold (Unix seconds), 0 when he has not waited.
    """

    group: str
    tried: int = 0
    rang: int = 0
    since: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class OnHold(Place):
    """The caller hears music; `told` is the position last announced, 0 before the first word, -1 when unknown."""

    group: str
    since: int
    told: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AtForward(Place):
    """A forward rings; `mailbox` takes a message when the settings want one, `employee` owns the mobile.

    `screened` when whoever picks up must press 1.
    """

    mailbox: str
    employee: str = ""
    screened: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AtScreen(Place):
    """Whoever picked up a forward is asked to press 1; `asked` once he has been."""

    employee: str = ""
    asked: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMessage(Place):
    """A message is being recorded for a mailbox, such as group:sales."""

    mailbox: str


KINDS: dict[str, type[Place]] = {
    "extension": AtExtension,
    "menu": AtMenu,
    "employee": AtEmployee,
    "group": AtGroup,
    "hold": OnHold,
    "forward": AtForward,
    "screen": AtScreen,
    "message": AtMessage,
}
"""The name of each place in URLs and in the metrics."""

KIND_OF: dict[type[Place], str] = {kind: name for name, kind in KINDS.items()} | {
    Entrance: "incoming",
    Nowhere: "nowhere",
}
