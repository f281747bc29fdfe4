"""Waiting for what another thread or process does, for as long as it takes."""

from __future__ import annotations

import time
from collections.abc import Callable

SOON = 60.0
"""Seconds for what takes milliseconds when all is well, and this machine does nothing else."""


def until(true: Callable[[], object], otherwise: str = "it never happened") -> None:
    """Ask again and again, until it is so."""
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(0.005)
