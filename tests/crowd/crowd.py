"""A crowd of callers in real time: thousands of calls, each looked after only when something is due in it.

    with Crowd(provider) as crowd:
        apps.append(RestApp(crowd))                 # its REST API, see tests.crowd.rest
        crowd.play(plans, meanwhile)                # until all calls have ended
        for plan, call in crowd.carried: …          # Experience(firm=…, plan=plan, call=call)

`meanwhile(seconds)` is called every GLANCE seconds, in the thread that plays, with the seconds of the run: servers may
be killed and started there, and figures taken. Requests are sent from as many threads as are waiting for an answer, up
to `threads`; a call waits for none but its own.
"""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Self, cast

from simulator import Call, Exchange, Leg, Provider, Webhook
from simulator.faults import Fault
from simulator.media import Media
from simulator.sound import Sound
from tests.crowd.clock import RealClock
from tests.crowd.person import Person
from tests.crowd.plan import Plan
from tests.crowd.pool import Pool, Timing

GLANCE = 0.1
MOST_THREADS = 600
"""Requests under way at once: with 30 a second and a server that hangs, 15 s (twiml.md 1.4) make 450."""


class Sounds(Media):
    """The sound files of all calls; one that could not be had is asked for again by the next call."""

    def seconds(self, url: str) -> tuple[float, str]:
        """How long a file plays, and what is wrong with it."""
        found = super().seconds(url)
        if found[1]:
            self._known.pop(url, None)
        return found


class Line(Exchange):
    """The exchange of one call, so that no call waits for the requests of another; the rest is its crowd's."""

    def __init__(self, crowd: Crowd, seat: Seat) -> None:
        super().__init__(crowd.provider, crowd.clock, patience=0, transport=crowd.pool)
        self.seat = seat
        self.calls, self.legs, self.sounds, self.faults = crowd.calls, crowd.legs, crowd.sounds, crowd.faults
        self.media = crowd.media = crowd.media or Sounds(self.wire)

    def run_for(self, seconds: float) -> None:
        """Let happen what is due by now: to wait is the crowd's business."""
        super().run_for(0)


class Seat:
    """One call among the others: its person, and when to look at it next (None while somebody looks)."""

    def __init__(self, plan: Plan, due: float) -> None:
        self.plan = plan
        self.person: Person | None = None
        self.due: float | None = due
        self.poked = False


class Crowd:
    """All callers, and the provider who carries their calls; has what its REST API asks of an exchange."""

    def __init__(self, provider: Provider, *, threads: int = MOST_THREADS) -> None:
        self.provider, self.clock, self.pool = provider, RealClock(), Pool()
        self.calls: dict[str, Call] = {}
        self.legs: dict[str, Leg] = {}
        self.sounds: dict[str, Sound] = {}
        self.faults: list[Fault] = []
        self.media: Sounds | None = None
        self.carried: list[tuple[Plan, Call]] = []
        self.broken: list[str] = []
        self.left = 0
        self._due: list[tuple[float, int, Seat]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="caller")
        self._scheduler = threading.Thread(target=self._schedules, daemon=True, name="crowd")

    def __enter__(self) -> Self:
        self._scheduler.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._scheduler.join()
        self._executor.shutdown(cancel_futures=True)
        self.pool.close()

    def play(self, plans: Iterable[Plan], meanwhile: Callable[[float], None]) -> None:
        """Place the calls at their moments, and play them all to their ends."""
        began = self.clock.seconds
        with self._changed:
            for plan in plans:
                self.left += 1
                self._push(Seat(plan, began + plan.at), began + plan.at)
        while self.left:
            meanwhile(self.clock.seconds - began)
            time.sleep(GLANCE)

    @property
    def up(self) -> int:
        """How many calls are in progress."""
        return len(self.calls) - len(self.carried)

    @property
    def timings(self) -> list[Timing]:
        """All requests, each attempt by itself."""
        return self.pool.timings

    @property
    def webhooks(self) -> list[Webhook]:
        """All requests about calls, the repeated ones too; those share a token."""
        parties = [*self.calls.values(), *self.legs.values()]
        return [webhook for party in parties for webhook in party.webhooks]

    def redirect(self, sid: str, url: str, method: str) -> None:
        """Give a live call another document."""
        line = self._line(sid)
        line.redirect(sid, url, method)
        self._poke(line.seat)

    def hang_up(self, sid: str) -> None:
        """End a live call."""
        line = self._line(sid)
        line.hang_up(sid)
        self._poke(line.seat)

    def _line(self, sid: str) -> Line:
        return cast(Line, (self.calls.get(sid) or self.legs[sid].call).exchange)

    def _poke(self, seat: Seat) -> None:
        """Have a call looked at now, or once more when somebody looks already."""
        with self._changed:
            if seat.due is None:
                seat.poked = True
            else:
                self._push(seat, self.clock.seconds)

    def _schedules(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (wait := self._seconds_left()) > 0:
                    self._changed.wait(wait)
                if self._closed:
                    return
                due, _, seat = heapq.heappop(self._due)
                if seat.due != due:
                    continue  # it was looked at sooner
                seat.due = None
            self._executor.submit(self._looks, seat)

    def _seconds_left(self) -> float:
        return min(self._due[0][0] - self.clock.seconds, 60.0) if self._due else 60.0

    def _push(self, seat: Seat, due: float) -> None:
        """Have a call looked at; for those who hold the lock."""
        seat.due = due
        heapq.heappush(self._due, (due, next(self._numbers), seat))
        if self._due[0][2] is seat:
            self._changed.notify()

    def _looks(self, seat: Seat) -> None:
        if seat.person is None:
            seat.person = Person(Line(self, seat), seat.plan)
        try:
            due = seat.person.looks()
        except Exception as error:  # it must be told, and no call may end unheard
            self.broken.append(f"{seat.plan.name}: {error!r}")
            due = float("inf")
        self._sits(seat, seat.person.call, due)

    def _sits(self, seat: Seat, call: Call | None, due: float) -> None:
        with self._changed:
            if due == float("inf"):
                self.left -= 1
                if call is not None:
                    self.carried.append((seat.plan, call))
                return
            self._push(seat, self.clock.seconds if seat.poked else due)
            seat.poked = False
