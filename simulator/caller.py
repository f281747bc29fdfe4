"""A person on the telephone, for tests that read like a call."""

from collections.abc import Callable, Mapping
from typing import Self

from simulator.call import Call, WrongMomentError
from simulator.exchange import Exchange, prompt_of
from simulator.leg import Leg, identity_of
from simulator.transcript import transcript_lines
from simulator.waiting import Ended, Gathering, Listening, Recording, Ringing, Screening, Talking

_MOST_PROMPTS = 20  # minutes of uninterrupted talk that a caller bears, in steps of the exchange's patience


class Caller:
    """Dials, listens, presses keys, and plays the people who are called.

    Every method returns the caller, or raises AssertionError with the whole transcript. What was heard is
    counted from the last action. `names` gives devices to the names of people; without it a name stands for a
    device, or for the identity in one: `ana` for `client:ana` and `sip:ana@…`.
    """

    def __init__(
        self,
        exchange: Exchange,
        number: str = "+34600000001",
        names: Mapping[str, tuple[str, ...]] | None = None,
    ) -> None:
        self.exchange = exchange
        self.number = number
        self.names = names or {}
        self._call: Call | None = None
        self._mark = 0

    @property
    def call(self) -> Call:
        """The call in progress, or the last one."""
        if self._call is None:
            raise AssertionError("nobody has dialled yet")
        return self._call

    # What the caller does.

    def dials(self, number: str, **extra: str) -> Self:
        """Call `number`; `extra` are further parameters, such as StirVerstat."""
        self._mark = 0
        self._call = self.exchange.place_call(from_=self.number, to=number, **extra)
        return self

    def presses(self, keys: str) -> Self:
        """Press keys, all at this moment."""
        self._listens_to_the_end()
        self._expect(isinstance(self.call.waiting, Gathering | Talking | Recording), "a moment to press keys")
        return self._does(lambda: self.call.press(keys))

    def stays_silent(self) -> Self:
        """Let the present Gather run out."""
        self._listens_to_the_end()
        self._expect(isinstance(self.call.waiting, Gathering), "a Gather")
        return self._lets_time_run_out()

    def waits(self, seconds: float) -> Self:
        """Let time pass."""
        return self._does(lambda: self.exchange.advance(seconds))

    def leaves_message(self, seconds: float) -> Self:
        """Speak into the recording."""
        self._listens_to_the_end()
        return self._does(lambda: self.call.speak(seconds))

    def leaves_silence(self, seconds: float) -> Self:
        """Be on the line of the recording without a word; the provider takes it for a message."""
        self._listens_to_the_end()
        return self._does(lambda: self.call.speak(seconds, loudness=0))

    def hangs_up(self) -> Self:
        """Hang up."""
        return self._does(self.call.hang_up)

    # What the caller hears.

    def hears(self, text: str) -> Self:
        """`text` was said since the last action; case does not matter."""
        self._comes_to_rest()
        return self._expect(text.casefold() in self._heard(), f"to hear {text!r}")

    def does_not_hear(self, text: str) -> Self:
        """`text` was not said since the last action."""
        self._listens_to_the_end()
        return self._expect(text.casefold() not in self._heard(), f"not to hear {text!r}")

    def hears_music(self) -> Self:
        """A sound file was played since the last action, or still is."""
        waiting = self.call.waiting
        playing = isinstance(waiting, Listening | Gathering) and bool(waiting.media)
        return self._expect(playing or bool(self._since("play")), "to hear music")

    def heard_something(self) -> Self:
        """Something was said or played since the last action."""
        return self._expect(bool(self._heard() or self._since("play")), "to hear anything at all")

    def holds(self) -> Self:
        """Music plays and nothing rings."""
        self._expect(not isinstance(self.call.waiting, Ringing | Ended | Talking), "to be on hold")
        return self.hears_music()

    def is_rejected(self, reason: str | None = None) -> Self:
        """The call was declined before it was answered: `rejected`, `busy`, or either."""
        lines = self._lines("reject")
        self._expect(bool(lines) and not self.call.answered, "to be declined")
        return self._expect(reason in (None, lines[0]), f"to be declined as {reason!r}")

    def ended(self) -> Self:
        """The call is over."""
        self._comes_to_rest()
        return self._expect(self.call.is_over, "the call to be over")

    # What the devices do.

    def rings(self, *names: str) -> Self:
        """Exactly these ring now, each on one device at least."""
        self._comes_to_rest()
        ringing = [leg.device for leg in self.call.ringing_legs]
        known = [device for name in names for device in ringing if self._is(name, device)]
        everyone = all(any(self._is(name, device) for device in ringing) for name in names)
        matches = bool(ringing) and everyone and set(known) == set(ringing)
        return self._expect(matches, f"{', '.join(names)} to ring, not {', '.join(ringing) or 'nobody'}")

    def rings_for(self, seconds: float) -> Self:
        """They ring so long: what Dial asks for, or what the provider makes of it (some add five seconds)."""
        waiting = self.call.waiting
        self._expect(isinstance(waiting, Ringing), "a device to ring")
        if isinstance(waiting, Ringing):
            lasts = f"ringing for {seconds} s, not {waiting.timeout} ({waiting.seconds})"
            self._expect(waiting.timeout <= seconds <= waiting.seconds, lasts)
        return self

    def is_forwarded_to(self, number: str) -> Self:
        """One telephone rings now, and it is `number`."""
        self._comes_to_rest()
        ringing = [leg.device for leg in self.call.ringing_legs]
        return self._expect(ringing == [number], f"{number} to ring, not {', '.join(ringing) or 'nobody'}")

    def shows_caller_id(self, number: str) -> Self:
        """Every device that rings, or the one that talks, shows `number`."""
        waiting = self.call.waiting
        legs = waiting.legs if isinstance(waiting, Ringing) else ()
        if isinstance(waiting, Talking | Screening):
            legs = (waiting.leg,)
        shown = {leg.from_ for leg in legs}
        return self._expect(shown == {number}, f"caller ID {number}, not {', '.join(shown) or 'none'}")

    def nobody_answers(self) -> Self:
        """Let the present ringing run out."""
        self._expect(isinstance(self.call.waiting, Ringing), "a device to ring")
        return self._lets_time_run_out()

    def answers(self, name: str) -> Self:
        """Pick up; where a document screens the callee, the call stays there until `accepts`."""
        return self._on(name, self.call.answer)

    def takes(self, name: str) -> Self:
        """Pick up, and press 1 where a document asks for it."""
        self.answers(name)
        return self.accepts(name) if self._screened() is not None else self

    def mailbox_answers(self, name: str) -> Self:
        """A mailbox picks up: it talks, and presses nothing."""
        return self._on(name, self.call.mailbox)

    def is_busy(self, name: str) -> Self:
        """The device is engaged."""
        return self._on(name, self.call.busy)

    def declines(self, name: str) -> Self:
        """The callee refuses the call."""
        return self._on(name, self.call.decline)

    def is_unreachable(self, name: str) -> Self:
        """The device cannot be reached."""
        return self._on(name, self.call.fail)

    def accepts(self, name: str, keys: str = "1") -> Self:
        """The callee, asked by a document, presses keys."""
        leg = self._screened()
        self._expect(leg is not None and self._is(name, leg.device), f"{name} to be asked")
        device = "" if leg is None else leg.device
        return self._does(lambda: self.call.press_on(device, keys))

    def callee_hears(self, text: str) -> Self:
        """The callee is told `text` before being put through."""
        told = " ".join(each.text for each in self.call.transcript if each.who and each.kind == "say")
        return self._expect(text.casefold() in told.casefold(), f"the callee to hear {text!r}")

    def is_not_accepted(self) -> Self:
        """The callee who is asked presses nothing until the document is through."""
        self._expect(self._screened() is not None, "a callee to be asked")
        while self._screened() is not None:
            self._lets_time_run_out()
        return self

    def talks_to(self, name: str, seconds: float = 30) -> Self:
        """Caller and `name` are connected, and talk for so long; nobody hangs up yet."""
        self._comes_to_rest()
        waiting = self.call.waiting
        talking = isinstance(waiting, Talking) and self._is(name, waiting.leg.device)
        return self._expect(talking, f"to talk to {name}").waits(seconds)

    def other_side_hangs_up(self) -> Self:
        """The callee hangs up."""
        return self._does(self.call.finish_talk)

    # How it works.

    def _does(self, action: Callable[[], None]) -> Self:
        self._mark = len(self.call.transcript)
        try:
            action()
        except WrongMomentError as error:
            raise AssertionError(self._story(str(error))) from error
        return self

    def _on(self, name: str, action: Callable[[str], None]) -> Self:
        self._comes_to_rest()
        devices = [leg.device for leg in self.call.ringing_legs if self._is(name, leg.device)]
        self._expect(bool(devices), f"{name} to ring")
        return self._does(lambda: action(devices[0]))

    def _lets_time_run_out(self) -> Self:
        left = self.call.waiting.deadline - self.exchange.clock.seconds

        def run_out() -> None:
            self.exchange.advance(max(left, 0))
            self.exchange.settle(self.call)

        return self._does(run_out)

    def _comes_to_rest(self) -> None:
        """Let keys that were typed be taken, if more might follow, and listen to what is said then."""
        waiting = self.call.waiting
        if isinstance(waiting, Gathering) and waiting.digits:
            self.exchange.advance(max(waiting.deadline - self.exchange.clock.seconds, 0))
        self._listens_to_the_end()

    def _listens_to_the_end(self) -> None:
        for _ in range(_MOST_PROMPTS):
            prompt = prompt_of(self.call)
            if prompt is None or prompt.music:
                return
            self.exchange.settle(self.call)
            if prompt_of(self.call) is prompt:
                self.exchange.advance(prompt.deadline - self.exchange.clock.seconds)

    def _screened(self) -> Leg | None:
        waiting = self.call.waiting
        return waiting.leg if isinstance(waiting, Screening) else None

    def _heard(self) -> str:
        waiting = self.call.waiting
        now = waiting.heard if isinstance(waiting, Listening | Gathering) else ""
        return " ".join([*self._since("say"), *self._since("error"), now]).casefold()

    def _since(self, kind: str) -> list[str]:
        return [each.text for each in self.call.transcript[self._mark :] if each.kind == kind and not each.who]

    def _lines(self, kind: str) -> list[str]:
        return [each.text for each in self.call.transcript if each.kind == kind]

    def _is(self, name: str, device: str) -> bool:
        return device in self.names.get(name, ()) or name in (device, identity_of(device))

    def _expect(self, holds: bool, what: str) -> Self:
        if not holds:
            raise AssertionError(self._story(f"expected {what}"))
        return self

    def _story(self, what: str) -> str:
        lines = [what, f"  waiting: {self.call.waiting}"]
        lines += [f"  {each}" for each in transcript_lines(self.call)]
        lines += [f"  fault {fault}" for fault in self.exchange.faults]
        return "\n".join(lines)
