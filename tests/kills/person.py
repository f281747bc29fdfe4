"""One call, played in real time: the caller, and whoever is at the devices that ring."""

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
from tests.kills.people import Plan

GLANCE = 0.1
"""Seconds between two looks at what can be done; an order of the REST API waits as long."""

MESSAGE = 2.0
MOST_SECONDS = 150.0
"""Longer than any call of the run can last."""

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
        self.keys = list(plan.keys)
        self.acted: set[Leg] = set()
        self.since = 0.0
        self.seen: object = None

    def calls(self) -> Call:
        """Place the call, and play it to its end."""
        call = self.exchange.place_call(from_=self.plan.caller, to=self.plan.number)
        while not call.is_over:
            if call.now - call.started_at > MOST_SECONDS:
                raise EndlessError(f"{self.plan.name}: {call.waiting}")
            self._glances(call)
        return call

    def _glances(self, call: Call) -> None:
        self.exchange.advance(GLANCE)
        waiting = call.waiting
        if waiting is not self.seen:
            self.seen, self.since = waiting, call.now
        try:
            if call.now - call.started_at > self.plan.patience and not isinstance(waiting, Talking | Screening):
                call.hang_up()
            elif call.now - self.since >= self._pause(waiting):
                self._acts(call, waiting)
        except WrongMomentError:
            pass  # the call has moved on at this very moment

    def _pause(self, waiting: object) -> float:
        """Seconds before anybody does anything; a mobile rings on for a while until its owner is sure."""
        if isinstance(waiting, Talking):
            return self.plan.talk
        return self.plan.pause if isinstance(waiting, Ringing | Screening) else 0.3

    def _acts(self, call: Call, waiting: object) -> None:
        if isinstance(waiting, Gathering) and self.keys and not waiting.digits:
            if keys := self.keys.pop(0):
                call.press(keys)
            else:
                self._waits_it_out(call, waiting)
        elif isinstance(waiting, Ringing):
            self._rings(call, waiting)
        elif isinstance(waiting, Screening) and isinstance(waiting.inner, Gathering) and not waiting.leg.mailbox:
            if waiting.leg not in self.acted:
                self.acted.add(waiting.leg)
                call.press_on(waiting.leg.device, "1")
        elif isinstance(waiting, Talking):
            call.finish_talk("caller" if self.plan.caller_ends else "callee")
        elif isinstance(waiting, Recording) and self.plan.behaviour.speaks and not waiting.spoken:
            call.speak(MESSAGE)
            call.hang_up()

    def _rings(self, call: Call, waiting: Ringing) -> None:
        for leg in waiting.legs:
            if leg not in self.acted:
                self.acted.add(leg)
                REACTIONS[self._reaction(leg.device)](call, leg.device)
                return

    def _reaction(self, device: str) -> str:
        behaviour = self.plan.behaviour
        if device.startswith("client:"):
            return behaviour.desk
        return behaviour.mobile if device.startswith("+346") else behaviour.outside

    def _waits_it_out(self, call: Call, waiting: Gathering) -> None:
        while call.waiting is waiting:
            self.exchange.advance(GLANCE)
