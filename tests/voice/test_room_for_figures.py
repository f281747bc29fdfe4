"""Figures of a web process on a disk that is full: the process lives, and its callers with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.moments import ROOT

COUNTS = """
import errno, os, sys
from pathlib import Path
most, names = int(sys.argv[2]), int(sys.argv[3])
os.environ["PROMETHEUS_MULTIPROC_DIR"] = sys.argv[1]
from voice import figures

take = figures._take

def takes(file, size):
    if size > most:
        raise OSError(errno.ENOSPC, "No space left on device")
    take(file, size)

figures._take = takes
from prometheus_client import CollectorRegistry, Counter, generate_latest, multiprocess
from voice.metrics import TROUBLES
TROUBLES.labels("lost").inc()
counter = Counter("many", "Many", ["name"])
for number in range(names):
    counter.labels(f"{number:0500}").inc()
assert all(counter.labels(f"{number:0500}")._value.get() == 1 for number in range(names))
allocated = [file.stat().st_blocks * 512 >= file.stat().st_size for file in Path(sys.argv[1]).iterdir()]
assert all(allocated), "a file has no place on the disk yet"
registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a file in no folder is Linux'")
@pytest.mark.parametrize(
    ("most", "names", "told", "missing"),
    [
        (1_000_000, 300, ['ringpath_troubles_total{trouble="lost"} 1.0', f'many_total{{name="{299:0500}"}} 1.0'], 0),
        (70_000, 200, ['ringpath_troubles_total{trouble="lost"} 1.0'], 1),
        (60_000, 10, [], 3),
    ],
    ids=["enough room", "no room for more", "no room at all"],
)
def test_a_process_counts_on_whatever_room_there_is(
    tmp_path: Path, most: int, names: int, told: list[str], missing: int
) -> None:
    command = [sys.executable, "-c", COUNTS, str(tmp_path), str(most), str(names)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [text for text in told if text not in done.stdout] == []
    assert done.stderr.count("missing from /metrics (No space left on device): make room on the disk") == missing
