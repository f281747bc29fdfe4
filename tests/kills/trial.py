"""One run: calls are placed while servers are killed; then everything must be settled, filed, and true."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from tests.crowd import books
from tests.crowd.stage import Needs, Stage, stage
from tests.kills.killer import Killer
from tests.kills.pauses import PAUSES, RATE
from tests.kills.people import plans
from tests.kills.settings import firm

EXPLAINED = ("11200", "11205", "11206", "15003")
"""What the provider complains of when a server is killed: no answer, no connection, a broken one, a lost callback."""

LOOKS_EVERY = 0.5


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a run is to be: its seed, calls within so many seconds, kills, and how long to wait for the books."""

    seed: int
    calls: int = 300
    seconds: float = 45.0
    kills: int = 20
    spare: tuple[str, ...] = ()
    patience: float = 180.0
    hurry: bool = True
    database: str | None = None


@dataclass(frozen=True, kw_only=True)
class Report:
    """What came of a run; it went well when nobody complains."""

    order: Order
    killed: Counter[str]
    restarts: dict[str, int]
    webhooks: int
    repeated: int
    fallbacks: int
    faults: Counter[str]
    outcomes: Counter[str]
    filed: int
    twice: int
    settled_after: float
    seconds: float
    complaints: tuple[str, ...]
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
    )
    with stage(firm(datetime.now(UTC)), folder, needs, order.seed) as scene:
        settled_after, killed = _plays(order, scene)
        return _report(order, scene, killed, settled_after, time.monotonic() - began)


def _plays(order: Order, scene: Stage) -> tuple[float, Counter[str]]:
    """Place the calls and kill the servers; returns the seconds after the last call until all was settled."""
    killer = Killer(random.Random(order.seed + 1), order.seconds, order.kills, order.spare)
    scene.starts()

    def meanwhile(seconds: float) -> None:
        killer.strikes(scene.servers, seconds)
        scene.keeps()

    scene.crowd.play(plans(random.Random(order.seed), scene.firm, order.calls, order.seconds), meanwhile)
    return _settles(order, scene), killer.killed


def _settles(order: Order, scene: Stage) -> float:
    began = time.monotonic()
    while time.monotonic() - began < order.patience:
        scene.keeps()
        if scene.unsettled() is None:
            break
        time.sleep(LOOKS_EVERY)
    return time.monotonic() - began


def _report(order: Order, scene: Stage, killed: Counter[str], settled_after: float, seconds: float) -> Report:
    """Look at the books."""
    crowd, portal, carried = scene.crowd, scene.portal, scene.experiences()
    assert portal is not None, "the run has a portal"
    found, webhooks = books.on_file(scene.engine), crowd.webhooks
    filed = [call["EXTERNAL_CALL_ID"] for call in portal.calls]
    strange = [f"the provider complains: {fault}" for fault in crowd.faults if fault.code not in EXPLAINED]
    complaints = (*strange, *scene.complaints())
    stories = [
        "\n".join(books.story(each, found.get(each.call.sid)))
        for each in carried
        if any(each.call.sid in complaint for complaint in complaints)
    ]
    web, worker = scene.servers.web, scene.servers.worker
    return Report(
        order=order,
        killed=killed,
        restarts={each.name: each.starts - 1 for each in (web, worker)},
        webhooks=len(webhooks),
        repeated=len(webhooks) - len({webhook.token for webhook in webhooks}),
        fallbacks=sum("/voice/fallback" in webhook.url for webhook in webhooks),
        faults=Counter(f"{fault.code} {urlsplit(fault.url).path} {fault.message}" for fault in crowd.faults),
        outcomes=Counter(call.outcome for call in found.values()),
        filed=len(filed),
        twice=len(filed) - len(set(filed)),
        settled_after=settled_after,
        seconds=seconds,
        complaints=complaints,
        logs={server.name: server.said() for server in (web, worker)} | {"stories": "\n\n".join(stories)},
    )
