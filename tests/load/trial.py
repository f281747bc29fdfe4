"""One run of the load: calls are placed, watched, played to their ends, and looked up in the books."""

from __future__ import annotations

import gc
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rq.registry import FailedJobRegistry
from sqlalchemy import text

from live.queue import QUEUES, queue
from tests.crowd import books
from tests.crowd.documents import nonsense
from tests.crowd.stage import Needs, Stage, stage
from tests.load.company import town
from tests.load.people import plans
from tests.load.report import COMPLAINS, WARNS, Report, figures, refused, said
from tests.load.starved import starved
from tests.load.watch import Reading, Watch

LOOKS_EVERY = 1.0
CALLS_PER_LINE = 145
"""So many that about two in three of its people talk when most calls are up."""

MOST_LINES = 70
"""Extensions have four digits."""

HASTE = {
    "live.queue.PERIODIC": {"voice.ending.settling.settle_records": 1, "voice.recordings.jobs.fetch_recordings": 1}
}
"""Seconds between two runs of the jobs that the end of a short run waits for."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is to be: calls begin within so many `seconds`, and the books are waited for with `patience`.

    The web processes run for a `share` of the time.
    """

    seed: int = 1
    calls_per_second: float = 30.0
    seconds: float = 120.0
    patience: float = 240.0
    hurry: bool = False
    database: str | None = None
    share: float = 1.0

    @property
    def calls(self) -> int:
        """How many are placed."""
        return round(self.calls_per_second * self.seconds)

    @property
    def lines(self) -> int:
        """How large the company is."""
        return min(max(round(self.calls / CALLS_PER_LINE), 2), MOST_LINES)


def run(order: Order, folder: Path, tells: Callable[[Reading], None]) -> Report:
    """Do a run in an empty folder, which is left full; `tells` hears every reading."""
    where = town(datetime.now(UTC), order.lines)
    needs = Needs(database=order.database, pauses=HASTE if order.hurry else None)
    with _undisturbed(), stage(where.firm, folder, needs, order.seed) as scene:
        scene.starts()
        size, watch = _sql_size(scene), Watch(scene, tells)

        def meanwhile(second: float) -> None:
            scene.keeps()
            watch.looks(second)

        began = time.monotonic()
        calls = plans(random.Random(order.seed), where, order.calls, order.seconds)
        with starved([each.pid for each in scene.servers.web.offspring], order.share):
            scene.crowd.play(calls, meanwhile)
        played, used = time.monotonic() - began, watch.spent
        settled_after = _settles(order, scene, watch, began)
        measured = {"played_for": played, "settled_after": settled_after}
        return _report(order, scene, watch, **measured, spent=used.by_name, everybody=used.everybody, size=size)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no collection of garbage, and no thread that computes, stand between an answer and the clock."""
    interval = sys.getswitchinterval()
    gc.disable()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.enable()


def _settles(order: Order, scene: Stage, watch: Watch, began: float) -> float:
    """Wait until nothing is to be done any more; returns the seconds that took, `patience` when it did not end."""
    since = time.monotonic()
    while scene.unsettled() is not None and time.monotonic() - since < order.patience:
        scene.keeps()
        watch.looks(time.monotonic() - began)
        time.sleep(LOOKS_EVERY)
    settled_after = time.monotonic() - since
    watch.reads(time.monotonic() - began)
    return settled_after


def _sql_size(scene: Stage) -> int:
    """Bytes of the database."""
    statement = {
        "sqlite": "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
        "postgresql": "SELECT pg_database_size(current_database())",
    }[scene.engine.dialect.name]
    with scene.engine.connect() as connection:
        return int(connection.execute(text(statement)).scalar_one())


def _report(
    order: Order,
    scene: Stage,
    watch: Watch,
    *,
    played_for: float,
    settled_after: float,
    spent: dict[str, float],
    everybody: float,
    size: int,
) -> Report:
    """Look at the books, and put the figures together."""
    found, timings, readings = books.on_file(scene.engine), scene.crowd.timings, watch.readings
    placed = len(scene.crowd.carried)
    logs = scene.servers.web.said() + scene.servers.worker.said()
    errors = dict(refused(timings))
    return Report(
        seed=order.seed,
        calls_per_second=order.calls_per_second,
        share=order.share,
        seconds=order.seconds,
        played_for=round(played_for, 1),
        settled_after=round(settled_after, 1),
        employees=len(scene.firm.employees),
        placed=placed,
        on_file=len(found),
        most_up=max(each.up for each in readings),
        most_on_hold=max(each.on_hold for each in readings),
        outcomes=dict(Counter(details.outcome for details in found.values())),
        endpoints=figures(timings),
        webhooks=len(timings),
        errors=errors,
        redis_at_start=readings[0].redis,
        redis_per_call_up=watch.per_call_up,
        redis_left_per_call=watch.left_per_call,
        sql_per_call=round((_sql_size(scene) - size) / max(placed, 1)),
        spent=spent,
        spent_by_everybody=everybody,
        heaviest=watch.heaviest,
        warnings=dict(said(logs, WARNS)),
        complaints=(*(f"{count} × {what}" for what, count in errors.items()), *_complaints(order, scene, logs)),
        readings=tuple(readings),
    )


def _complaints(order: Order, scene: Stage, logs: str) -> Iterator[str]:
    """Everything that is not as it must be."""
    if len(scene.crowd.carried) != order.calls:
        yield f"{len(scene.crowd.carried)} calls were placed, not {order.calls}"
    yield from (f"the provider complains: {fault}" for fault in scene.crowd.faults)
    yield from filter(None, map(nonsense, scene.crowd.webhooks))
    yield from (f"the servers say, {count} times: {what}" for what, count in said(logs, COMPLAINS).items())
    for server in (scene.servers.web, scene.servers.worker, scene.servers.store):
        if server.starts > 1:
            yield f"{type(server).__name__} was started {server.starts} times"
    for name in QUEUES:
        if failed := FailedJobRegistry(queue=queue(scene.redis, name)).count:
            yield f"{failed} jobs of {name} failed"
    if (waits := scene.unsettled()) is not None:
        yield f"after {order.patience:g} s there are still {waits}"
    yield from scene.complaints()
