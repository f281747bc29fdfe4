"""The limits of a portal in the cloud (bitrix24.md 1): a leaky bucket of requests, and seconds of work per method."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

BUCKETS, BUCKET_SECONDS = 10, 60


@dataclass
class Bucket:
    """Drains at `drain` a second; blocks what comes above `most`."""

    drain: float
    most: float
    level: float = 0.0
    at: float = 0.0

    def takes(self, now: float) -> bool:
        """Count a request; False when it is one too many."""
        self.level = max(0.0, self.level - (now - self.at) * self.drain)
        self.at = now
        if self.level + 1 > self.most:
            return False
        self.level += 1
        return True


@dataclass
class Operating:
    """Seconds of work of one method, in ten buckets of a minute; blocked above `most`."""

    most: float = 480.0
    spent: dict[int, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, now: float, seconds: float) -> None:
        """Count the work of a request."""
        self.spent[int(now // BUCKET_SECONDS)] += seconds

    def total(self, now: float) -> float:
        """The seconds that count now."""
        oldest = int(now // BUCKET_SECONDS) - BUCKETS + 1
        for minute in [minute for minute in self.spent if minute < oldest]:
            del self.spent[minute]
        return sum(self.spent.values())

    def blocked(self, now: float) -> bool:
        """Whether the method answers OPERATION_TIME_LIMIT."""
        return self.total(now) > self.most

    def reset_at(self, now: float) -> int:
        """When the oldest bucket is dropped (Unix seconds)."""
        oldest = min(self.spent, default=int(now // BUCKET_SECONDS))
        return (oldest + BUCKETS) * BUCKET_SECONDS
