"""The files in which web processes keep their figures, so that they can be added up: with room on the disk beforehand.

The library maps a file that has its size, and no place on the disk yet. Where the disk is full the kernel ends the
process (SIGBUS) when it counts something, with all its callers, and the next one as well. So the place is taken first;
where there is none, the figures of this process stay in its memory, and /metrics lacks them.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from mmap import mmap
from pathlib import Path
from typing import Any

from prometheus_client import values
from prometheus_client.mmap_dict import MmapedDict

log = logging.getLogger("ringpath")

FIRST = 1 << 16
"""Bytes with which the library begins a file; it doubles them when they are used up."""

LONGEST_ENTRY = 64
"""Bytes that an entry has besides its name, and more."""


class Roomy(MmapedDict):
    """A file of figures that has its place on the disk, or none and is in memory."""

    _f: Any
    _m: mmap
    _used: int
    _capacity: int

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            try:
                with Path(filename).open("ab") as file:
                    _take(file.fileno(), FIRST)
            except OSError as error:
                with suppress(OSError):
                    Path(filename).unlink(missing_ok=True)  # an empty one could not be read
                filename = _in_memory(error)
        super().__init__(filename, read_mode)  # type: ignore[no-untyped-call]

    def _init_value(self, key: str) -> None:
        if self._used + len(key.encode()) + LONGEST_ENTRY > self._capacity:
            try:
                _take(self._f.fileno(), 2 * self._capacity)
            except OSError as error:
                self._move(_in_memory(error))
        super()._init_value(key)  # type: ignore[no-untyped-call]

    def _move(self, filename: str) -> None:
        """Go on in another file; what was counted so far stays in the old one too, and is still told."""
        file = Path(filename).open("a+b")  # noqa: SIM115 - the library closes it
        file.write(self._m[: self._capacity])
        file.flush()
        self._f.close()
        self._f, self._m = file, mmap(file.fileno(), self._capacity)


def give_room() -> None:
    """Have the library make such files, of all figures that are made from now on."""
    values.MmapedDict = Roomy  # type: ignore[attr-defined]


def _take(file: int, size: int) -> None:
    """Give a file its place on the disk; raises OSError."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)


def _in_memory(error: OSError) -> str:
    """Make a file that is on no disk, and say so; raises the error where there are no such files."""
    if not hasattr(os, "memfd_create"):
        raise error
    file = os.memfd_create("figures")
    log.error("the figures of this process are missing from /metrics (%s): make room on the disk", error.strerror)
    return f"/proc/self/fd/{file}"
