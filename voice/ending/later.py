"""What neither Redis nor SQL takes now: held in memory, and tried again until one of the two is back.

They are seldom away for the same time, and what is in memory is lost with its process. So it is done together, in few
round trips: either may be slow when it is back, and a process that is told to end has seconds.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any, TypeGuard

from calls.database import StoreError, Unfit, said

log = logging.getLogger("ringpath.closing")

TRY_AGAIN = 1.0
"""Seconds between two attempts."""

LAST_CHANCE = 5.0
"""Seconds for which a process that is told to end waits until what is held is taken; gunicorn bears 8."""

HELD_FOR = 120.0
"""Seconds after which it is given up."""

MOST_HELD = 10_000
"""Decisions and ends that are held at once, a kilobyte each at most; further ones are lost."""

MOST_TOGETHER = 200

Does = Callable[[Sequence[Any]], None]
"""Does what is held, some of it together, and may do it twice; raises StoreError while neither store takes it."""


@dataclass(frozen=True, slots=True)
class _Held:
    call: str
    what: Any
    does: Does
    loss: str
    until: float


class Later:
    """Holds what could not be done, and does it in the order in which it came."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], _Held] = {}
        self._under_way: dict[int, float] = {}
        self._lock = threading.Lock()
        self._at_work = False
        atexit.register(self._finish)

    @property
    def holds(self) -> bool:
        """Whether anything is held, so that both stores are known to fail."""
        return bool(self._held)

    def hold(self, call: str, key: str, what: object, does: Does, *, loss: str) -> None:
        """Hold something of a call, once for its key; the log is told of its `loss` when it is given up."""
        each = _Held(call, what, does, loss, time.monotonic() + HELD_FOR)
        with self._lock:
            if (call, key) in self._held:  # the provider has told it again meanwhile
                return
            if len(self._held) >= MOST_HELD:
                tell_lost(call, loss, StoreError("too many are held"))
                return
            self._held[call, key] = each
            if not self._at_work:
                threading.Thread(target=self._catch_up, daemon=True, name="later").start()
                self._at_work = True

    def abandon(self) -> None:
        """Let go of all that is held, as when its stores are gone for good; returns when nothing is tried any more."""
        with self._lock:
            self._held.clear()
        while self._at_work:
            time.sleep(TRY_AGAIN / 100)

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Let a process that is told to end wait for what is done in the block, as for what is held."""
        mine = object()
        self._under_way[id(mine)] = time.monotonic()
        try:
            yield
        finally:
            del self._under_way[id(mine)]

    def hangs(self, seconds: float) -> bool:
        """Tell whether anything is under way for longer than that."""
        late = time.monotonic() - seconds
        return any(began < late for began in [*self._under_way.values()])

    def _catch_up(self) -> None:
        alone = 0  # so many of the next are done one by one, as one of them cannot be done at all
        while together := self._next(1 if alone else MOST_TOGETHER):
            first, done = next(iter(together.values())), len(together)
            try:
                first.does([each.what for each in together.values()])
            except Exception as error:  # whatever it is, those behind this one must not wait for ever
                if may_pass(error) and time.monotonic() < first.until:
                    time.sleep(TRY_AGAIN)
                    continue
                if done > 1 and not may_pass(error):
                    alone = done
                    continue
                tell_lost(first.call, first.loss, error)
                done = 1
            alone = max(alone - done, 0)
            with self._lock:
                for key in islice(together, done):
                    self._held.pop(key, None)

    def _next(self, most: int) -> dict[tuple[str, str], _Held]:
        """Find what comes next and can be done together."""
        with self._lock:
            if not self._held:
                self._at_work = False
                return {}
            does = next(iter(self._held.values())).does
            return dict(islice(takewhile(lambda each: each[1].does == does, self._held.items()), most))

    def _finish(self) -> None:
        until = time.monotonic() + LAST_CHANCE
        while (self._held or self._under_way) and time.monotonic() < until:
            time.sleep(TRY_AGAIN / 10)


def may_pass(error: Exception) -> TypeGuard[StoreError]:
    """Tell whether it may go better another time."""
    return isinstance(error, StoreError) and not isinstance(error, Unfit)


def tell_lost(call: str, loss: str, error: Exception) -> None:
    """Say in the log what is lost of a call, and why."""
    why = said(error) if isinstance(error, StoreError) else repr(error)
    log.warning("call %s: %s (%s)", call, loss, why)
