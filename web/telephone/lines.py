"""The lines of one web process: so many at once, and none longer than the process lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from flask import current_app
from flask.blueprints import BlueprintSetupState

NAME = "telephone"

MOST = 20


class Lines:
    """Who wants a line takes one; `alive` says no when the process is about to end (gunicorn.conf.py)."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self.alive: Callable[[], bool] = lambda: True
        self._free = BoundedSemaphore(most)

    @contextmanager
    def one(self, wait: float = 0.0) -> Iterator[bool]:
        """Hold a line, if one is free within so many seconds; says whether."""
        got = self._free.acquire(timeout=wait)
        try:
            yield got
        finally:
            if got:
                self._free.release()


def install(state: BlueprintSetupState) -> None:
    """Give an app its lines."""
    state.app.extensions[NAME] = Lines()


def lines() -> Lines:
    """The lines of the app that serves this request."""
    found: Lines = current_app.extensions[NAME]
    return found
