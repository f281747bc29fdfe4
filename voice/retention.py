"""Recordings that have been kept for as long as the settings want are removed, here and at the provider.

Every step may be repeated: what is gone already counts as removed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from calls import retention
from calls.retention import Old
from calls.shelf import Shelf, ShelfError
from voice.rest import ProviderApi, ProviderError

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
    keep_days: int
    clock: Callable[[], datetime]

    def remove_old(self, until: datetime) -> int:
        """Remove what is old, until a moment; returns how many were taken. Without REST API only what is here."""
        now = self.clock()
        before = now - timedelta(days=self.keep_days)
        with self.engine.connect() as connection:
            found = retention.old(connection, before, now, MOST_REMOVED, here_only=self.api is None)
        taken = 0
        for recording in found:
            if self.clock() >= until:
                break
            self.remove(recording)
            taken += 1
        return taken

    def remove(self, recording: Old) -> None:
        """Remove one: its file first, then the provider's copy, then it is written down."""
        again = self.clock() + ASKS_AGAIN
        try:
            if recording.file:
                self.shelf.remove(recording.file)
        except ShelfError as error:
            log.warning("recording %s is too old, and could not be removed: %s", recording.id, error)
            with self.engine.begin() as connection:
                retention.put_off(connection, recording, again)
            return
        problem = self._at_the_provider(recording)
        after = f"kept for {self.keep_days} day{'s' if self.keep_days > 1 else ''}"
        with self.engine.begin() as connection:
            if problem is None:
                asked = "" if self.api else "; the provider may have it still, its REST API is not known"
                retention.removed(connection, recording, after + asked)
            else:
                reason = f"{after}, and still at the provider: {problem}"
                retention.removed_here(connection, recording, reason, again)

    def _at_the_provider(self, recording: Old) -> str | None:
        """Have the provider's copy deleted; says what went wrong."""
        if self.api is None:
            return None
        try:
            self.api.delete_recording(recording.id)
        except ProviderError as error:
            log.warning("recording %s is too old, and still at the provider: %s", recording.id, error)
            return str(error)
        return None
