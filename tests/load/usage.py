"""What processes use, as /proc tells of it: seconds of a processor, and memory with shared pages counted by share."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tests.crowd.processes import descendants

TICKS = os.sysconf("SC_CLK_TCK")
KILOBYTE = 1024


class Spent(NamedTuple):
    """Seconds of processors until now: of each part of the run, and of everybody on the machine."""

    by_name: dict[str, float]
    everybody: float


def tree(pid: int | None) -> list[int]:
    """A process and everybody below it."""
    return [pid, *(each.pid for each in descendants(pid))] if pid else []


def spent(parts: dict[str, int | None]) -> Spent:
    """What some processes have spent, with all below them, also those that have ended; and the whole machine."""
    mine = {name: sum(map(_seconds, tree(pid))) for name, pid in parts.items()}
    return Spent(mine | {"load": sum(os.times()[:2])}, _of_the_machine())


def since(before: Spent, after: Spent) -> Spent:
    """What was spent between two looks."""
    mine = {name: round(seconds - before.by_name[name], 2) for name, seconds in after.by_name.items()}
    return Spent(mine, round(after.everybody - before.everybody, 2))


def memory(pids: Iterable[int]) -> int:
    """Bytes that some processes hold; what several share is counted once among them (PSS)."""
    return sum(map(_pss, pids))


def _seconds(pid: int) -> float:
    with suppress(OSError):
        # utime, stime, and those of children that have ended: fields 14 to 17 of proc(5), counted after the name
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / TICKS
    return 0.0


def _of_the_machine() -> float:
    """User, nice, system, irq, softirq and stolen time of all processors."""
    fields = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9]))
    return (sum(fields) - fields[3] - fields[4]) / TICKS


def _pss(pid: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * KILOBYTE
    return 0
