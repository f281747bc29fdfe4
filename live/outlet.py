"""Where the log goes. Whoever reads it may stop: no process of ours waits for him, least of all one that has callers.

A pipe or a socket whose reader stands still (a collector that is stuck, a host whose disk is full) takes some
kilobytes, and then holds up whoever writes, for ever. A web process does everything in one thread: so it would every
call.
"""

from __future__ import annotations

import os
import select
import stat
import sys
from contextlib import suppress
from typing import Any, TextIO

A_MOMENT = 0.05
"""Seconds for which a reader is waited for that is merely slow. One who has let them pass is waited for no more, until
he has read something."""

AT_ONCE = 4096
"""Bytes that are written together, and that a pipe takes together or not at all (PIPE_BUF of Linux)."""


class Outlet:
    """Writes lines; what cannot be written is lost, and said to be once something can."""

    def __init__(self) -> None:
        self.lost = 0
        self._is: tuple[int, int] | None = None
        self._file = -1

    def write(self, stream: TextIO, line: str) -> None:
        """Write a line to what a stream leads to; raises what a file raises."""
        file = self._never_waiting(stream)
        if file is None:
            stream.write(line)
            stream.flush()
            return
        before = f"{self.lost} lines of this log are lost: nobody has read them\n" if self.lost else ""
        if self._writes(file, (before + line).encode(errors="backslashreplace")):
            self.lost = 0
        else:
            self.lost += 1

    def _never_waiting(self, stream: TextIO) -> int | None:
        """Open a pipe once more, for us alone, so that others who write to it may wait; None for any other file."""
        try:
            number = stream.fileno()
            is_now = os.fstat(number)
        except (OSError, ValueError):  # nowhere, or only in memory
            return None
        if stat.S_ISSOCK(is_now.st_mode):
            return number
        if not stat.S_ISFIFO(is_now.st_mode):
            return None
        if self._is != (is_now.st_dev, is_now.st_ino):
            self._is = (is_now.st_dev, is_now.st_ino)
            if self._file >= 0:
                os.close(self._file)
            self._file = -1
            with suppress(OSError):
                self._file = os.open(f"/proc/self/fd/{number}", os.O_WRONLY | os.O_NONBLOCK)
        return self._file if self._file >= 0 else number

    def _writes(self, file: int, text: bytes) -> bool:
        """Write a text in pieces; False as soon as there is no room. Raises OSError."""
        while text:
            if not self._has_room(file):
                return False
            try:
                text = text[os.write(file, text[:AT_ONCE]) :]
            except BlockingIOError:  # somebody else has taken it
                return False
        return True

    def _has_room(self, file: int) -> bool:
        asked = _poll()
        asked.register(file, select.POLLOUT)
        return bool(asked.poll(0 if self.lost else A_MOMENT * 1000))


def _poll() -> Any:
    """Ask the system itself: gevent would let other calls go on in the middle of a line, and fails in its own loop."""
    monkey = sys.modules.get("gevent.monkey")
    return monkey.get_original("select", "poll")() if monkey else select.poll()
