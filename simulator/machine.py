"""The life of a call: its documents, its transcript, its end."""

from collections.abc import Callable, Iterable, Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING, Self

from simulator.dial import dial
from simulator.events import (
    Event,
    FinishedError,
    HungUpError,
    LegFails,
    LegHangsUp,
    RedirectedError,
    TimeUp,
)
from simulator.gather import gather
from simulator.interpreter import conduct
from simulator.leg import Leg, minutes
from simulator.markup import Page
from simulator.party import Party, line
from simulator.reading import APPLICATION_ERROR
from simulator.record import record
from simulator.records import Line
from simulator.verbs import QUICK_VERBS, Verb
from simulator.waiting import Ended, Listening, Ringing, Steps, Waiting
from simulator.wire import RequestFailedError

if TYPE_CHECKING:
    from simulator.exchange import Exchange

_DISPOSITIONS = {
    "completed": "ANSWER",
    "busy": "BUSY",
    "no-answer": "NOANSWER",
    "canceled": "CANCEL",
    "failed": "FAILED",
}
CALL_VERBS: Mapping[str, Verb] = {**QUICK_VERBS, "Gather": gather, "Dial": dial, "Record": record}


class RunningCall(Party):
    """An incoming call as the network sees it.

    `waiting` is what it waits for; every action moves it on to the next such point. `transcript` is what
    happened, `webhooks` what was requested for the caller's leg and `legs` every device that was dialled.
    """

    def __init__(self, exchange: "Exchange", *, from_: str, to: str, extra: Mapping[str, str]) -> None:
        super().__init__(exchange, from_=from_, to=to)
        self.exchange = exchange
        self.status = "ringing"
        self.started_at = self.now
        self.ended_at: float | None = None
        self.transcript: list[Line] = []
        self.legs: list[Leg] = []
        self.spoken = 0.0
        self.loudness = 0.0
        self.ringing_seconds = 0.0
        self.afterwards: list[Callable[[], None]] = []
        self.waiting: Waiting = Listening(deadline=self.now)
        self._extra = dict(extra)
        self._status_sent = False
        self._steps: Steps = self._live()

    def __repr__(self) -> str:
        return f"<Call {self.sid} {self.from_} → {self.to} {self.status}>"

    @property
    def extra(self) -> Mapping[str, str]:
        """The parameters that this call carries in every request."""
        return self._extra

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen."""
        return isinstance(self.waiting, Ended)

    @property
    def duration(self) -> int:
        """Whole seconds from the answer to the end, or to now; 0 for a call that was not answered."""
        if self.answered_at is None:
            return 0
        return round((self.now if self.ended_at is None else self.ended_at) - self.answered_at)

    @property
    def ringing_legs(self) -> tuple[Leg, ...]:
        """The devices that ring now."""
        return self.waiting.legs if isinstance(self.waiting, Ringing) else ()

    def pick_up(self) -> None:
        """Answer the call, which only a document does."""
        if not self.answered:
            self.answered, self.answered_at, self.status = True, self.now, "in-progress"
            self.note("answer", "")

    def begin(self) -> None:
        """Request the first document and play it up to the first wait."""
        self.note("dial", self.to)
        self._go(lambda: next(self._steps))

    def time_up(self) -> None:
        """The deadline of what the call waits for has come."""
        self._go(lambda: self._steps.send(TimeUp()))

    def redirect(self, url: str, method: str) -> None:
        """Leave everything and go on with another document."""
        self.note("redirect", url)
        self._interrupt(RedirectedError(url, method))

    def cut_off(self) -> None:
        """The REST API ends the call."""
        self._interrupt(HungUpError("ended by the REST API", "canceled"))

    def cut_off_leg(self, leg: Leg) -> None:
        """The REST API ends a dialled leg."""
        self._happen(LegFails(leg, "canceled", 487) if leg.is_ringing else LegHangsUp(leg))

    @property
    def call(self) -> Self:
        """The call itself; for a leg, the call it belongs to."""
        return self

    def note(self, kind: str, text: str, *, at: float | None = None, who: str = "") -> None:
        """Write a line of the transcript, now or `at` a moment of the clock."""
        self.transcript.append(line((self.now if at is None else at) - self.started_at, kind, text, who))

    def unhear(self, who: str = "") -> None:
        """Take back the prompts that `who` was still going to hear."""
        elapsed = round(self.now - self.started_at, 3)
        self.transcript[:] = [each for each in self.transcript if each.at_seconds <= elapsed or each.who != who]

    def last_request(self, url: str, method: str, params: Mapping[str, str]) -> None:
        """Tell an action that the caller is gone; its document is not played."""
        if self.network.status_first:
            self._send_status(self._final_status())
        if not self.network.hangup_action:
            return
        try:
            self.ask(url, method or "POST", {**self.params(status="completed"), **params})
        except RequestFailedError as failure:
            self.complain(failure.code, str(failure), url=failure.url)

    def dials(self, legs: Iterable[Leg]) -> None:
        """Remember the legs of a Dial that begins."""
        for leg in legs:
            self.legs.append(leg)
            self.exchange.legs[leg.sid] = leg

    def leg(self, device: str) -> Leg:
        """The latest leg to `device`; LookupError when it was never dialled."""
        for leg in reversed(self.legs):
            if leg.device == device:
                return leg
        raise LookupError(f"{device} was not dialled in this call")

    def _live(self) -> Steps:
        provider = self.network.provider
        url, method = provider.voice_url, provider.voice_method
        while True:
            try:
                page: Page = self.fetch(url, method)
                yield from conduct(self, page, CALL_VERBS, "unsimulated")
            except RedirectedError as order:
                url, method = order.url, order.method
            else:
                return

    def _go(self, step: Callable[[], Waiting]) -> None:
        try:
            self._wait(step())
        except StopIteration:
            self.pick_up()
            self._end("end of the document")
        except FinishedError as end:
            self._finish(end)
        except HungUpError as gone:
            self._end(gone.reason, None if self.answered else gone.unanswered)
        while self.afterwards:
            self.afterwards.pop(0)()

    def _wait(self, waiting: Waiting) -> None:
        self.waiting = waiting

    def _finish(self, end: FinishedError) -> None:
        if end.reason == APPLICATION_ERROR:
            self.pick_up()
            self.note("error", "We are sorry, an application error has occurred. Goodbye.")
        self._end(end.reason, end.status)

    def _happen(self, event: Event) -> None:
        self.something_happened()
        self._go(lambda: self._steps.send(event))

    def _interrupt(self, signal: HungUpError | RedirectedError) -> None:
        self.something_happened()
        self.unhear()
        self._go(lambda: self._steps.throw(signal))

    def _end(self, reason: str, status: str | None = None) -> None:
        self.ended_at = self.now
        self.status = status or self._final_status()
        self.waiting = Ended(reason=reason)
        self.note("end", reason)
        self.exchange.forget(self)
        self._send_status(self.status)

    def _final_status(self) -> str:
        return "completed" if self.answered else "no-answer"

    def _send_status(self, status: str) -> None:
        url = self.network.provider.status_url
        if self._status_sent or not url:
            return
        self._status_sent = True
        seconds = self.duration
        if self.network.provider.dialect.ends_in_record:
            self.notify(url, "POST", self._detail_record(status))
            return
        self.notify(
            url,
            "POST",
            {
                **self.params(status=status),
                "CallDuration": str(seconds),
                "Duration": str(minutes(seconds)),
                "Timestamp": format_datetime(self.network.clock.now()),
                "CallbackSource": "call-progress-events",
                "SequenceNumber": "0",
            },
        )

    def _detail_record(self, status: str) -> dict[str, str]:
        """What Cloudonix posts when a call is over (developers.cloudonix.com, apiWorkflow/apiCallDetailReports)."""
        return {
            "call_id": f"{self.sid}@sip.example.com",
            "domain": self.network.provider.account_sid,
            "from": self.from_.lstrip("+"),
            "to": self.to,
            "disposition": _DISPOSITIONS[status],
            "duration": str(round(self.now - self.started_at)),
            "billsec": str(self.duration),
            "session.token": self.sid,
        }
