"""Connections that many calls share, and how long every request over them took."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from simulator.connections import ConnectionFailedError, Connections, Failure, HttpAnswer

IDLE_FOR = 1.5
"""Seconds after which a connection is not used again: less than gunicorn's `keepalive`, so that it is never the server
that closes one while a request is on its way."""


WHY: Mapping[Failure, str] = {"connect": "no connection", "time": "no answer in time", "protocol": "broken off"}


class Timing(NamedTuple):
    """One request: the path and the query asked for, when it began (seconds of time.monotonic), how long it took.

    The status is 0 where there was no answer; `why` says what happened then.
    """

    path: str
    began: float
    seconds: float
    status: int
    why: str = ""


class Pool:
    """The transport (simulator.connections) of any number of calls and threads; `timings` are of all requests."""

    def __init__(self) -> None:
        self.timings: list[Timing] = []
        self._idle: deque[tuple[float, Connections]] = deque()

    def close(self) -> None:
        """Let all connections go that are not in use."""
        while self._idle:
            self._idle.pop()[1].close()

    def request(
        self,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        connect_timeout: float,
        total_timeout: float,
    ) -> HttpAnswer:
        """Ask, once; limits are seconds. ConnectionFailedError when there is no complete answer in time."""
        connections, began, status, why = self._take(), time.monotonic(), 0, ""
        limits = {"connect_timeout": connect_timeout, "total_timeout": total_timeout}
        try:
            answer = connections.request(url, method, headers, body, **limits)
            status = answer.status
        except ConnectionFailedError as error:
            why = WHY[error.kind]
            raise
        finally:
            now, path = time.monotonic(), "/" + url.split("/", 3)[-1]
            self.timings.append(Timing(path, began, now - began, status, why))
            self._idle.append((now, connections))
        return answer

    def _take(self) -> Connections:
        """The one that has been idle longest, so that all are used, and with them all processes behind them."""
        while self._idle:
            try:
                since, connections = self._idle.popleft()
            except IndexError:  # another thread was faster
                break
            if time.monotonic() - since < IDLE_FOR:
                return connections
            connections.close()
        return Connections()
