"""What processes have used, as Linux counts it (proc(5)): CPU, and memory, with what is shared divided by its users."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

PROC = Path("/proc")


def children(pid: int) -> list[int]:
    """The processes that a process has started, in order."""
    found = (PROC / str(pid) / "task").glob("*/children")
    return sorted(int(child) for each in found for child in each.read_text().split())


def family(pid: int) -> list[int]:
    """A process, and all that it and they have started."""
    return [pid, *(one for child in children(pid) for one in family(child))]


def cpu(pids: Iterable[int]) -> float:
    """Seconds of CPU that the threads of processes have used since they began."""
    threads = (thread for pid in pids for thread in (PROC / str(pid) / "task").iterdir())
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def memory(pid: int) -> tuple[float, float]:
    """MB of a process: its own and its share of what it shares (PSS), and all that it can reach (RSS)."""
    said = (PROC / str(pid) / "smaps_rollup").read_text()
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB$", said, re.M))
    return int(found["Pss"]) / 1024, int(found["Rss"]) / 1024
