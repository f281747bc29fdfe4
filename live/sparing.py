"""Log lines that a stranger can cause: so many a minute, or they fill the disk, or use up what a log service takes."""

from __future__ import annotations

import time
from collections.abc import Callable

MOST = 20
"""Lines in one PERIOD: enough to see what is asked for and from where."""

PERIOD = 60.0
"""Seconds."""


class Sparing:
    """Says in a log what happens, and of what happens too often how often it did."""

    def __init__(self, says: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._says, self._clock = says, clock
        self._began, self._count = clock(), 0

    def say(self, line: str) -> None:
        """Write a line, unless there have been too many; how many were left out stands in the first one after."""
        now = self._clock()
        if now - self._began >= PERIOD:
            left_out, self._began, self._count = max(self._count - MOST, 0), now, 0
            if left_out:
                line = f"{line} (and {left_out} more before, left out here)"
        self._count += 1
        if self._count <= MOST:
            self._says(line)
