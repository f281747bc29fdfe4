"""Dial: ring devices, put one through, tell the action how it ended."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from simulator.events import (
    Event,
    HungUpError,
    Key,
    LegAnswers,
    LegFails,
    LegHangsUp,
    RedirectedError,
    TimeUp,
)
from simulator.leg import Leg
from simulator.markup import Element, Page
from simulator.party import Party
from simulator.plan import DialPlan, legs_of
from simulator.recordings import Taking
from simulator.screening import screen
from simulator.verbs import Turn
from simulator.waiting import Ringing, Talking, Waiting

if TYPE_CHECKING:
    from simulator.machine import RunningCall

_GIVEN_UP = 487  # SIP: the caller's side ended the ringing


@dataclass(frozen=True, kw_only=True)
class _Outcome:
    status: str
    leg: Leg | None
    talked: float | None = None


class _Dialling:
    """One Dial while it runs; `taking` is its recording, once there is one."""

    def __init__(self, call: "RunningCall", element: Element, page: Page) -> None:
        self.call = call
        self.element = element
        self.page = page
        self.plan = DialPlan.of(call, element, page)
        self.legs = legs_of(call, element, page, self.plan)
        self.taking: Taking | None = None
        self.taken_from = 0.0

    def run(self) -> Generator[Waiting, Event, _Outcome]:
        if self.plan.record.startswith("record-from-ringing"):
            self.record()
        winner = yield from self.ring()
        if winner is None:
            return _Outcome(status=_unanswered(self.legs), leg=self.legs[-1] if self.legs else None)
        if winner.whisper_url and not (yield from screen(winner)):
            winner.end("completed")
            return _Outcome(status="completed", leg=winner)
        return (yield from self.talk(winner))

    def ring(self) -> Generator[Waiting, Event, Leg | None]:
        groups = [(leg,) for leg in self.legs] if self.plan.sequential else [self.legs]
        for group in groups:
            winner = yield from self.ring_together(group)
            if winner is not None:
                return winner
        return None

    def ring_together(self, group: Sequence[Leg]) -> Generator[Waiting, Event, Leg | None]:
        since = self.call.now
        for leg in group:
            if not leg.is_over:
                leg.ring()
        try:
            return (yield from self.wait_for_answer(group, since))
        finally:
            self.call.ringing_seconds += self.call.now - since

    def wait_for_answer(self, group: Sequence[Leg], since: float) -> Generator[Waiting, Event, Leg | None]:
        while ringing := tuple(leg for leg in group if leg.is_ringing):
            event = yield Ringing(
                deadline=since + self.plan.ring_seconds,
                legs=ringing,
                timeout=self.plan.timeout,
                seconds=self.plan.ring_seconds,
                since=since,
            )
            if isinstance(event, LegAnswers):
                event.leg.pick_up()
                _end(ringing, "canceled")
                return event.leg
            if isinstance(event, LegFails):
                event.leg.end(event.status, event.sip_code)
            elif isinstance(event, TimeUp):
                _end(ringing, "no-answer")
        return None

    def talk(self, leg: Leg) -> Generator[Waiting, Event, _Outcome]:
        call = self.call
        call.pick_up()
        leg.bridge()
        since = call.now
        if self.plan.records and self.taking is None:
            self.record()
        waiting = Talking(deadline=since + self.plan.time_limit, leg=leg, since=since)
        while not self.is_over((yield waiting)):
            pass
        leg.end("completed")
        return _Outcome(status="completed", leg=leg, talked=call.now - since)

    def is_over(self, event: Event) -> bool:
        if isinstance(event, Key):
            return self.plan.hangup_on_star and event.key == "*"
        return isinstance(event, TimeUp | LegHangsUp)

    def record(self) -> None:
        channels = self.plan.channels
        self.taking = Taking(self.call, self.element, self.page, source="DialVerb", channels=channels)
        self.taken_from = self.call.now

    def abandon(self) -> _Outcome:
        """The caller's leg is gone: end every other."""
        answered = [leg for leg in self.legs if leg.answered and not leg.is_over]
        _end([leg for leg in self.legs if leg.is_ringing], "canceled")
        for leg in answered:
            leg.end("completed")
        if not answered:
            rung = [leg for leg in self.legs if leg.status != "queued"]
            return _Outcome(status="canceled", leg=rung[-1] if rung else None)
        leg = answered[0]
        talked = None if leg.bridged_at is None else self.call.now - leg.bridged_at
        return _Outcome(status="completed", leg=leg, talked=talked)

    def params(self, outcome: _Outcome) -> dict[str, str]:
        """What the action is told."""
        dialect, leg = self.call.network.provider.dialect, outcome.leg
        params = {dialect.dial_status: outcome.status}
        if dialect.dial_status == "CallStatus":
            return params
        if leg and (dialect.dial_sid_always or leg.bridged):
            params["DialCallSid"] = leg.sid
        if outcome.talked is not None:
            params["DialCallDuration"] = str(round(outcome.talked))
        if dialect.dial_bridged:
            params["DialBridged"] = "true" if leg and leg.bridged else "false"
        if self.taking is not None:
            params["RecordingUrl"] = self.taking.url
        if leg and leg.noun.name == "Sip" and leg.sip_code:
            params |= {"DialSipCallId": f"{leg.sid}@simulator", "DialSipResponseCode": str(leg.sip_code)}
        return params

    def finish_recording(self) -> None:
        if self.taking is not None:
            self.taking.finish(self.call.now - self.taken_from)


def dial(party: Party, element: Element, page: Page) -> Turn:
    """Dial every noun; go on with the action's document, or with the next verb when there is no action."""
    call = cast("RunningCall", party)  # Dial is not among the verbs of a whisper document
    if call.network.provider.dialect.dial_answers and not element.flag("answerOnBridge"):
        call.pick_up()
    dialling = _Dialling(call, element, page)
    call.dials(dialling.legs)
    plan = dialling.plan
    try:
        outcome = yield from dialling.run()
    except HungUpError:
        outcome = dialling.abandon()
        dialling.finish_recording()
        if plan.action:
            call.last_request(plan.action, plan.method, dialling.params(outcome))
        raise
    except RedirectedError:
        dialling.abandon()
        dialling.finish_recording()
        raise
    dialling.finish_recording()
    call.note("dialled", outcome.status)
    if not plan.action:
        return None
    return call.fetch(plan.action, plan.method, dialling.params(outcome))


def _end(legs: Sequence[Leg], status: str) -> None:
    for leg in legs:
        if leg.is_ringing:
            leg.end(status, _GIVEN_UP)


def _unanswered(legs: Sequence[Leg]) -> str:
    """The result of a Dial that nobody answered: all busy is busy, a mixture is what the last leg said."""
    ends = [leg.status for leg in legs]
    if not ends:
        return "failed"
    if set(ends) == {"busy"}:
        return "busy"
    last = ends[-1]
    return last if last in ("failed", "no-answer") else "no-answer"
