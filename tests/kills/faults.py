"""What may befall the servers, as one table; here the kills, in tests/chaos all the rest."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from tests.crowd.processes import kill
from tests.crowd.servers import Servers, Store
from tests.crowd.stage import Stage
from tests.portal.portal import Portal


class Ground:
    """What the servers of a run stand on, where that can be struck too; here nothing can, and all is `well`."""

    well = True

    def lays(self, _: Mapping[str, str], __: Store, ___: Portal | None) -> AbstractContextManager[Mapping[str, str]]:
        """Lay it under them (tests.crowd.stage.Lays)."""
        return nullcontext({})

    def keeps(self, again: Callable[[], float]) -> None:
        """Start again what does not run, after so many seconds."""


@dataclass(frozen=True)
class World:
    """What can be struck."""

    stage: Stage
    ground: Ground

    @property
    def servers(self) -> Servers:
        """Web, worker and store."""
        return self.stage.servers


Ends = Callable[[], object]
"""What ends a fault."""

Strikes = Callable[[World, random.Random], Ends | None]
"""Makes a fault happen, and returns what ends it; None when nobody was there to be struck."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: how it strikes, `on` what, and how many seconds it lasts, between two limits.

    What befalls the same thing comes one after the other; what befalls different things may come at once.
    """

    strikes: Strikes
    on: str
    lasts: tuple[float, float] = (0.0, 0.0)


def nothing() -> None:
    """End a fault that needs no end: the platform starts again what was killed."""


def killing(choose: Callable[[Servers, random.Random], list[int]]) -> Strikes:
    """Kill whoever is chosen."""

    def strikes(world: World, rng: random.Random) -> Ends | None:
        return nothing if kill(*choose(world.servers, rng)) else None

    return strikes


def web_worker(servers: Servers, rng: random.Random) -> list[int]:
    """One web process."""
    workers = servers.web.offspring
    return [rng.choice(workers).pid] if workers else []


def web_master(servers: Servers, _: random.Random) -> list[int]:
    """The parent of the web processes."""
    return [servers.web.pid] if servers.web.pid else []


def all_of_web(servers: Servers, rng: random.Random) -> list[int]:
    """The parent first, so that it starts nobody again."""
    return [*web_master(servers, rng), *(each.pid for each in servers.web.offspring)]


def worker(servers: Servers, _: random.Random) -> list[int]:
    """The parent of the worker's processes."""
    return [servers.worker.pid] if servers.worker.pid else []


def all_of_worker(servers: Servers, rng: random.Random) -> list[int]:
    """The whole worker, its jobs too."""
    return [*worker(servers, rng), *(each.pid for each in servers.worker.offspring)]


def horse(servers: Servers, rng: random.Random) -> list[int]:
    """The process that does a job."""
    horses = servers.horses
    time.sleep(rng.uniform(0, 0.05) if horses else 0)
    return [horses[-1].pid] if horses else []


def clockwork(servers: Servers, _: random.Random) -> list[int]:
    """The process that keeps time."""
    return [each.pid for each in servers.clockworks]


def worker_of_a_queue(servers: Servers, rng: random.Random) -> list[int]:
    """The process that empties one of the queues."""
    workers = [each.pid for each in servers.parts if each not in servers.clockworks]
    return [rng.choice(workers)] if workers else []


def _store(world: World, _: random.Random) -> Ends | None:
    return nothing if world.servers.store.kill() else None


KILLS: Mapping[str, Fault] = {
    "web worker": Fault(strikes=killing(web_worker), on="web"),
    "web master": Fault(strikes=killing(web_master), on="web"),
    "all of web": Fault(strikes=killing(all_of_web), on="web"),
    "worker": Fault(strikes=killing(worker), on="worker"),
    "horse": Fault(strikes=killing(horse), on="worker"),
    "clockwork": Fault(strikes=killing(clockwork), on="worker"),
    "worker of a queue": Fault(strikes=killing(worker_of_a_queue), on="worker"),
    "all of worker": Fault(strikes=killing(all_of_worker), on="worker"),
    "valkey": Fault(strikes=_store, on="redis"),
}
"""Kills with -9."""
