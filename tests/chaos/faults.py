"""What may befall the servers in a chaos run: killed, paused, slowed, restarted, and answering nonsense."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace

from tests.chaos.full import no_room, read_only_server, redis_refuses
from tests.chaos.ground import Base, ChaosGround
from tests.crowd.servers import Servers
from tests.kills.faults import (
    KILLS,
    Ends,
    Fault,
    Strikes,
    World,
    all_of_web,
    all_of_worker,
    clockwork,
    horse,
    nothing,
    web_master,
    web_worker,
    worker,
    worker_of_a_queue,
)
from tests.refusing import REFUSES

Chosen = Callable[[World, random.Random], list[int]]


def _ground(world: World) -> ChaosGround:
    assert isinstance(world.ground, ChaosGround)
    return world.ground


def _signal(pids: list[int], number: int) -> int:
    told = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
            told += 1
    return told


def pausing(choose: Chosen) -> Strikes:
    """Stop whoever is chosen, until it may go on."""

    def strikes(world: World, rng: random.Random) -> Ends | None:
        pids = choose(world, rng)
        return (lambda: _signal(pids, signal.SIGCONT)) if _signal(pids, signal.SIGSTOP) else None

    return strikes


def restarting(choose: Chosen) -> Strikes:
    """Ask whoever is chosen to end, as a platform does that starts it anew."""

    def strikes(world: World, rng: random.Random) -> Ends | None:
        return nothing if _signal(choose(world, rng), signal.SIGTERM) else None

    return strikes


def line(name: str, how: str) -> Strikes:
    """Make a line bad."""
    return lambda world, _: _ground(world).lines.make(name, how)


def _of(choose: Callable[[Servers, random.Random], list[int]]) -> Chosen:
    return lambda world, rng: choose(world.servers, rng)


def _store(world: World, _: random.Random) -> list[int]:
    return [pid] if (pid := world.servers.store.pid) else []


def _restarts_store(world: World, _: random.Random) -> Ends | None:
    return nothing if world.servers.store.restart() else None


def _forgets(world: World, _: random.Random) -> Ends | None:
    """A Redis that keeps nothing on disk, as the smallest plans do not, and is started anew."""
    if not world.servers.store.kill():
        return None
    shutil.rmtree(world.servers.store.folder / "appendonlydir", ignore_errors=True)
    return nothing


def portal(fault: str, *, every: int = 1) -> Strikes:
    """Let the portal fail so (tests.portal.faults), each time or every so many times."""

    def strikes(world: World, _: random.Random) -> Ends:
        there = world.stage.portal
        assert there
        there.fail(fault, nth=every, times=None)
        return there.mend

    return strikes


def _lock(world: World, _: random.Random) -> Ends | None:
    return _ground(world).file.lock()


def _base(world: World) -> Base:
    base = _ground(world).base
    assert base
    return base


def _kills_base(world: World, _: random.Random) -> Ends | None:
    return nothing if _base(world).kill() else None


def _restarts_base(world: World, _: random.Random) -> Ends | None:
    return nothing if _base(world).stop() else None


def _all_of_base(world: World, _: random.Random) -> list[int]:
    return _base(world).pids


def _part_of_base(world: World, rng: random.Random) -> list[int]:
    parts = _base(world).parts
    return [rng.choice(parts)] if parts else []


BRIEF, LONG = (0.5, 2.0), (2.0, 7.0)

_KILLED = {f"{name} killed": fault for name, fault in KILLS.items()}

_PAUSED = {
    "web worker paused": Fault(strikes=pausing(_of(web_worker)), on="web", lasts=LONG),
    "web master paused": Fault(strikes=pausing(_of(web_master)), on="web", lasts=LONG),
    "all of web paused": Fault(strikes=pausing(_of(all_of_web)), on="web", lasts=BRIEF),
    "worker paused": Fault(strikes=pausing(_of(worker)), on="worker", lasts=LONG),
    "horse paused": Fault(strikes=pausing(_of(horse)), on="worker", lasts=LONG),
    "clockwork paused": Fault(strikes=pausing(_of(clockwork)), on="worker", lasts=LONG),
    "worker of a queue paused": Fault(strikes=pausing(_of(worker_of_a_queue)), on="worker", lasts=LONG),
    "all of worker paused": Fault(strikes=pausing(_of(all_of_worker)), on="worker", lasts=LONG),
    "valkey paused": Fault(strikes=pausing(_store), on="redis", lasts=LONG),
}

_RESTARTED = {
    "web restarted": Fault(strikes=restarting(_of(web_master)), on="web"),
    "web worker restarted": Fault(strikes=restarting(_of(web_worker)), on="web"),
    "worker restarted": Fault(strikes=restarting(_of(all_of_worker)), on="worker"),
    "valkey restarted": Fault(strikes=_restarts_store, on="redis"),
}

_SLOWED = {
    f"the line to {name} is {how}": Fault(strikes=line(name, how), on=name, lasts=LONG)
    for name in ("redis", "crm")
    for how in ("slow", "very slow", "too slow", "in drips", "silent", "broken")
}

_FAILING = {
    f"the crm fails: {name}": Fault(strikes=portal(name), on="crm", lasts=LONG)
    for name in (
        "limit",
        "overload",
        "internal",
        "html",
        "html after",
        "no json",
        "no result",
        "timeout before",
        "timeout after",
        "late",
        "drip",
        "flood",
        "drop after",
        "drop half",
    )
}

_REFUSING = {f"valkey is {how}": Fault(strikes=redis_refuses(how), on="redis", lasts=LONG) for how in REFUSES}

COMMON = _KILLED | _PAUSED | _RESTARTED | _SLOWED | _FAILING | _REFUSING

SQLITE = COMMON | {
    "the file is locked": Fault(strikes=_lock, on="sql", lasts=LONG),
    "no file can be written to": Fault(strikes=no_room, on="sql", lasts=LONG),
}

POSTGRES = (
    COMMON
    | {
        f"the line to sql is {how}": replace(_SLOWED[f"the line to redis is {how}"], strikes=line("sql", how), on="sql")
        for how in ("slow", "very slow", "too slow", "in drips", "silent", "broken")
    }
    | {
        "postgresql killed": Fault(strikes=_kills_base, on="sql"),
        "postgresql restarted": Fault(strikes=_restarts_base, on="sql"),
        "postgresql paused": Fault(strikes=pausing(_all_of_base), on="sql", lasts=LONG),
        "postgresql read-only": Fault(strikes=read_only_server, on="sql", lasts=LONG),
        "a part of postgresql paused": Fault(strikes=pausing(_part_of_base), on="sql", lasts=LONG),
        "a part of postgresql restarted": Fault(strikes=restarting(_part_of_base), on="sql"),
    }
)

FORGETFUL: Mapping[str, Fault] = {"valkey killed with all that it knew": Fault(strikes=_forgets, on="redis")}
"""On demand only: see CANNOT_HOLD in tests/chaos/verdict.py."""
