"""Child processes whose output is shown line by line and that end together, leaving nothing behind."""

import ctypes
import os
import select
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from local.leash import leashed

PR_SET_CHILD_SUBREAPER = 36  # `man 2 PR_SET_CHILD_SUBREAPER`
GRACE_SECONDS = 10.0
GLANCE_SECONDS = 0.2
CHUNK = 65536  # bytes


@dataclass(frozen=True, kw_only=True)
class Child:
    """A running program and the unfinished line of what it has said."""

    name: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    rest: bytearray = field(default_factory=bytearray)

    def hear(self) -> bool:
        """Take in what has come since the last look; false when nothing can come any more."""
        try:
            chunk = os.read(self.output.fileno(), CHUNK)
        except BlockingIOError:
            return True
        self.rest.extend(chunk)
        return bool(chunk)

    def lines(self) -> list[str]:
        """The whole lines heard so far, each given once."""
        *whole, self.rest[:] = self.rest.split(b"\n")
        return [line.decode(errors="replace").rstrip("\r") for line in whole]


class Crew:
    """The programs of one run. `say(name, line)` shows a line."""

    def __init__(self, say: Callable[[str, str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._selector = selectors.DefaultSelector()

    def wake_on(self, descriptor: int) -> None:
        """Let `listen` return when this descriptor becomes readable."""
        self._selector.register(descriptor, selectors.EVENT_READ)

    def start(self, name: str, command: Sequence[str], environ: Mapping[str, str], folder: Path) -> None:
        """Run a command in a process group of its own, so that the terminal's Ctrl-C reaches only us."""
        process = subprocess.Popen(  # noqa: S603 - the Procfile's commands
            leashed(tuple(command)),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environ,
            cwd=folder,
            process_group=0,
        )
        assert process.stdout is not None  # a pipe was asked for
        os.set_blocking(process.stdout.fileno(), False)
        self._children.append(Child(name=name, process=process, output=process.stdout))
        self._selector.register(process.stdout, selectors.EVENT_READ, self._children[-1])

    def listen(self, seconds: float | None) -> None:
        """Wait until somebody says something, or a signal comes, or the time is up; show what was said."""
        for key, _ in self._selector.select(seconds):
            child = key.data
            if child is None:
                os.read(key.fd, CHUNK)
            elif child.hear():
                self._show(child)
            else:
                self._selector.unregister(child.output)

    def fallen(self) -> tuple[str, int] | None:
        """The first program that has ended and its exit code (minus the signal's number), if any has."""
        for child in self._children:
            if (code := child.process.poll()) is not None:
                return child.name, code
        return None

    def stop(self, hurry: Callable[[], bool]) -> None:
        """End all: a SIGTERM each, and SIGKILL for whole groups after 10 s or as soon as `hurry` says so."""
        for child in self._children:
            child.process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        while self._alive() and time.monotonic() < deadline and not hurry():
            self.listen(GLANCE_SECONDS)
        for child in self._alive():
            self._say("ringpath", f"{child.name} does not stop: killing it")
        for child in self._children:
            self._bury(child)

    def _alive(self) -> list[Child]:
        return [child for child in self._children if child.process.poll() is None]

    def _show(self, child: Child) -> None:
        for line in child.lines():
            self._say(child.name, line)

    def _bury(self, child: Child) -> None:
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of the dead
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()
        while select.select([child.output], [], [], 0)[0] and child.hear():
            pass
        if child.rest:
            child.rest.extend(b"\n")
        self._show(child)
        child.output.close()


def adopt_orphans() -> None:
    """Become the parent of what our children leave behind (Linux), so that `end_orphans` finds it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)


def end_orphans(*, keep: Collection[int]) -> None:
    """Kill every child that we still have, but those to `keep`; a killed one's own children come next."""
    while orphans := _children_of(os.getpid()) - set(keep):
        for pid in orphans:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _children_of(parent: int) -> set[int]:
    """Process ids by the fourth field of /proc/PID/stat; empty where there is no /proc."""
    children = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name, in brackets, may hold anything: the fields are counted from its end.
            if int(stat.read_text(errors="replace").rpartition(")")[2].split()[1]) == parent:
                children.add(int(stat.parent.name))
    return children
