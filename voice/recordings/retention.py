"""Recordings that have been kept for as long as the settings want, or that somebody has deleted, are removed: here and
at the provider.

Every step may be repeated: what is gone already counts as removed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from calls import retention
from calls.retention import Old
from calls.shelf import Shelf, ShelfError, name_of
from live import about
from voice.provider.rest import ProviderApi, ProviderError
from voice.recordings.fetching import KINDS

log = logging.getLogger("ringpath.recordings")

MOST_REMOVED = 200
"""Of one run."""

ASKS_AGAIN = timedelta(hours=6)
"""After which something that could not be removed is tried again."""


@dataclass(frozen=True, kw_only=True)
class Remover:
    """Removes from a shelf, and at the provider where it can be asked. Every method raises StoreError."""

    engine: Engine
    api: ProviderApi | None
    shelf: Shelf
    keep_days: int | None
    clock: Callable[[], datetime]

    def remove_doomed(self, until: datetime) -> int:
        """Remove what people have deleted, until a moment; returns how many were taken."""
        with self.engine.connect() as connection:
            found = retention.doomed(connection, self.clock(), MOST_REMOVED)
        return self._remove_all(found, until, lambda recording: recording.reason or "deleted")

    def remove_old(self, until: datetime) -> int:
        """Remove what is old, until a moment; returns how many were taken. Without REST API only what is here."""
        if self.keep_days is None:
            return 0
        now = self.clock()
        before = now - timedelta(days=self.keep_days)
        with self.engine.connect() as connection:
            found = retention.old(connection, before, now, MOST_REMOVED, here_only=self.api is None)
        after = f"kept for {self.keep_days} day{'s' if self.keep_days > 1 else ''}"
        return self._remove_all(found, until, lambda _: after)

    def _remove_all(self, found: Iterable[Old], until: datetime, why: Callable[[Old], str]) -> int:
        taken = 0
        for recording in found:
            if self.clock() >= until:
                break
            with about.at(call=recording.call_id):
                self._remove(recording, why(recording))
            taken += 1
        return taken

    def _remove(self, recording: Old, why: str) -> None:
        """Remove one: its file first, then the provider's copy, then it is written down."""
        again = self.clock() + ASKS_AGAIN
        try:
            for name in _names(recording):
                self.shelf.remove(name)
        except ShelfError as error:
            log.warning("recording %s is to be removed, and could not be: %s", recording.id, error)
            with self.engine.begin() as connection:
                retention.put_off(connection, recording, again)
            return
        problem = self._at_the_provider(recording)
        with self.engine.begin() as connection:
            if problem is None:
                asked = "" if self.api else "; the provider may have it still, its REST API is not known"
                retention.removed(connection, recording, why + asked)
            elif recording.state == "removed":
                retention.put_off(connection, recording, again)
            else:
                reason = f"{why}, and still at the provider: {problem}"
                retention.removed_here(connection, recording, reason, again)

    def _at_the_provider(self, recording: Old) -> str | None:
        """Have the provider's copy deleted; says what went wrong."""
        if self.api is None:
            return None
        try:
            self.api.delete_recording(recording.id)
        except ProviderError as error:
            log.warning("recording %s is to be removed, and still at the provider: %s", recording.id, error)
            return str(error)
        return None


def _names(recording: Old) -> tuple[str, ...]:
    """Return the names of its files; one that was deleted while it was fetched may have been put away meanwhile."""
    if recording.file:
        return (recording.file,)
    if recording.state != "removed":
        return ()
    return tuple(name_of(recording.id, recording.recorded_at, suffix) for _, suffix, _ in KINDS[:2])
