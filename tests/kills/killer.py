"""The killer: a list of moments and victims, drawn before the run."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from tests.crowd.processes import kill
from tests.crowd.servers import Servers

FIRST_AFTER = 2.0


def _web_worker(servers: Servers, rng: random.Random) -> int:
    workers = servers.web.offspring
    return kill(rng.choice(workers).pid) if workers else 0


def _web_master(servers: Servers, _: random.Random) -> int:
    return kill(servers.web.pid) if servers.web.pid else 0


def _all_of_web(servers: Servers, rng: random.Random) -> int:
    offspring = [each.pid for each in servers.web.offspring]
    return _web_master(servers, rng) + kill(*offspring) > 0


def _worker(servers: Servers, _: random.Random) -> int:
    return kill(servers.worker.pid) if servers.worker.pid else 0


def _all_of_worker(servers: Servers, rng: random.Random) -> int:
    offspring = [each.pid for each in servers.worker.offspring]
    return _worker(servers, rng) + kill(*offspring) > 0


def _horse(servers: Servers, rng: random.Random) -> int:
    horses = servers.horses
    time.sleep(rng.uniform(0, 0.05) if horses else 0)
    return kill(horses[-1].pid) if horses else 0


def _clockwork(servers: Servers, _: random.Random) -> int:
    return kill(*(each.pid for each in servers.clockworks))


def _worker_of_a_queue(servers: Servers, rng: random.Random) -> int:
    workers = [each.pid for each in servers.parts if each not in servers.clockworks]
    return kill(rng.choice(workers)) if workers else 0


def _store(servers: Servers, _: random.Random) -> int:
    return servers.store.kill()


VICTIMS: Mapping[str, Callable[[Servers, random.Random], int]] = {
    "web worker": _web_worker,
    "web master": _web_master,
    "all of web": _all_of_web,
    "worker": _worker,
    "horse": _horse,
    "clockwork": _clockwork,
    "worker of a queue": _worker_of_a_queue,
    "all of worker": _all_of_worker,
    "valkey": _store,
}
"""Kills one; returns how many, 0 when there was nobody."""


class Killer:
    """Kills as drawn, each kind twice and more; `killed` counts by kind."""

    def __init__(self, rng: random.Random, seconds: float, times: int, spared: Collection[str] = ()) -> None:
        self.killed: Counter[str] = Counter()
        chosen = [kind for kind in VICTIMS if kind not in spared]
        kinds = chosen * 2
        kinds += [rng.choice(chosen) for _ in range(times - len(kinds))]
        rng.shuffle(kinds)
        share = (seconds - FIRST_AFTER) / max(times, 1)  # one falls into each share of the time
        moments = [FIRST_AFTER + share * (place + rng.random()) for place in range(times)]
        self._rng, self._due = rng, list(zip(moments, kinds, strict=False))

    def strikes(self, servers: Servers, seconds: float) -> None:
        """Kill whoever is due after so many seconds of the run, or was, and was not there: a horse lives for a job."""
        for victim in [victim for victim in self._due if victim[0] <= seconds]:
            if VICTIMS[victim[1]](servers, self._rng):
                self.killed[victim[1]] += 1
                self._due.remove(victim)
