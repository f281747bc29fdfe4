"""One run: calls are placed while faults strike; then everything must be settled, filed, and true."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tests.crowd import books
from tests.crowd.pool import Timing
from tests.crowd.pulse import Pulse, felt
from tests.crowd.stage import PROCESSES, Needs, Stage, stage
from tests.kills.faults import KILLS, Fault, Ground, World
from tests.kills.pauses import PAUSES, RATE
from tests.kills.people import plans
from tests.kills.settings import firm
from tests.kills.striker import Striker

EXPLAINED = ("11200", "11205", "11206", "15003")
"""What the provider complains of when a server is killed: no answer, no connection, a broken one, a lost callback."""

LOOKS_EVERY = 0.5


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is to be: its seed, calls within so many seconds, strikes, and how long to wait for the books.

    `faults` are what may strike, each `least` times if there is time, and when `merciful` only what is well again;
    `tells` is given a line whenever one does; `judges` finds what is wrong besides the books, `measures` has figures.
    """

    seed: int
    calls: int = 300
    seconds: float = 45.0
    strikes: int = 20
    faults: Mapping[str, Fault] = field(default_factory=lambda: KILLS)
    least: int = 2
    merciful: bool = False
    patience: float = 180.0
    hurry: bool = True
    database: str | None = None
    ground: Ground = field(default_factory=Ground)
    tells: Callable[[str], object] = str
    judges: Callable[[Run], Iterable[str]] = lambda _: ()
    measures: Callable[[Run], Iterable[str]] = lambda _: ()


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run that is over: the scene, what struck, the pulse of the web, and when it began (time.monotonic)."""

    scene: Stage
    striker: Striker
    pulse: Pulse
    began: float
    settled_after: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a run; it went well when nobody complains."""

    order: Order
    struck: Counter[str]
    restarts: dict[str, int]
    webhooks: int
    latencies: tuple[float, float, float]
    """Seconds until an answer: half of them, 99 in 100, all."""
    unanswered: int
    repeated: int
    fallbacks: int
    faults: Counter[str]
    outcomes: Counter[str]
    filed: int
    twice: int
    settled_after: float
    seconds: float
    complaints: tuple[str, ...]
    measured: tuple[str, ...]
    logs: dict[str, str]
    """What the servers have said, and the stories of the calls that are complained of."""


def run(order: Order, folder: Path) -> Report:
    """Do a run in an empty folder."""
    began = time.monotonic()
    needs = Needs(
        crm="bitrix24",
        rate=RATE if order.hurry else 2.0,
        pauses=PAUSES if order.hurry else None,
        database=order.database,
        lays=order.ground.lays,
    )
    with stage(firm(datetime.now(UTC)), folder, needs, order.seed) as scene, felt(scene.servers.address) as pulse:
        done = _plays(order, scene, pulse)
        return _report(order, done, time.monotonic() - began)


def _plays(order: Order, scene: Stage, pulse: Pulse) -> Run:
    """Place the calls, let the faults strike, and wait until all is settled."""
    dice, world = random.Random(order.seed + 1), World(scene, order.ground)

    def well(victim: str) -> bool:
        return not order.merciful or WELL[victim](world, pulse)

    striker = Striker(dice, order.seconds, order.strikes, order.faults, least=order.least, well=well)
    scene.starts()
    seconds, began = 0.0, time.monotonic()

    def meanwhile(now: float) -> None:
        nonlocal seconds
        seconds = now
        for struck in striker.strikes(world, now):
            order.tells(str(struck))
        _keeps(order, scene)

    scene.crowd.play(plans(random.Random(order.seed), scene.firm, order.calls, order.seconds), meanwhile)
    striker.stops(seconds)
    order.tells(f"{seconds:6.1f} s  the last call is over")
    return Run(scene=scene, striker=striker, pulse=pulse, began=began, settled_after=_settles(order, scene))


WELL: Mapping[str, Callable[[World, Pulse], bool]] = {
    "web": lambda world, pulse: len(world.servers.web.offspring) >= PROCESSES and pulse.is_steady,
    "worker": lambda world, _: len(world.servers.parts) >= 3,
    "redis": lambda world, _: world.servers.store.pid is not None,
    "sql": lambda world, _: world.ground.well,
    "crm": lambda *_: True,
}
"""Whether what was struck is there again."""


def _keeps(order: Order, scene: Stage) -> None:
    order.ground.keeps(lambda: scene.rng.uniform(0.1, 1.5))
    scene.keeps()


def _settles(order: Order, scene: Stage) -> float:
    began = time.monotonic()
    while time.monotonic() - began < order.patience:
        _keeps(order, scene)
        if scene.unsettled() is None:
            break
        time.sleep(LOOKS_EVERY)
    return time.monotonic() - began


def _report(order: Order, run: Run, seconds: float) -> Report:
    """Look at the books."""
    scene = run.scene
    crowd, portal, carried = scene.crowd, scene.portal, scene.experiences()
    assert portal is not None, "the run has a portal"
    found, webhooks = books.on_file(scene.engine), crowd.webhooks
    filed = [call["EXTERNAL_CALL_ID"] for call in portal.calls]
    strange = [f"the provider complains: {fault}" for fault in crowd.faults if fault.code not in EXPLAINED]
    waits = [f"after {order.patience:g} s there are still {left}"] if (left := scene.unsettled()) else []
    complaints = (*strange, *order.judges(run), *waits, *scene.complaints())
    stories = [
        "\n".join(books.story(each, found.get(each.call.sid)))
        for each in carried
        if any(each.call.sid in complaint for complaint in complaints)
    ]
    web, worker = scene.servers.web, scene.servers.worker
    return Report(
        order=order,
        struck=run.striker.counts,
        restarts={each.name: each.starts - 1 for each in (web, worker)},
        webhooks=len(webhooks),
        latencies=_latencies(crowd.timings),
        unanswered=sum(not timing.status for timing in crowd.timings),
        repeated=len(webhooks) - len({webhook.token for webhook in webhooks}),
        fallbacks=sum("/voice/fallback" in webhook.url for webhook in webhooks),
        faults=Counter(f"{fault.code} {urlsplit(fault.url).path} {fault.message}" for fault in crowd.faults),
        outcomes=Counter(call.outcome for call in found.values()),
        filed=len(filed),
        twice=len(filed) - len(set(filed)),
        settled_after=run.settled_after,
        seconds=seconds,
        complaints=complaints,
        measured=tuple(order.measures(run)),
        logs={server.name: server.said() for server in (web, worker)} | {"stories": "\n\n".join(stories)},
    )


def _latencies(timings: list[Timing]) -> tuple[float, float, float]:
    ordered = sorted(timing.seconds for timing in timings if timing.status) or [0.0]
    return ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100], ordered[-1]
