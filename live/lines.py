"""What the provider last said of its numbers, kept for the page that shows it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from redis import Redis

from live import keys

LIVES = 7 * 86_400
"""Seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A number at the provider, and where its webhooks lead: "here", "" for nowhere, else an address.

    `instead` is the application or the trunk that the provider goes by, whatever the addresses of the number say.
    """

    number: str
    name: str
    voice: str
    fallback: str
    status: str
    instead: str

    @property
    def well(self) -> bool:
        """Whether calls come here, also when something fails, and their end is told."""
        return not self.instead and (self.voice, self.fallback, self.status) == ("here", "here", "here")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lines:
    """The numbers as they were `at` a moment, or the `problem` why they could not be had then."""

    at: datetime
    lines: tuple[Line, ...] = ()
    problem: str = ""


def keep(redis: Redis, found: Lines) -> None:
    """Keep what the provider said; raises RedisError."""
    text = {"at": found.at.isoformat(), "lines": [asdict(line) for line in found.lines], "problem": found.problem}
    redis.set(keys.NUMBERS, json.dumps(text), ex=LIVES)


def kept(redis: Redis) -> Lines | None:
    """Return what the provider last said, None when it was not asked for a week; raises RedisError."""
    text = redis.get(keys.NUMBERS)
    if not isinstance(text, bytes):
        return None
    found = json.loads(text)
    return Lines(
        at=datetime.fromisoformat(found["at"]),
        lines=tuple(Line(**line) for line in found["lines"]),
        problem=found["problem"],
    )
