"""One reading for many listeners: read at most once a second, and only while somebody listens.

A listener waits for a condition and holds nothing meanwhile: no connection of Redis or SQL, and under gevent no worker.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

log = logging.getLogger("ringpath.web")

T = TypeVar("T")

TURN = 0.001
"""Seconds that everything else has between two listeners who were woken at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """Seconds between two readings, between two signs of life, and until a listener has to come again; and how many
    may listen in one process."""

    reads: float = 1.0
    heartbeat: float = 10.0
    lasts: float = 600.0
    most: int = 100


class Full(Exception):
    """So many listen already that one more is turned away."""


class Broadcast(Generic[T]):
    """Readings with a number each, which grows when something has changed. `alive` says no when the process ends."""

    def __init__(self, read: Callable[[], T], pace: Pace | None = None) -> None:
        self.pace = pace or Pace()
        self.alive: Callable[[], bool] = lambda: True
        self._read = read
        self._changed = threading.Condition()
        self._reading, self._turn = threading.Lock(), threading.Lock()
        self._number, self._value, self._read_at = 0, None, float("-inf")  # type: tuple[int, T | None, float]
        self._listeners = 0
        self._reader: threading.Thread | None = None

    @property
    def listeners(self) -> int:
        """How many listen."""
        return self._listeners

    def latest(self) -> tuple[int, T]:
        """Return the number and the value of a reading that is not older than the pace; reads if need be."""
        with self._reading:
            if time.monotonic() - self._read_at >= self.pace.reads:
                self._take(self._read())
            assert self._value is not None
            return self._number, self._value

    @contextmanager
    def listen(self) -> Iterator[None]:
        """Listen as long as the context lasts; raises Full."""
        with self._changed:
            if self._listeners >= self.pace.most:
                raise Full
            self._listeners += 1
            if self._reader is None:
                self._reader = threading.Thread(target=self._go_on_reading, daemon=True, name="now")
                self._reader.start()
        try:
            yield
        finally:
            with self._changed:
                self._listeners -= 1

    def next(self, after: int, patience: float) -> tuple[int, T] | None:
        """Wait for a reading other than number `after`; None when nothing has changed for `patience` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != after or not self.alive(), patience)
        # gevent runs all greenlets that could go on before it looks for new requests, however often each gives way:
        # so only one of them can, and what it does next is done before the next one's millisecond is over.
        with self._turn:
            time.sleep(TURN)
        with self._changed:
            return None if self._number == after or self._value is None else (self._number, self._value)

    def _go_on_reading(self) -> None:
        while self._wanted():
            began = time.monotonic()
            try:
                self.latest()
            except Exception:  # whatever it was: those who listen must not wait for ever
                log.exception("what is going on could not be read")
            if not self.alive():
                with self._changed:
                    self._changed.notify_all()
            time.sleep(max(0.0, self.pace.reads - (time.monotonic() - began)))

    def _wanted(self) -> bool:
        with self._changed:
            if self._listeners:
                return True
            self._reader = None
            return False

    def _take(self, value: T) -> None:
        with self._changed:
            self._read_at = time.monotonic()
            if value != self._value:
                self._number, self._value = self._number + 1, value
                self._changed.notify_all()
