"""What Prometheus is told of the stores: read when it asks, by the one process that answers.

Redis and SQL are asked side by side, and not waited for beyond DEADLINE: without an answer their figures are absent,
and `ringpath_up` says which of them is away. Who asks meanwhile, or again at once, gets the same answer.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTimeError
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import RedisError
from sqlalchemy import Engine

from calls import counts, fetching, outbox
from calls.database import StoreError
from calls.outcomes import OUTCOMES
from calls.room import why_nothing
from config import release
from live.measures import Measures, measures
from web.reception import Reception

log = logging.getLogger("ringpath.web")

T = TypeVar("T")

DEADLINE = 2.0
"""Seconds for which a store is waited for; Prometheus itself gives up after 10."""

KEPT_FOR = 1.0
"""Seconds for which an answer is given again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OnFile:
    """What SQL says: calls by outcome; calls by the state of their filing, and for how many seconds one has waited;
    recordings that are to be fetched, by state; and whether it takes changes."""

    outcomes: dict[str, int]
    filing: dict[str, int]
    recordings: dict[str, int]
    oldest: float
    takes: bool


class Gauges(Collector):
    """Collects the figures; the balance only where whoever asks has to show that he may (`tells_balance`)."""

    def __init__(self, here: Reception, *, tells_balance: bool) -> None:
        self._here, self._tells_balance = here, tells_balance
        self._version = release.version()  # now: a checkout may be brought up to date while this process runs
        self._redis = _Asked(self._live, "redis")
        self._sql = _Asked(self._on_file, "sql")
        self._parts = _Asked(self._looked_at, "parts")
        self._well: dict[str, bool] = {}

    def collect(self) -> Iterator[Metric]:
        """Ask both, and yield what they say; raises nothing."""
        redis, sql, parts = self._redis.begin(), self._sql.begin(), self._parts.begin()
        until = time.monotonic() + DEADLINE
        live, on_file = self._redis.answer(redis, until), self._sql.answer(sql, until)
        up = GaugeMetricFamily("ringpath_up", "Whether a store answers, and takes changes", labels=["part"])
        up.add_metric(["redis"], live is not None and live.takes)
        up.add_metric(["sql"], on_file is not None and on_file.takes)
        yield up
        self._parts.answer(parts, until)
        well = GaugeMetricFamily("ringpath_part_well", "Whether a part of /readyz is well", labels=["part"])
        for part, is_well in self._well.copy().items():
            well.add_metric([part], is_well)
        yield well
        yield from self._own()
        if live is not None:
            yield from _of_live(live, tells_balance=self._tells_balance)
        if on_file is not None:
            yield from _of_file(on_file)

    def _own(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("ringpath_info", "1; the version of the app", labels=["version"])
        info.add_metric([self._version], 1)
        yield info
        if self._here.settings.number is not None:
            about = "Number of the revision of the settings that is in force"
            yield GaugeMetricFamily("ringpath_settings_revision", about, self._here.settings.number)

    def _looked_at(self) -> None:
        """See how the parts are, one after the other; those that were not in time are absent."""
        self._well = {}
        for name, check in self._here.checks.items():
            self._well[name] = not check()

    def _live(self) -> Measures:
        return measures(self._here.redis, self._here.company, self._here.clock())

    def _on_file(self) -> OnFile:
        return _read(self._here.engine, self._here.clock(), simulated=self._here.counts_simulated)


def _read(engine: Engine, now: datetime, *, simulated: bool) -> OnFile:
    with engine.connect() as connection:
        outcomes, filing = counts.counted(connection, simulated=simulated), outbox.backlog(connection)
        oldest, recordings = outbox.oldest(connection), fetching.backlog(connection)
    waited = (now - oldest).total_seconds() if oldest else 0.0
    return OnFile(
        outcomes=outcomes,
        filing=filing,
        recordings=recordings,
        oldest=max(waited, 0.0),
        takes=why_nothing(engine) is None,
    )


def _of_live(found: Measures, *, tells_balance: bool) -> Iterator[Metric]:
    yield GaugeMetricFamily("ringpath_calls_up", "Calls that are up", found.up)
    calls = GaugeMetricFamily("ringpath_waiting", "Callers on hold, by group", labels=["group"])
    first = GaugeMetricFamily("ringpath_waiting_seconds", "How long the first has waited, by group", labels=["group"])
    for group, waiting in found.waiting.items():
        calls.add_metric([group], waiting.calls)
        first.add_metric([group], waiting.seconds)
    yield from (calls, first)
    for name, about in JOBS.items():
        family = GaugeMetricFamily(f"ringpath_{name}", about, labels=["queue"])
        for queue, jobs in found.jobs.items():
            family.add_metric([queue], getattr(jobs, name.removeprefix("jobs_")))
        yield family
    if tells_balance and found.balance is not None:
        yield GaugeMetricFamily("ringpath_balance", "What the account at the provider has left", found.balance)


JOBS = {
    "jobs_waiting": "Background jobs that wait, by queue",
    "jobs_running": "Background jobs that run, by queue",
    "jobs_failed": "Background jobs that failed in the last hour, and were not dismissed, by queue",
    "workers": "Workers that are alive, by queue",
}
"""What is told of each queue (live.measures.Jobs)."""


def _of_file(found: OnFile) -> Iterator[Metric]:
    ended = CounterMetricFamily("ringpath_calls", "Calls that are over, by their outcome", labels=["outcome"])
    for outcome in OUTCOMES:
        ended.add_metric([outcome], found.outcomes.get(outcome, 0))
    yield ended
    for state, about in (("pending", "Calls that wait to be filed in the CRM"), ("failed", "Calls not filed for good")):
        yield GaugeMetricFamily(f"ringpath_crm_{state}", about, found.filing.get(state, 0))
    for state, about in (
        ("pending", "Recordings that wait to be fetched from the provider"),
        ("failed", "Recordings that could not be fetched for good"),
    ):
        yield GaugeMetricFamily(f"ringpath_recordings_{state}", about, found.recordings.get(state, 0))
    about = "For how long the call has been over that waits longest to be filed"
    yield GaugeMetricFamily("ringpath_crm_oldest_seconds", about, found.oldest)


class _Asked(Generic[T]):
    """One question to a store, in a thread of its own: never two at a time, and not again for a moment."""

    def __init__(self, ask: Callable[[], T], name: str) -> None:
        self._ask, self._name = ask, name
        self._lock = threading.Lock()
        self._running: Future[T] | None = None
        self._answered_at = 0.0

    def begin(self) -> Future[T]:
        """Ask, unless somebody has just done so."""
        with self._lock:
            running = self._running
            if running and not (running.done() and time.monotonic() - self._answered_at > KEPT_FOR):
                return running
            self._running = made = Future[T]()
        threading.Thread(target=self._run, args=(made,), daemon=True, name=f"metrics of {self._name}").start()
        return made

    def answer(self, asked: Future[T], until: float) -> T | None:
        """Wait for what it says until a moment (time.monotonic); None when the store is away, or too slow."""
        try:
            return asked.result(max(until - time.monotonic(), 0.0))
        except (NotInTimeError, RedisError, StoreError):
            return None
        except Exception as error:  # those of the other store, and of the web itself, are told all the same
            log.warning("the figures of %s cannot be told: %r", self._name, error)
            return None

    def _run(self, asked: Future[T]) -> None:
        try:
            found = self._ask()
        except BaseException as error:  # whoever waits for it decides
            asked.set_exception(error)
        else:
            asked.set_result(found)
        self._answered_at = time.monotonic()
