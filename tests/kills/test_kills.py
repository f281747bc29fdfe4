"""The kill test (issue 3): servers are killed with -9 while calls come in, and every call is on file and filed once."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from importlib import import_module
from pathlib import Path

import pytest

from tests.kills.pauses import PAUSES
from tests.moments import ROOT

CALLS, SECONDS, KILLS = 80, 12, 9
"""A small run, because everybody who runs the tests waits for it; `make kills` does the whole one."""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")


# "kill -9 of worker, web and Redis in random moments …; afterwards call details and the portal hold exactly [those]
# calls, right outcomes, right owners" (issue 3, tests). A process of its own, because the run is a whole platform.
@linux
def test_every_call_is_on_file_and_filed_once_whatever_is_killed(tmp_path: Path) -> None:
    words = ["--calls", CALLS, "--seconds", SECONDS, "--kills", KILLS, "--logs", tmp_path]
    done = subprocess.run(
        [sys.executable, "-m", "tests.kills", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nMore in {tmp_path}"


# A pause that has been renamed would end every server at its start, and the run with nothing but their logs.
@pytest.mark.parametrize("name", PAUSES)
def test_every_pause_that_is_shortened_exists_and_is_longer(name: str) -> None:
    module, _, constant = name.rpartition(".")
    old, new = getattr(import_module(module), constant), PAUSES[name]
    if isinstance(new, dict):
        assert all((getattr(old[key], "seconds", None) or old[key].wait) > seconds for key, seconds in new.items())
    elif constant != "RATE":
        assert (old.total_seconds() if isinstance(old, timedelta) else old) > new
