"""What a web process does when it has more to do than it can: those for whom nobody waits step back.

A process is behind while its loop has not come to the end of what was ready for LATE seconds. Waiting for Redis, SQL
or a CRM is not that: whoever waits costs nothing, and the loop goes idle meanwhile. The provider's callbacks, for
whose answer no caller waits, are then put off: they go on in the order in which they came, whenever the loop has
nothing else to do, and otherwise with a small share of the time. They are some 45 of 100 webhooks, and the end of a
call takes more work than any answer to a caller.

No more than that is refused: most of what a refusal costs has been spent when it is known what is asked for, and a
provider that is told to ask again does so at once.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, request

from voice.metrics import BEHIND, TROUBLES
from voice.params import provider_params
from voice.responses import ask_again

log = logging.getLogger("ringpath.voice")

NOBODY_WAITS = ("voice.status", "voice.leg", "voice.recording")

PICKED_UP = "in-progress"
"""Is not put off: until it is told that a device was picked up, whoever did counts as free once the ring is over."""

LATE = 0.25
"""Seconds of work without a pause; with nine tenths of a processor in use they are some hundredths."""

LOOKS_EVERY = 0.05
"""Seconds between two looks: to look costs some microseconds, which not every webhook need pay."""

PATIENCE = 60.0
"""Seconds for which somebody is put off at most. The provider gives up after 15 (twiml.md 1.4), which does no harm:
nobody listens to the answer, and what was told is done all the same."""

MOST = 500
"""Callbacks that are put off at once. Each keeps a connection, and gunicorn takes 1,000: callers need the others."""

SHARE = 10
"""One in so many seconds goes to those who are put off even if there is no time for them, so that they go on at all."""

TOGETHER = 3
"""Of those that were put off, at work at once when there is time again; as many as Redis is asked at a time."""

ELSEWHERE = 0.1
"""Seconds after which whoever is still at work is one who waits for a store, and counts no more among these. Otherwise
a database that hangs would keep all the others put off, by a process that has nothing to do."""

HICCUP = 2.0
"""Seconds after which it is worth a line in the log; the first webhooks of a process, or a moment without a processor,
also let it fall behind."""

CALM = 10.0
"""Seconds without falling behind after which it is over."""

WATCHES_EVERY = 1.0
"""Seconds between two looks of what tells the operator."""

WhenIdle = Callable[[Callable[[], bool]], None]
"""Calls a function each time that nothing else is ready, until it returns False; by whoever may not wait."""


def _spawn(work: Callable[[], None]) -> None:
    threading.Thread(target=work, daemon=True, name="pressure").start()


class _Turn:
    """A callback that is put off: what was told of which call, since when, and whether it is to be asked again."""

    def __init__(self, told: object, call: str, since: float) -> None:
        self.told, self.call, self.since = told, call, since
        self.comes = threading.Event()
        self.sent_back = False

    def is_sent_back(self) -> None:
        self.sent_back = True
        self.comes.set()


class Pressure:
    """Whether this process is behind, and who waits until it has caught up; how many were `put_off` and `sent_back`.

    `repeats` says whether the provider asks again after a 503; what it would never tell again is done as it comes. The
    clock is time.perf_counter.
    """

    def __init__(
        self,
        when_idle: WhenIdle,
        *,
        repeats: bool,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
        spawn: Callable[[Callable[[], None]], None] = _spawn,
    ) -> None:
        self._when_idle, self._repeats = when_idle, repeats
        self._clock, self._sleep, self._spawn = clock, sleep, spawn
        self._asked_at: float | None = None
        self._looks_at = self._turn_at = 0.0
        self._behind = self._watched = False
        self._caught_up_at = 0.0
        self._at_work: dict[_Turn, float] = {}
        self._waiting: deque[_Turn] = deque()
        self.put_off = self.sent_back = 0

    @property
    def waiting(self) -> int:
        """How many are put off now; none, as long as this process is not behind."""
        return len(self._waiting)

    def init_app(self, app: Flask) -> None:
        """Let the callbacks of an app step back."""
        for name in NOBODY_WAITS:
            app.view_functions[name] = self._stepping_back(app.view_functions[name])

    def looks(self, now: float) -> None:
        """Notice whether this process is behind; with every webhook, at the moment when it comes."""
        if self._asked_at is None:
            if now >= self._looks_at:
                self._asks(now)
        elif self._behind:
            if now >= self._turn_at and self._waiting and not self._at_work_now(now):
                self._release()
        elif now - self._asked_at > LATE:
            self._falls_behind(now)

    def _stepping_back(self, view: Callable[..., Any]) -> Callable[..., Any]:
        def stepping_back(**parts: Any) -> Any:
            if not self._behind:
                return view(**parts)
            sent = provider_params()
            if sent.get("CallStatus") == PICKED_UP:
                return view(**parts)
            call = request.args.get("call") or sent.get("CallSid", "")
            with self._turn((request.full_path, tuple(sent.items())), call) as waited:
                if waited is None:
                    return ask_again("This process has more to do than it can")
                request.environ[WAITED] = waited
                return view(**parts)

        return stepping_back

    @contextmanager
    def _turn(self, told: object, call: str) -> Iterator[float | None]:
        """Wait for a turn; gives the seconds that this took, None where it is for the provider to ask again."""
        mine = self._queued(_Turn(told, call, self._clock()))
        mine.comes.wait(max(0.0, mine.since + PATIENCE - self._clock()))
        if not mine.comes.is_set():
            self._waiting.remove(mine)
            self._at_work[mine] = self._clock()
        if mine.sent_back:
            yield None
            return
        began = self._clock()
        try:
            yield began - mine.since
        finally:
            del self._at_work[mine]
            now = self._clock()
            self._turn_at = now + (now - began) * (SHARE - 1)
            if (self._waiting or self._behind) and self._asked_at is None:
                self._asks(now)

    def _queued(self, mine: _Turn) -> _Turn:
        """Put a callback at the end; or, told once more, in its own place: the provider has given the first one up."""
        self.put_off += 1
        TROUBLES.labels("put_off").inc()
        for place, other in enumerate(self._waiting):
            if other.told == mine.told:
                self._waiting[place], mine.since = mine, other.since
                other.is_sent_back()
                return mine
        if len(self._waiting) >= MOST:
            self._makes_room()
        self._waiting.append(mine)
        return mine

    def _makes_room(self) -> None:
        """Let go of who has waited longest: done, or sent back to the provider, who has mostly given up by then."""
        if self._repeats:
            self.sent_back += 1
            TROUBLES.labels("sent_back").inc()
            self._waiting.popleft().is_sent_back()
        else:
            self._release()

    def _release(self) -> bool:
        """Let the next one go on whose call has nobody at work: what is told of one call stays in its order."""
        now = self._clock()
        calls = {turn.call for turn in self._at_work_now(now)}
        turn = next((turn for turn in self._waiting if turn.call not in calls), None)
        if turn is None:
            return False
        self._waiting.remove(turn)
        self._at_work[turn] = now
        turn.comes.set()
        return True

    def _at_work_now(self, now: float) -> list[_Turn]:
        """Name those whose turn has come, and who do not wait for a store meanwhile."""
        return [turn for turn, began in tuple(self._at_work.items()) if now - began < ELSEWHERE]

    def _asks(self, now: float) -> None:
        self._asked_at = now
        self._when_idle(self._is_idle)

    def _is_idle(self) -> bool:
        """Nothing else is ready; tells whether to be called again."""
        if self._waiting and len(self._at_work_now(self._clock())) < TOGETHER and self._release():
            return True
        self._asked_at = None
        if not self._waiting:
            self._catches_up(self._clock())
        return False

    def _catches_up(self, now: float) -> None:
        self._looks_at = now + LOOKS_EVERY
        if self._behind:
            self._behind, self._caught_up_at = False, now
            BEHIND.set(0)

    def _falls_behind(self, now: float) -> None:
        self._behind, self._turn_at = True, now + LATE * (SHARE - 1)
        BEHIND.set(1)
        if not self._watched:
            self._watched = True
            self._spawn(lambda: self._watches(now))

    def _watches(self, since: float) -> None:
        """Tell the operator, from when it is no hiccup any more until it is over."""
        told = False
        while self._behind or self._clock() - self._caught_up_at < CALM:
            self._sleep(WATCHES_EVERY)
            if self._behind and not told and self._clock() - since >= HICCUP:
                told = True
                log.warning("this process has more to do than it can: callbacks are put off, callers answered first")
        counts = (self.put_off, self.sent_back)
        self.put_off = self.sent_back = 0
        self._watched = False
        if told:
            seconds = self._caught_up_at - since
            log.warning("this process has caught up after %.0f s: %d callbacks put off, %d sent back", seconds, *counts)


WAITED = "ringpath.waited"
"""Where a request's environ has the seconds for which it was put off."""


def of_gevent() -> WhenIdle | None:
    """What tells when a worker of gunicorn's gevent has nothing else ready; None where every request has a thread."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return None
    watchers: list[Any] = []

    def when_idle(wanted: Callable[[], bool]) -> None:
        if not watchers:  # of the thread that serves
            watchers.append(sys.modules["gevent"].get_hub().loop.idle())
        watcher = watchers[0]

        def is_idle() -> None:
            if not wanted():
                watcher.stop()

        watcher.start(is_idle)

    return when_idle
