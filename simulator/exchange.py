"""The telephone network: places calls, and moves the time for all of them."""

import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock

from simulator.call import Call
from simulator.clock import Clock
from simulator.connections import Transport
from simulator.leg import Leg
from simulator.machine import RunningCall
from simulator.network import Network
from simulator.provider import Provider
from simulator.records import Webhook
from simulator.waiting import Listening, Screening

_ROUNDING = 1e-6  # seconds: `now + (deadline - now)` may miss the deadline by a hair
PATIENCE = 60.0  # seconds of prompts that are listened to before handing the call back to its driver


class CallIsOverError(RuntimeError):
    """The REST API was asked to change a call that has ended."""


@dataclass(frozen=True, kw_only=True)
class _Order:
    """What the REST API wants of a live call; without a URL, its end."""

    sid: str
    url: str = ""
    method: str = "POST"


class Exchange(Network):
    """A network with its calls, for one thread at a time; orders of the REST API may come from any thread.

    An order that comes while a request is under way is carried out right after it, as a provider would.
    With `duplicate`, every webhook is delivered twice, and two different answers are a fault. Prompts up to
    `patience` seconds are listened to before a call is handed back; with 0 none, for a clock that follows the real one.
    """

    def __init__(
        self,
        provider: Provider,
        clock: Clock,
        *,
        duplicate: bool = False,
        patience: float = PATIENCE,
        transport: Transport | None = None,
    ) -> None:
        super().__init__(provider, clock, duplicate=duplicate, transport=transport)
        self.patience = patience
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self._live: dict[str, Call] = {}
        self._orders: deque[_Order] = deque()
        self._lock = RLock()
        self._depth = 0

    def place_call(self, *, from_: str, to: str, **extra: str) -> Call:
        """Call `to`; the first document is played up to the first point where the call must wait.

        `extra` are further parameters of every request, such as StirVerstat or ForwardedFrom.
        """
        call = Call(self, from_=from_, to=to, extra={**_sip_params(from_, to), **extra})
        self.calls[call.sid] = call
        self._live[call.sid] = call
        with self.turn(call):
            call.begin()
        return call

    def advance(self, seconds: float) -> None:
        """Let time pass: everything that is due in any call happens, in the order of time."""
        with self.turn():
            self.run_for(seconds)

    def settle(self, call: Call) -> None:
        """Listen to the prompts of `call` until something is wanted of somebody; stops at music."""
        with self.turn(call):
            pass

    def redirect(self, sid: str, url: str, method: str = "POST") -> None:
        """Give a live call another document, as the REST API does.

        LookupError for a call that never was, CallIsOverError for one that has ended.
        """
        self._order(_Order(sid=sid, url=url, method=method))

    def hang_up(self, sid: str) -> None:
        """End a live call, as the REST API does; errors as for `redirect`."""
        self._order(_Order(sid=sid))

    def redeliver(self, webhook: Webhook) -> Webhook:
        """Deliver a recorded request again, token and all, and return it with the new answer."""
        with self._lock:
            return self.wire.again(webhook)

    @contextmanager
    def turn(self, call: Call | None = None) -> Iterator[None]:
        """One action at a time; afterwards `call` listens to what is said, and waiting orders are carried out."""
        with self._lock:
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._carry_out_orders()
                    if call is not None:
                        self._listen(call)
            finally:
                self._depth -= 1
        if self._orders and self._depth == 0:  # came from another thread while this one was about to leave
            with self.turn():
                pass

    def run_for(self, seconds: float) -> None:
        """`advance` for those who have the turn already."""
        self._run_to(self.clock.seconds + seconds)

    def forget(self, call: RunningCall) -> None:
        """A call has ended: no more time needs to pass for it."""
        self._live.pop(call.sid, None)

    def _run_to(self, target: float) -> None:
        while True:
            self._carry_out_orders()
            due = min(self._live.values(), key=_deadline, default=None)
            if due is None or due.waiting.deadline > target + _ROUNDING:
                break
            self.clock.advance_to(due.waiting.deadline)
            due.time_up()
        self.clock.advance_to(target)

    def _listen(self, call: Call) -> None:
        until = self.clock.seconds + self.patience
        while (prompt := prompt_of(call)) and not prompt.music and prompt.deadline <= until:
            self._run_to(prompt.deadline)

    def _order(self, order: _Order) -> None:
        party = self._party(order.sid)
        if party.is_over:
            raise CallIsOverError(order.sid)
        self._orders.append(order)
        if self._lock.acquire(blocking=False):
            try:
                if self._depth == 0:
                    with self.turn(self.calls[party.call.sid]):
                        pass
            finally:
                self._lock.release()

    def _party(self, sid: str) -> Call | Leg:
        return self.calls[sid] if sid in self.calls else self.legs[sid]

    def _carry_out_orders(self) -> None:
        while self._orders:
            order = self._orders.popleft()
            party = self._party(order.sid)
            if party.is_over:
                continue
            if isinstance(party, Leg):
                if order.url:
                    self.complain("unsimulated", "another document for a dialled leg", sid=order.sid)
                party.call.cut_off_leg(party)
            elif order.url:
                party.redirect(order.url, order.method)
            else:
                party.cut_off()


def prompt_of(call: Call) -> Listening | None:
    """The prompt that is being heard and cannot be answered: the caller's, or a screened callee's."""
    waiting = call.waiting.inner if isinstance(call.waiting, Screening) else call.waiting
    return waiting if isinstance(waiting, Listening) else None


def _deadline(call: Call) -> float:
    return call.waiting.deadline


def _sip_params(from_: str, to: str) -> dict[str, str]:
    if not (from_.startswith("sip:") or to.startswith("sip:")):
        return {}
    domain = (to if to.startswith("sip:") else from_).partition("@")[2].partition(";")[0].partition(":")[0]
    return {"SipDomain": domain, "SipCallId": f"{uuid.uuid4()}@192.0.2.10", "SipSourceIp": "192.0.2.10"}
