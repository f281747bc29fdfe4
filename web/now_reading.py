"""What the Now page is made of: the live state, the figures of the day, missed calls, and what is wrong."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Generic, TypeVar

from redis.exceptions import RedisError

from calls.database import StoreError
from calls.missed import DAYS, Missed, missed
from calls.today import Tally, tallies
from config.trouble import Troubles
from live.snapshot import Snapshot, snapshot
from web.broadcast import TURN
from web.reach import Reach
from web.reception import Reception

T = TypeVar("T")

MOST_MISSED = 100
"""Callers who are still to be called back, that are read for one reach; of more it is known that there are more."""

FILES_EVERY = 5.0
"""Seconds between two looks at what is on file."""

FRESH_EVERY = 1.0
"""The same where somebody loads the page, who may have just changed it."""

CHECKS_EVERY = 10.0
"""Seconds between two rounds of the checks."""

WATCHED_FOR = 30.0
"""Seconds for which the missed calls of a reach are read on after somebody has asked; who listens does again."""

MOST_REACHES = 200
"""Reaches whose missed calls are read on; it is those that were asked for last."""

Waiting = tuple[Missed, ...] | None
"""Who is to be called back, the latest first; None without a database."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """All of it; `live` is None without Redis, `counted` is None without a database.

    `missed` holds who is to be called back for each reach that is watched.
    """

    at: datetime = field(compare=False)
    live: Snapshot | None
    counted: tuple[Tally, ...] | None
    missed: Mapping[Reach, Waiting]
    troubles: tuple[tuple[str, Troubles], ...]


class Reader:
    """Reads for one process; what is on file, and the checks, are not read anew each second."""

    def __init__(self, reception: Reception) -> None:
        self._here = reception
        self._counted = _Every(self._tallies)
        self._missed = _Watched(self._waiting)
        self._checks = _Every(self._troubles)

    def read(self, *, fresh: bool = False) -> Reading:
        """Read; with `fresh` for one page: what is on file is newer, and nobody's missed calls are among it."""
        now = self._here.clock()
        try:
            live = snapshot(self._here.redis, self._here.company, now)
        except RedisError:
            live = None
        counted = self._counted.get(FRESH_EVERY if fresh else FILES_EVERY)
        watched = {} if fresh else self._missed.all()
        return Reading(at=now, live=live, counted=counted, missed=watched, troubles=self._checks.get(CHECKS_EVERY))

    def missed(self, reach: Reach, *, fresh: bool = False) -> Waiting:
        """Return who is to be called back in a reach, and go on reading that for a while."""
        return self._missed.get(reach, FRESH_EVERY if fresh else FILES_EVERY)

    def _tallies(self) -> tuple[Tally, ...] | None:
        midnight = self._here.local(self._here.clock()).replace(hour=0, minute=0, second=0, microsecond=0)
        try:
            with self._here.engine.connect() as connection:
                return tallies(connection, midnight, simulated=self._here.counts_simulated)
        except StoreError:
            return None

    def _waiting(self, reach: Reach) -> Waiting:
        since, simulated = self._here.clock() - timedelta(days=DAYS), self._here.counts_simulated
        try:
            with self._here.engine.connect() as connection:
                found = missed(connection, since, employees=reach, simulated=simulated, limit=MOST_MISSED + 1)
        except StoreError:
            return None
        return tuple(found)

    def _troubles(self) -> tuple[tuple[str, Troubles], ...]:
        return tuple((name, found) for name, check in self._here.checks.items() if (found := check()))


class _Every(Generic[T]):
    """The last answer to a question that is not asked again for a while."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask = ask
        self._answered: tuple[float, T] | None = None
        self._lock = threading.Lock()

    def get(self, seconds: float) -> T:
        """Return it, asked anew when it is so old."""
        with self._lock:
            if self._answered is None or self.is_older_than(seconds):
                answer = self._ask()
                self._answered = time.monotonic(), answer
            return self._answered[1]

    def is_older_than(self, seconds: float) -> bool:
        """Whether it would be asked anew."""
        return self._answered is None or time.monotonic() - self._answered[0] >= seconds


class _Watched:
    """The missed calls of the reaches that somebody has asked for lately."""

    def __init__(self, ask: Callable[[Reach], Waiting]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._kept: dict[Reach, tuple[float, _Every[Waiting]]] = {}  # the one that was asked for last stands last

    def get(self, reach: Reach, seconds: float) -> Waiting:
        """Return those of a reach, and watch it."""
        with self._lock:
            kept = self._kept.pop(reach) if reach in self._kept else None
            each = kept[1] if kept else _Every(partial(self._ask, reach))
            self._kept[reach] = time.monotonic(), each
            if len(self._kept) > MOST_REACHES:
                del self._kept[next(iter(self._kept))]
        return each.get(seconds)

    def all(self) -> Mapping[Reach, Waiting]:
        """Return those of all that are watched."""
        with self._lock:
            watched_since = time.monotonic() - WATCHED_FOR
            self._kept = {reach: kept for reach, kept in self._kept.items() if kept[0] >= watched_since}
            some = [(reach, each) for reach, (_, each) in self._kept.items()]
        found: dict[Reach, Waiting] = {}
        away = False  # then it is not waited for once more for each of them
        for reach, each in some:
            if each.is_older_than(FILES_EVERY):
                time.sleep(TURN)  # SQLite lets no greenlet run meanwhile
            found[reach] = None if away else each.get(FILES_EVERY)
            away = away or found[reach] is None
        return found
