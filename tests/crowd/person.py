"""One call, played in real time: the caller, and whoever is at the devices that ring.

Nobody waits here: whoever plays a person is told when to look again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator import (
    Call,
    Exchange,
    Gathering,
    Leg,
    Recording,
    Ringing,
    Screening,
    Talking,
    WrongMomentError,
)
from simulator.waiting import Waiting
from tests.crowd.plan import Plan

GLANCE = 0.1
"""Seconds between two things that are done at one point of a call, and before one is tried again."""

AT_A_DESK = ("client:", "sip:")

MOST_SECONDS = 900.0
"""Longer than any call of a run can last."""

REACTIONS: Mapping[str, Callable[[Call, str], None]] = {
    "answer": Call.answer,
    "mailbox": Call.mailbox,
    "decline": Call.decline,
    "fail": Call.fail,
    "quiet": Call.no_answer,
}


class EndlessError(AssertionError):
    """A call that does not end."""


class Person:
    """Plays the people of one call, by its plan."""

    def __init__(self, exchange: Exchange, plan: Plan) -> None:
        self.exchange, self.plan = exchange, plan
        self.call: Call | None = None
        self._keys = list(plan.keys)
        self._acted: set[Leg] = set()
        self._spoke = False
        self._seen: Waiting | None = None
        self._next_at = 0.0

    def looks(self) -> float:
        """Place the call, or do what is due in it; returns when to look again, in seconds of the exchange's clock."""
        if self.call is None:
            self.call = self.exchange.place_call(from_=self.plan.caller, to=self.plan.number)
        else:
            self.exchange.advance(0)
        call = self.call
        self._notices(call)
        try:
            if call.now >= self._gives_up_at(call):
                call.hang_up()
            elif call.now >= self._next_at:
                self._next_at = call.now + GLANCE if self._acts(call) else float("inf")
        except WrongMomentError:
            self._next_at = call.now + GLANCE  # the call has moved on at this very moment
        self._notices(call)
        if call.now - call.started_at > MOST_SECONDS:
            raise EndlessError(f"{self.plan.name}: {call.waiting}")
        return min(call.waiting.deadline, self._next_at, self._gives_up_at(call))

    def _notices(self, call: Call) -> None:
        """See what the call waits for, and think about it for a while when it is something new."""
        waiting = call.waiting
        if waiting is not self._seen:
            self._seen = waiting
            self._next_at = call.now + self._pause(waiting)

    def _gives_up_at(self, call: Call) -> float:
        if call.is_over or isinstance(call.waiting, Talking | Screening):
            return float("inf")
        return call.started_at + self.plan.patience

    def _pause(self, waiting: Waiting) -> float:
        """Seconds before anybody does anything; a mobile rings on for a while until its owner is sure."""
        if isinstance(waiting, Talking):
            return self.plan.talk
        if isinstance(waiting, Recording) and self._spoke:
            return self.plan.message
        return self.plan.pause if isinstance(waiting, Ringing | Screening) else 0.3

    def _acts(self, call: Call) -> bool:
        """Do one thing; tell whether there may be another to do at this point of the call."""
        waiting = call.waiting
        act = _ACTS.get(type(waiting))
        return act is not None and act(self, call, waiting)

    def _presses(self, call: Call, waiting: Gathering) -> bool:
        if self._keys and not waiting.digits and (keys := self._keys.pop(0)):
            call.press(keys)
        return False

    def _rings(self, call: Call, waiting: Ringing) -> bool:
        for leg in waiting.legs:
            if leg not in self._acted:
                self._acted.add(leg)
                REACTIONS[self._reaction(leg.device)](call, leg.device)
                return True
        return False

    def _accepts(self, call: Call, waiting: Screening) -> bool:
        if isinstance(waiting.inner, Gathering) and not waiting.leg.mailbox:
            call.press_on(waiting.leg.device, "1")
        return False

    def _parts(self, call: Call, _: Talking) -> bool:
        call.finish_talk("caller" if self.plan.caller_ends else "callee")
        return False

    def _speaks(self, call: Call, _: Recording) -> bool:
        if self._spoke:
            call.hang_up()
        elif self.plan.message:
            self._spoke = True
            call.speak(self.plan.message)
        return False

    def _reaction(self, device: str) -> str:
        behaviour = self.plan.behaviour
        if len(self._acted) <= self.plan.deaf:
            return "quiet"
        if device.startswith(AT_A_DESK):
            return behaviour.desk
        return behaviour.mobile if device.startswith("+346") else behaviour.outside


_ACTS: Mapping[type, Callable[..., bool]] = {
    Gathering: Person._presses,
    Ringing: Person._rings,
    Screening: Person._accepts,
    Talking: Person._parts,
    Recording: Person._speaks,
}
