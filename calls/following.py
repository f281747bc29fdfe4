"""A thread that keeps the settings of a process up with SQL, and finds earlier ones for webhooks that wait a moment."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from queue import Empty, Queue

log = logging.getLogger("ringpath.settings")

EVERY = 1.0
"""Seconds between two looks: what is published reaches every process within 2 (DESIGN section 4)."""

DEADLINE = 1.5
"""Seconds that a webhook waits for settings of which this process has not heard; a hanging SQL costs no more."""

BLINK = 0.1
"""Seconds after which it waits on only if SQL answers: as long as SQL is away no webhook waits longer."""


class _Wanted:
    """A revision that somebody waits for."""

    def __init__(self, digest: str) -> None:
        self.digest, self.found, self.given_up = digest, threading.Event(), False


class Follower:
    """Calls `refresh` every second, and `fetch` when an earlier revision is wanted; both in its own thread."""

    def __init__(self, refresh: Callable[[], object], fetch: Callable[[str], None]) -> None:
        self._refresh, self._fetch = refresh, fetch
        self._wanted: Queue[_Wanted | None] = Queue()
        self._thread = threading.Thread(target=self._run, daemon=True, name="settings")
        self._thread.start()

    def find(self, digest: str, *, worth_it: Callable[[], bool]) -> None:
        """Have a revision looked for; returns when that is done, after BLINK unless `worth_it`, or after DEADLINE."""
        wanted = _Wanted(digest)
        self._wanted.put(wanted)
        done = wanted.found.wait(BLINK) or (worth_it() and wanted.found.wait(DEADLINE - BLINK))
        wanted.given_up = not done

    def stop(self) -> None:
        """End the thread, after what it is about."""
        self._wanted.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            try:
                wanted = self._wanted.get(timeout=EVERY)
            except Empty:
                wanted = _Wanted("")
            if wanted is None:
                return
            if not wanted.given_up:
                self._look(wanted)
            wanted.found.set()

    def _look(self, wanted: _Wanted) -> None:
        try:
            self._refresh()  # most often it is the newest, which another process has taken up first
            if wanted.digest:
                self._fetch(wanted.digest)
        except Exception:  # a thread that ended would leave the process with old settings for good
            log.exception("the settings could not be looked for")
