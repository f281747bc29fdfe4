"""Too little of the processors: processes that run for a share of the time only, as a container's quota has it."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

PERIOD = 0.1
"""Seconds in which a process gets its share, and then waits for the next; Linux' own for a quota of a cgroup."""


@contextmanager
def starved(pids: Sequence[int], share: float) -> Iterator[None]:
    """Let processes run for a share of the time, from 0 to 1; with 1 they are left alone."""
    over = threading.Event()

    def goes_on() -> None:
        while not over.wait(PERIOD * share):
            _tell(pids, signal.SIGSTOP)
            over.wait(PERIOD * (1 - share))
            _tell(pids, signal.SIGCONT)

    thread = threading.Thread(target=goes_on, daemon=True, name="quota")
    if share < 1:
        thread.start()
    try:
        yield
    finally:
        over.set()
        if share < 1:
            thread.join()


def _tell(pids: Sequence[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
