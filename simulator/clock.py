"""A clock that stands still until somebody moves it."""

from datetime import UTC, datetime, timedelta
from threading import Lock


class Clock:
    """Virtual time, shared by the simulator and the application under test.

    `start` must be aware; left out, the clock starts at the real time of its creation and then stands still.
    """

    def __init__(self, start: datetime | None = None) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError(f"a clock needs an aware start, not {start!r}")
        self._start = (start or datetime.now(UTC)).astimezone(UTC)
        self._seconds = 0.0
        self._lock = Lock()

    @property
    def seconds(self) -> float:
        """Seconds since the start; deadlines in the simulator are on this scale."""
        return self._seconds

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.at(self._seconds)

    def at(self, seconds: float) -> datetime:
        """The moment at a point of the `seconds` scale."""
        return self._start + timedelta(seconds=seconds)

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`; ValueError when asked to go back."""
        if seconds < 0:
            raise ValueError(f"time does not run backwards ({seconds} s)")
        with self._lock:
            self._seconds += seconds

    def advance_to(self, seconds: float) -> None:
        """Move on to a point of the `seconds` scale; does nothing when it has passed."""
        with self._lock:
            self._seconds = max(self._seconds, seconds)
