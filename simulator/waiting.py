"""What a call can be waiting for. Deadlines and `since` are on the clock's `seconds` scale."""

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.events import Event

if TYPE_CHECKING:
    from simulator.leg import Leg

LONG_PLAY = 20.0  # a file of this many seconds, or one that loops, counts as music


@dataclass(frozen=True, kw_only=True)
class Listening:
    """A prompt outside a Gather: keys go nowhere, and the call goes on by itself."""

    deadline: float
    heard: str = ""
    media: tuple[str, ...] = ()
    music: bool = False


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Keys are wanted; `heard` is everything its prompts say, `speaking_until` when they end; `music` as on hold."""

    deadline: float
    heard: str
    media: tuple[str, ...]
    digits: str
    num_digits: int | None
    finish_on_key: str
    timeout: int
    speaking_until: float
    music: bool = False


@dataclass(frozen=True, kw_only=True)
class Ringing:
    """Devices ring: `timeout` is what Dial asked for, `seconds` how long they ring when nobody answers."""

    deadline: float
    legs: "tuple[Leg, ...]"
    timeout: int
    seconds: float
    since: float


@dataclass(frozen=True, kw_only=True)
class Screening:
    """The callee who picked up hears a document first; `inner` is what that document waits for."""

    deadline: float
    leg: "Leg"
    inner: "Gathering | Listening"

    @property
    def heard(self) -> str:
        """What the callee hears now."""
        return self.inner.heard


@dataclass(frozen=True, kw_only=True)
class Recording:
    """The caller is recorded; ends after `timeout` seconds of silence (0: never), or after `max_length`."""

    deadline: float
    since: float
    max_length: int
    timeout: int
    finish_on_key: str
    spoken: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Talking:
    """Caller and callee are connected; the deadline is Dial's timeLimit."""

    deadline: float
    leg: "Leg"
    since: float


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The call is over."""

    reason: str
    deadline: float = field(default=float("inf"))


Waiting = Listening | Gathering | Ringing | Screening | Recording | Talking | Ended
Steps = Generator[Waiting, Event, None]
