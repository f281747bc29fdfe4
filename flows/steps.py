"""Steps: what the caller is to hear and whom he is to reach, before it is written as TwiML."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from config.menus import Prompt
from flows.places import AtScreen, Place


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of ours from the catalogue, in the number's language."""

    key: str
    values: dict[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Music:
    """The music on hold: an https address, or None for the loop that ships with the app."""

    url: str | None = None


Heard = Phrase | Prompt | Music


@dataclass(frozen=True, slots=True)
class Say:
    """Play something to the caller."""

    heard: Heard


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """Play prompts while keys may be pressed; `digits` at most, `wait` seconds for each; silence falls through."""

    heard: tuple[Heard, ...]
    digits: int
    wait: int
    place: Place


@dataclass(frozen=True, slots=True)
class Go:
    """Come back at a place."""

    place: Place


@dataclass(frozen=True, kw_only=True, slots=True)
class Leg:
    """A device to ring, and whose it is."""

    device: str
    employee: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ring:
    """Ring devices together for some seconds; the first to answer takes the call.

    `screen` asks whoever picks up to press 1; `last` marks a forward, after which nobody else is tried.
    """

    legs: tuple[Leg, ...]
    seconds: int
    caller_id: str
    place: Place
    record: bool = False
    screen: AtScreen | None = None
    last: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TakeMessage:
    """Beep and record up to `seconds`; # ends."""

    seconds: int
    place: Place


@dataclass(frozen=True, slots=True)
class HangUp:
    """End the call."""


@dataclass(frozen=True, slots=True)
class Decline:
    """Refuse the call before it is answered, so that it costs nothing."""

    reason: Literal["rejected", "busy"]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Let the call run on: the end of a document that was asked for on a callee's leg."""


Step = Say | Ask | Go | Ring | TakeMessage | HangUp | Decline | Nothing
