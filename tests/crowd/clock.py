"""A clock that nobody moves: it is really that late."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from simulator import Clock


class RealClock(Clock):
    """Real time on the simulator's scale; to advance is to wait. Any number of threads may do so at once."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC))
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._began

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.at(self.seconds)

    def advance(self, seconds: float) -> None:
        """Wait so long."""
        self.advance_to(self.seconds + seconds)

    def advance_to(self, seconds: float) -> None:
        """Wait until then; not at all when it has passed."""
        left = seconds - self.seconds
        if left > 0:
            time.sleep(left)
