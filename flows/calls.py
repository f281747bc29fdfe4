"""A call, and the things that may happen to it between two answers of ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One incoming call as the provider describes it.

    `number` is the key of the number called in the settings, None when it is not one of ours; `caller` is in
    E.164 form, None when withheld or not a telephone number; `called` is the address as the caller dialled it.
    `over_sip` when the caller reached us over SIP: then no provider shows his number to a telephone (twiml.md 2.3).
    `revision` is the digest of the settings that the call goes by.
    """

    id: str
    number: str | None
    caller: str | None
    called: str
    over_sip: bool = False
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The call has just come in, or a callee has just picked up and is to be asked."""

    key: ClassVar[str] = "arrived"


@dataclass(frozen=True, slots=True)
class Keys:
    """The caller pressed keys."""

    digits: str

    @property
    def key(self) -> str:
        """What makes this event the same as another."""
        return "keys=" + self.digits[:32]


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was pressed, or the provider came back by itself."""

    key: ClassVar[str] = "silence"


@dataclass(frozen=True, slots=True)
class DialEnded:
    """A dial is over; `bridged` is None when the provider does not say whether the two ever spoke.

    `seconds` is how long the leg that was picked up lasted, `leg` its id.
    """

    status: str
    bridged: bool | None
    seconds: int | None = None
    leg: str = ""

    @property
    def answered(self) -> bool:
        """Whether somebody took the call; a picked up but never bridged leg is no answer (twiml.md 2.3)."""
        return self.bridged if self.bridged is not None else self.status in {"completed", "answered"}

    @property
    def key(self) -> str:
        """What makes this event the same as another."""
        return f"dial={self.status},{self.bridged}"


@dataclass(frozen=True, slots=True)
class MessageLeft:
    """A recording ended; 0 seconds means that nothing was said; `recording` is its id, `url` where it is."""

    seconds: int
    recording: str = ""
    url: str = ""
    key: ClassVar[str] = "message"


@dataclass(frozen=True, slots=True)
class Gone:
    """The caller has hung up; nothing that we answer will be heard. `spoke` is the dial in which somebody answered."""

    spoke: DialEnded | None = None
    key: ClassVar[str] = "gone"


@dataclass(frozen=True, slots=True)
class Lost:
    """The provider came back to a place that is not in the settings."""

    key: ClassVar[str] = "lost"


Event = Arrived | Keys | Silence | DialEnded | MessageLeft | Gone | Lost
