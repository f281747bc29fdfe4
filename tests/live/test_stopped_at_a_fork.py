"""A worker that is told to stop while it forks the process of a job ends nobody else, and the job is done."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from redis import Redis

from live.queue import queue
from tests.live.stopped_at_a_fork import DONE
from tests.moments import ROOT

PATIENCE = 60


# rq signals the process group of the job, which is the worker's own until the job has made one: the worker, and with it
# everybody whom the same shell had started, was ended by SIGRTMIN (exit status 162 in the shell).
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="macOS has no SIGRTMIN")
def test_a_stop_while_a_job_is_forked(redis_url: str, redis: Redis) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.live.stopped_at_a_fork", redis_url],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        start_new_session=True,  # or a fault would end the tests
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert redis.get(DONE) == b"1", done.stderr
    assert queue(redis).failed_job_registry.get_job_count() == 0
