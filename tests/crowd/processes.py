"""Processes by their parentage, as /proc tells of it."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Seen(NamedTuple):
    """A process: `born` in ticks since the machine was started, and how many threads it has."""

    born: int
    pid: int
    parent: int
    threads: int


def children(parent: int) -> list[Seen]:
    """The children of a process, the eldest first."""
    return sorted(found for found in _everybody() if found.parent == parent)


def descendants(parent: int) -> list[Seen]:
    """Its children, their children, and so on; a parent always stands before its children."""
    everybody, found = list(_everybody()), [parent]
    for pid in found:
        found += [each.pid for each in everybody if each.parent == pid]
    return [each for pid in found[1:] for each in everybody if each.pid == pid]


def kill(*pids: int) -> int:
    """Kill some of them with -9; returns how many there were."""
    killed = 0
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed += 1
    return killed


def _everybody() -> Iterator[Seen]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # the name, in brackets, may hold anything: the fields are counted from its end (man 5 proc)
            state, parent, *more = stat.read_text(errors="replace").rpartition(")")[2].split()
            if state != "Z":
                yield Seen(born=int(more[17]), pid=int(stat.parent.name), parent=int(parent), threads=int(more[15]))
