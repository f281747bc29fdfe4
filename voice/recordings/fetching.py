"""Recordings are fetched from the provider, measured where they are messages, and kept.

In this order, so that a worker may be killed at any line: the sound goes into a file without a name, then to its place
(calls.shelf), under a name that is the same each time; then the database says that it is kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from io import SEEK_END
from tempfile import TemporaryFile
from typing import BinaryIO

from sqlalchemy import Engine

from calls import fetching, ledger
from calls.fetching import Kept, Waiting
from calls.loudness import is_silent
from calls.outbox import MOST_ATTEMPTS
from calls.shelf import Shelf, ShelfError, name_of
from config.company import Company
from live import about
from voice.provider.rest import ProviderApi, ProviderError
from voice.recordings.keeping import MOST_BYTES

log = logging.getLogger("ringpath.recordings")

KINDS = ((b"RIFF", ".wav", "audio/wav"), (b"ID3", ".mp3", "audio/mpeg"), (b"\xff", ".mp3", "audio/mpeg"))
"""How a file begins, and what it is then; what providers call it varies."""


@dataclass(frozen=True, kw_only=True)
class Fetcher:
    """Fetches from a provider onto a shelf. Every method raises StoreError."""

    engine: Engine
    api: ProviderApi
    shelf: Shelf
    company: Company
    clock: Callable[[], datetime]

    def fetch_due(self, until: datetime) -> int:
        """Fetch what is due, until a moment, or until nothing can be kept; returns how many were taken."""
        taken = 0
        while self.clock() < until:
            with self.engine.begin() as connection:
                recording = fetching.take(connection, self.clock())
            if recording is None:
                break
            taken += 1
            with about.at(call=recording.call_id):
                if not self.fetch(recording):
                    break
        return taken

    def fetch(self, recording: Waiting) -> bool:
        """Fetch one that was taken, and keep what became of it; False when nothing can be kept now."""
        if recording.attempts > MOST_ATTEMPTS:
            self._fail(recording, f"given up after {MOST_ATTEMPTS} attempts: its worker was ended each time")
            return True
        try:
            with TemporaryFile(prefix="ringpath-") as file:
                self._fetch(recording, file)
        except ProviderError as error:
            if error.permanent:
                self._fail(recording, str(error))
            else:
                self._later(recording, str(error))
        except (ShelfError, OSError) as error:
            self._no_place(recording, f"it cannot be kept: {error}")
            return False
        return True

    def _fetch(self, recording: Waiting, file: BinaryIO) -> None:
        self.api.media(recording.url, file, MOST_BYTES)
        size = file.seek(0, SEEK_END)
        suffix, kind = _kind(file)
        if recording.kind == "voicemail" and is_silent(file):
            self._drop(recording, size)
            return
        name = name_of(recording.id, recording.recorded_at, suffix)
        self.shelf.put(name, file, kind)
        with self.engine.begin() as connection:
            fetching.kept(connection, recording, Kept(file=name, content_type=kind, size=size), self.clock())

    def _drop(self, recording: Waiting, size: int) -> None:
        """A silent message is none, and its call is what it would be without it."""
        with self.engine.begin() as connection:
            fetching.silent(connection, recording, size)
            ledger.rework(connection, recording.call_id, self.company)

    def _later(self, recording: Waiting, reason: str) -> None:
        log.warning("recording %s of call %s is not here yet: %s", recording.id, recording.call_id, reason)
        with self.engine.begin() as connection:
            fetching.later(connection, recording, self.clock(), reason)

    def _no_place(self, recording: Waiting, reason: str) -> None:
        log.warning("recording %s of call %s waits at the provider: %s", recording.id, recording.call_id, reason)
        with self.engine.begin() as connection:
            fetching.no_place(connection, recording, self.clock(), reason)

    def _fail(self, recording: Waiting, reason: str) -> None:
        log.warning("recording %s of call %s cannot be had: %s", recording.id, recording.call_id, reason)
        with self.engine.begin() as connection:
            fetching.fail(connection, recording, reason)


def _kind(file: BinaryIO) -> tuple[str, str]:
    """Tell by its beginning what a file is: suffix and content type; raises ProviderError when it is no sound."""
    file.seek(0)
    start = file.read(4)
    for begins, suffix, kind in KINDS:
        if start.startswith(begins):
            return suffix, kind
    raise ProviderError(f"what the provider sent begins with {start!r}, and is neither WAV nor MP3", permanent=False)
