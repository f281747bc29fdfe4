"""The chaos test (issue 5): everything is killed, paused, slowed and restarted while calls come in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.faults import POSTGRES, SQLITE
from tests.moments import ROOT
from tests.refusing import REFUSES

SEED, SECONDS, CALLS_A_SECOND = 5, 6, 4
"""A small run, because everybody who runs the tests waits for it; `make chaos` does whole ones, with other seeds."""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")


# "Afterwards: every caller heard a sensible document at every step that reached a living web process, calls on file =
# calls placed, CRM = on file, no employee left busy, no job lost" (issue 5, part 3).
@linux
def test_every_call_is_answered_on_file_and_filed_whatever_happens(tmp_path: Path) -> None:
    options = {"seed": SEED, "seconds": SECONDS, "calls-per-second": CALLS_A_SECOND, "every": 0.6, "logs": tmp_path}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nMore in {tmp_path}"


# "while web, worker, Redis, SQL and the CRM are killed, paused, slowed and restarted" (issue 5, part 3).
@pytest.mark.parametrize("victim", ["web", "worker", "valkey", "postgresql"])
@pytest.mark.parametrize("how", ["killed", "paused", "restarted"])
def test_every_part_can_be_struck_in_every_way(victim: str, how: str) -> None:
    assert any(name.startswith(victim) and name.endswith(how) for name in POSTGRES), (victim, how)


# Full, or read-only: as common as being away.
def test_every_store_can_take_nothing() -> None:
    assert {f"valkey is {how}" for how in REFUSES} <= SQLITE.keys() & POSTGRES.keys()
    assert "no file can be written to" in SQLITE
    assert "postgresql read-only" in POSTGRES


def test_every_line_can_be_slowed_silenced_and_broken() -> None:
    for name in ("redis", "sql", "crm"):
        for how in ("slow", "silent", "broken"):
            assert f"the line to {name} is {how}" in POSTGRES
    assert "the file is locked" in SQLITE
