"""The gate before the CRM: all processes together keep its limits, and leave it alone while it keeps failing.

Three things, shared through Redis, one script each way:

- a leaky bucket: a steady number of requests a second. Who looks up a caller may fill it higher than who files, so
  that a backlog of calls never keeps a caller waiting;
- pauses that the CRM has asked for: of everybody, or of one method;
- a circuit breaker: after some failures in a row nobody asks for a while. Then one request tries, and closes it, or
  doubles the pause.

Without Redis the gate lets pass what this process alone may ask.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from live import keys
from live.scripts import FOLDER

log = logging.getLogger("ringpath.gate")

BURST = 4
"""Requests that may go at once: those of one call that is filed."""

URGENT_BURST = 20
"""The same for look-ups. The portal itself bears 50, of all apps on one address (bitrix24.md 1)."""

BREAKS_AFTER = 5
"""Failures in a row."""

FIRST_BREAK = 5.0
LONGEST_BREAK = 300.0
"""Seconds; doubled each time that the request that tries fails too."""

TRIES_FOR = 30.0
"""Seconds after which a request that tries, and was never told of, is taken for dead."""

LIVES = 86_400
"""Seconds after the last write."""

TRY_AGAIN = 1.0
"""Seconds for which a Redis that failed is not asked again."""

WHY = {
    "rate": "its limit of requests is used up",
    "paused": "it has asked for a pause",
    "method": "this method has used up its time there",
    "broken": "it has failed several times in a row",
}


class GateShut(Exception):
    """A request may not go now: why, and after how many seconds it is worth asking again."""

    def __init__(self, why: str, wait: float) -> None:
        super().__init__(WHY[why])
        self.why, self.wait = why, wait


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that may go; `told` when the gate wants to know how it ended, `tries` when it is the one that tries."""

    method: str
    told: bool = False
    tries: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class GateState:
    """How the gate stands: seconds for which it is paused, of each method, or broken; and failures in a row."""

    paused: float
    methods: dict[str, float]
    broken: float
    trying: bool
    failures: int


class Gate:
    """The way to one CRM. `rate` is in requests a second; `clock` gives Unix seconds, `sleep` waits some."""

    def __init__(
        self,
        redis: Redis,
        *,
        rate: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._redis, self._rate, self._clock, self._sleep = redis, rate, clock, sleep
        self._enter, self._tell = (
            redis.register_script((FOLDER / f"{name}.lua").read_text("utf-8")) for name in ("gate_enter", "gate_told")
        )
        self._alone = _Alone(rate)
        self._redis_down_until = 0.0

    def enter(self, method: str, *, patience: float, urgent: bool = False) -> Turn:
        """Wait until a request may go, for at most `patience` seconds; raises GateShut when it may not by then.

        A broken circuit is not waited for.
        """
        until = self._clock() + patience
        while True:
            wait, why, told, tries = self._ask(method, URGENT_BURST if urgent else BURST)
            if not why:
                return Turn(method, told, tries)
            if why == "broken" or self._clock() + wait > until:
                raise GateShut(why, wait)
            self._sleep(wait)

    def answered(self, turn: Turn) -> None:
        """The CRM answered, whatever it said."""
        if turn.told:
            self._told(turn, "answered")

    def failed(self, turn: Turn) -> None:
        """The CRM did not answer, or failed inside."""
        broken = self._told(turn, "failed")
        if broken:
            log.warning("the CRM keeps failing, and is left alone for %.0f s", broken)

    def pause(self, turn: Turn, seconds: float) -> None:
        """The CRM wants to be left alone by everybody."""
        self._told(turn, "pause", seconds)
        log.warning("the CRM wants a pause of %.0f s", seconds)

    def pause_method(self, turn: Turn, seconds: float) -> None:
        """The CRM wants one of its methods to be left alone by everybody."""
        self._told(turn, "spent", seconds)
        log.warning("the CRM wants %s to be left alone for %.0f s", turn.method, seconds)

    def state(self) -> GateState:
        """Tell how the gate stands; raises RedisError."""
        raw: Any = self._redis.hgetall(keys.GATE)
        fields = {name.decode(): float(value) for name, value in raw.items()}
        now = self._clock() * 1000

        def left(name: str) -> float:
            return max(0.0, (fields.get(name, 0) - now) / 1000)

        methods = {name.partition(":")[2]: left(name) for name in fields if name.startswith("method:") and left(name)}
        return GateState(
            paused=left("paused"),
            methods=methods,
            broken=left("opened"),
            trying="opened" in fields and not left("opened"),
            failures=int(fields.get("failures", 0)),
        )

    def _ask(self, method: str, most: int) -> tuple[float, str, bool, bool]:
        now = self._clock()
        arguments = (_ms(now), method, self._rate, most, _ms(TRIES_FOR), LIVES)
        found = self._run(self._enter, arguments)
        if found is None:
            wait = self._alone.wait(now, most)
            return wait, "rate" if wait else "", True, False
        wait_ms, why, told, tries = found
        return wait_ms / 1000, why.decode(), bool(told), bool(tries)

    def _told(self, turn: Turn, what: str, seconds: float = 0) -> float:
        breaks = (BREAKS_AFTER, _ms(FIRST_BREAK), _ms(LONGEST_BREAK))
        arguments = (_ms(self._clock()), what, turn.method, _ms(seconds), int(turn.tries), *breaks, LIVES)
        return float(self._run(self._tell, arguments) or 0) / 1000

    def _run(self, script: Any, arguments: tuple[Any, ...]) -> Any:
        """Run a script; None when Redis cannot be asked."""
        if time.monotonic() < self._redis_down_until:
            return None
        try:
            return script(keys=[keys.GATE], args=arguments)
        except RedisError as error:
            self._redis_down_until = time.monotonic() + TRY_AGAIN
            log.warning("the CRM is asked without Redis, by each process for itself (%s)", error)
            return None


class _Alone:
    """The leaky bucket of this process alone."""

    def __init__(self, rate: float) -> None:
        self._rate, self._level, self._drained = rate, 0.0, 0.0
        self._lock = threading.Lock()

    def wait(self, now: float, most: int) -> float:
        """Count a request that may go now, or tell how many seconds it has to wait."""
        with self._lock:
            self._level = max(0.0, self._level - max(0.0, now - self._drained) * self._rate)
            self._drained = max(now, self._drained)
            if self._level + 1 > most:
                return (self._level + 1 - most) / self._rate
            self._level += 1
            return 0.0


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
