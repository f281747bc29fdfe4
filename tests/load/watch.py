"""Figures that are taken while the calls go on: calls up, callers on hold, jobs in the queues, memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from live import keys
from live.queue import QUICK, SLOW
from tests.crowd.stage import Stage
from tests.load.usage import Spent, memory, since, spent, tree

READS_EVERY = 1.0
WEIGHS_EVERY = 10.0
"""Seconds; to weigh a process costs some milliseconds of it."""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How it is at a second of the run; `redis` is in bytes, `jobs` wait, as do the records `to_settle`."""

    second: float
    placed: int
    up: int
    on_hold: int
    quick_jobs: int
    slow_jobs: int
    to_settle: int
    redis: int


class Watch:
    """Takes readings while it is looked at, and knows what was used since it was made."""

    def __init__(self, stage: Stage, tells: Callable[[Reading], None]) -> None:
        self._stage, self._tells = stage, tells
        self._before = spent(self._parts)
        self._weighed_at = 0.0
        self.readings = [self._read(0.0)]
        self.heaviest: dict[str, int] = {}

    def looks(self, second: float) -> None:
        """Take a reading, if the last is old enough."""
        if second - self.readings[-1].second >= READS_EVERY:
            self.reads(second)
        if second - self._weighed_at >= WEIGHS_EVERY:
            self._weighed_at = second
            self._weighs()

    def reads(self, second: float) -> None:
        """Take a reading."""
        self.readings.append(self._read(second))
        self._tells(self.readings[-1])

    @property
    def left_per_call(self) -> float:
        """Bytes of Redis that a call leaves when it has ended, by the last reading."""
        first, last = self.readings[0], self.readings[-1]
        return round((last.redis - first.redis) / max(last.placed, 1))

    @property
    def per_call_up(self) -> float:
        """Bytes of Redis for each call in progress when most were, without what those left that had ended."""
        first, peak = self.readings[0], max(self.readings, key=lambda each: each.up)
        left = (peak.placed - peak.up) * self.left_per_call
        return round((peak.redis - first.redis - left) / max(peak.up, 1))

    @property
    def spent(self) -> Spent:
        """Seconds of processors, by part, since this was made."""
        return since(self._before, spent(self._parts))

    @property
    def _parts(self) -> dict[str, int | None]:
        servers = self._stage.servers
        return {"web": servers.web.pid, "worker": servers.worker.pid, "valkey": servers.store.pid}

    def _weighs(self) -> None:
        weights = {name: memory(tree(pid)) for name, pid in self._parts.items()}
        weights["load"] = memory([os.getpid()])
        self.heaviest = {name: max(bytes_, self.heaviest.get(name, 0)) for name, bytes_ in weights.items()}

    def _read(self, second: float) -> Reading:
        with self._stage.redis.pipeline(transaction=False) as pipe:
            for name in (QUICK, SLOW):
                pipe.llen(f"rq:queue:{name}")
            pipe.zcard(keys.ENDED)
            pipe.info("memory")
            for group in self._stage.firm.queues:
                pipe.zcard(keys.waiting(group))
            quick, slow, ended, used, *waiting = pipe.execute()
        return Reading(
            second=round(second, 1),
            placed=len(self._stage.crowd.calls),
            up=self._stage.crowd.up,
            on_hold=sum(waiting),
            quick_jobs=quick,
            slow_jobs=slow,
            to_settle=ended,
            redis=used["used_memory"],
        )
