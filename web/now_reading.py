"""What the Now page is made of: the live state, the figures of the day, missed calls, and what is wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from redis.exceptions import RedisError

from calls.database import StoreError
from calls.missed import DAYS, Missed, missed
from calls.today import Tally, tallies
from live.snapshot import Snapshot, snapshot
from web.reception import Reception

T = TypeVar("T")

MOST_MISSED = 100
"""Callers who are still to be called back, that are looked through for one page."""

FILES_EVERY = 5.0
"""Seconds between two looks at what is on file."""

CHECKS_EVERY = 10.0
"""Seconds between two rounds of the checks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """All of it; `live` is None without Redis, `counted` and `missed` are None without a database."""

    at: datetime = field(compare=False)
    live: Snapshot | None
    counted: tuple[Tally, ...] | None
    missed: tuple[Missed, ...] | None
    problems: tuple[tuple[str, str], ...]


class Reader:
    """Reads for one process; what is on file, and the checks, are not read anew each second."""

    def __init__(self, reception: Reception) -> None:
        self._here = reception
        self._files = _Every(FILES_EVERY, self._on_file)
        self._checks = _Every(CHECKS_EVERY, self._problems)

    def read(self, *, fresh: bool = False) -> Reading:
        """Read; with `fresh` what is on file is read anew, as for somebody who has just changed it."""
        now = self._here.clock()
        try:
            live = snapshot(self._here.redis, self._here.company, now)
        except RedisError:
            live = None
        counted, open_ = self._files.get(fresh=fresh)
        return Reading(at=now, live=live, counted=counted, missed=open_, problems=self._checks.get())

    def _on_file(self) -> tuple[tuple[Tally, ...] | None, tuple[Missed, ...] | None]:
        now, simulated = self._here.clock(), self._here.counts_simulated
        midnight = self._here.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            with self._here.engine.connect() as connection:
                counted = tallies(connection, midnight, simulated=simulated)
                since = now - timedelta(days=DAYS)
                return counted, tuple(missed(connection, since, simulated=simulated, limit=MOST_MISSED))
        except StoreError:
            return None, None

    def _problems(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, problem) for name, check in self._here.checks.items() if (problem := check()))


class _Every:
    """The last answer to a question that is not asked again for a while."""

    def __init__(self, seconds: float, ask: Callable[[], Any]) -> None:
        self._seconds, self._ask = seconds, ask
        self._asked_at, self._answer = float("-inf"), None
        self._lock = threading.Lock()

    def get(self, *, fresh: bool = False) -> Any:
        """Return it, asked anew when it is old, or with `fresh` in any case."""
        with self._lock:
            if fresh or time.monotonic() - self._asked_at >= self._seconds:
                self._answer = self._ask()
                self._asked_at = time.monotonic()
            return self._answer
