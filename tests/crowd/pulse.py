"""Whether the web lives: asked again and again by somebody who calls nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from simulator.connections import ConnectionFailedError, Connections

EVERY = 0.2
WITHIN = 1.0
STEADY = 4.0
"""Seconds: a web that is told to end goes on for a moment, and then is away."""


class Pulse:
    """Looks at /healthz on a new connection each time; `beats` are the monotonic moments at which it answered.

    It needs neither Redis nor SQL: how long it takes shows how busy the machine is.
    """

    def __init__(self, address: str) -> None:
        self.beats: list[float] = []
        self._looks: list[tuple[float, float, bool]] = []
        self._url, self._over = f"{address}/healthz", threading.Event()

    def steady_after(self, moment: float) -> float:
        """When it first answered after a moment, and went on to for STEADY seconds; now, when it does not yet."""
        good, bad = (
            [beat for beat in self.beats if beat > moment],
            [ended for _, ended, well in self._looks if not well],
        )
        steady = (beat for beat in good if not any(beat < ended < beat + STEADY for ended in bad))
        return next(steady, time.monotonic())

    @property
    def is_steady(self) -> bool:
        """Whether it has answered for STEADY seconds now."""
        began = time.monotonic() - STEADY
        recent = [well for _, ended, well in self._looks[-100:] if ended > began]
        return len(recent) > 2 and all(recent)

    def lag(self, began: float, ended: float) -> float:
        """The longest that a look has taken which was under way between two moments; seconds, WITHIN at most."""
        return min(max((b - a for a, b, _ in self._looks if a <= ended and began <= b), default=0.0), WITHIN)

    def look(self) -> None:
        """Look until it is over."""
        while not self._over.wait(EVERY):
            began, well = time.monotonic(), self._answers()
            self._looks.append((began, time.monotonic(), well))
            if well:
                self.beats.append(time.monotonic())

    def _answers(self) -> bool:
        connections = Connections()
        try:
            return connections.request(self._url, "GET", {}, connect_timeout=WITHIN, total_timeout=WITHIN).status == 200
        except ConnectionFailedError:
            return False
        finally:
            connections.close()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()


@contextmanager
def felt(address: str) -> Iterator[Pulse]:
    """Feel the pulse of a web for a while."""
    pulse = Pulse(address)
    thread = threading.Thread(target=pulse.look, daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        pulse.stop()
        thread.join()
