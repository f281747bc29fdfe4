"""What can happen to a call while it waits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.leg import Leg


@dataclass(frozen=True)
class TimeUp:
    """The deadline of what the call waits for has come."""


@dataclass(frozen=True)
class Key:
    """The caller, or the callee inside a whisper document, pressed a key."""

    key: str


@dataclass(frozen=True)
class Spoke:
    """The caller begins to speak for so many seconds, or is on the line without a word (`loudness` 0)."""

    seconds: float
    loudness: float


@dataclass(frozen=True)
class LegAnswers:
    """A ringing device is picked up."""

    leg: "Leg"


@dataclass(frozen=True)
class LegFails:
    """A ringing device stops ringing without an answer."""

    leg: "Leg"
    status: str
    sip_code: int


@dataclass(frozen=True)
class LegKey:
    """A callee pressed a key."""

    leg: "Leg"
    key: str


@dataclass(frozen=True)
class LegHangsUp:
    """A callee who had picked up hangs up."""

    leg: "Leg"


Event = TimeUp | Key | Spoke | LegAnswers | LegFails | LegKey | LegHangsUp


class HungUpError(Exception):
    """The caller's leg is gone; `reason` says how, `unanswered` is the final status if it was never answered."""

    def __init__(self, reason: str, unanswered: str = "no-answer") -> None:
        super().__init__(reason)
        self.reason = reason
        self.unanswered = unanswered


class RedirectedError(Exception):
    """The REST API gives the call another document."""

    def __init__(self, url: str, method: str) -> None:
        super().__init__(url)
        self.url = url
        self.method = method


class FinishedError(Exception):
    """The document ends the call; `status` is the final CallStatus where it is not the usual one."""

    def __init__(self, reason: str, status: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
