"""One telephone call and what the people on it can do."""

from collections.abc import Callable

from simulator.events import Event, HungUpError, Key, LegAnswers, LegFails, LegHangsUp, LegKey, Spoke
from simulator.leg import Leg
from simulator.machine import RunningCall
from simulator.sound import SPEECH
from simulator.waiting import Listening, Recording, Screening, Talking

_KEYS = frozenset("0123456789*#ABCD")


class WrongMomentError(RuntimeError):
    """Somebody tried what cannot be done now, such as answering a device that does not ring."""


class Call(RunningCall):
    """A call with its people: the caller, and whoever is at the devices, which are named by their addresses.

    WrongMomentError for what cannot be done at this point of the call.
    """

    def press(self, keys: str) -> None:
        """Press keys one after the other at this moment; those that no Gather waits for are lost."""
        if wrong := set(keys) - _KEYS:
            raise ValueError(f"no such keys: {''.join(sorted(wrong))}")
        with self.exchange.turn(self):
            self._need(not self.is_over, "press keys")
            self.note("key", keys)
            place = self._place
            for at, key in enumerate(keys):
                if self.is_over or (self._place != place and not self.network.type_ahead):
                    self.note("lost", keys[at:])
                    break
                self._press(key)

    def _press(self, key: str) -> None:
        if self.network.type_ahead and isinstance(self.waiting, Listening):
            self.typed_ahead += key
        else:
            self._happen(Key(key))

    @property
    def _place(self) -> tuple[type, int]:
        """Where keys go; it changes when one Gather is left and the next begins."""
        return type(self.waiting), self.gathers

    def speak(self, seconds: float, loudness: float = SPEECH) -> None:
        """Speak into the recording for so many seconds; the clock moves on by as much.

        With a `loudness` of 0 nothing is said, but the line is not still enough for the provider to notice.
        """
        with self.exchange.turn(self):
            self._need(isinstance(self.waiting, Recording), "speak")
            self.note("speak" if loudness else "silence", f"{seconds:g} s")
            self._happen(Spoke(seconds, loudness))
            self.exchange.run_for(seconds)

    def hang_up(self) -> None:
        """The caller hangs up."""
        with self.exchange.turn(self):
            self._need(not self.is_over, "hang up")
            self.note("hang up", "")
            self._interrupt(HungUpError("caller hung up"))

    def answer(self, device: str) -> None:
        """Somebody picks up `device`."""
        self._leg_event(device, "answer", LegAnswers)

    def mailbox(self, device: str) -> None:
        """A mailbox picks up: it never presses a key."""
        self._ringing(device, "be picked up by its mailbox").mailbox = True
        self._leg_event(device, "answer", LegAnswers)

    def busy(self, device: str) -> None:
        """The device is engaged."""
        self._leg_event(device, "be busy", lambda leg: LegFails(leg, "busy", 486))

    def decline(self, device: str) -> None:
        """The callee refuses the call; the network calls that busy too."""
        self._leg_event(device, "decline", lambda leg: LegFails(leg, "busy", 603))

    def no_answer(self, device: str) -> None:
        """The device's own network gives up ringing."""
        self._leg_event(device, "stop ringing", lambda leg: LegFails(leg, "no-answer", 480))

    def fail(self, device: str) -> None:
        """The device cannot be reached."""
        self._leg_event(device, "fail", lambda leg: LegFails(leg, "failed", 404))

    def press_on(self, device: str, keys: str) -> None:
        """The callee presses keys while hearing a whisper document."""
        with self.exchange.turn(self):
            waiting = self.waiting
            if not (isinstance(waiting, Screening) and waiting.leg.device == device):
                raise WrongMomentError(f"{device} is not asked anything ({waiting})")
            leg, gathers = waiting.leg, waiting.leg.gathers
            leg.note("key", keys)
            for key in keys:
                if not isinstance(self.waiting, Screening) or leg.gathers != gathers:
                    break  # the document went on: the remaining keys are lost
                leg.something_happened()
                self._happen(LegKey(leg, key))

    def finish_talk(self, by: str = "callee", after: float = 0) -> None:
        """Let the talk go on for `after` seconds; then `by`, "caller" or "callee", hangs up."""
        with self.exchange.turn(self):
            self._need(isinstance(self.waiting, Talking | Screening), "finish a talk")
            self.exchange.run_for(after)
            if by == "caller":
                self.hang_up()
            elif isinstance(self.waiting, Talking | Screening):
                self.waiting.leg.note("hang up", "")
                self._happen(LegHangsUp(self.waiting.leg))

    def _leg_event(self, device: str, doing: str, event: Callable[[Leg], Event]) -> None:
        with self.exchange.turn(self):
            leg = self._ringing(device, doing)
            leg.something_happened()
            self._happen(event(leg))

    def _ringing(self, device: str, doing: str) -> Leg:
        for leg in self.ringing_legs:
            if leg.device == device:
                return leg
        raise WrongMomentError(f"{device} cannot {doing}: it does not ring ({self.waiting})")

    def _need(self, possible: bool, doing: str) -> None:
        if not possible:
            raise WrongMomentError(f"nobody can {doing} now ({self.waiting})")
