"""A worker that is told to stop when the process of a job has just been forked: `… REDIS_URL`."""

from __future__ import annotations

import os
import signal
import sys
from types import SimpleNamespace
from typing import Any, cast

from redis import Redis

from live import queue as queues
from live.worker import _worker

DONE = "done"
JOB = "tests.live.stopped_at_a_fork.job"
PATIENCE = 20


def job(url: str) -> None:
    """Leave a trace."""
    Redis.from_url(url).set(DONE, 1)


def stop_the_worker() -> None:
    """In the process of the job, before all that rq does there: go on as soon as the worker has sent its signal."""
    os.kill(os.getppid(), signal.SIGTERM)
    if signal.sigtimedwait({signal.SIGRTMIN}, PATIENCE):
        os.kill(os.getpid(), signal.SIGRTMIN)  # as it was before we looked


def main(url: str) -> None:
    """Work until stopped."""
    queues.KNOWN |= {JOB}
    redis = Redis.from_url(url)
    queues.queue(redis).enqueue(JOB, url)
    os.register_at_fork(after_in_child=stop_the_worker)
    _worker(queues.QUICK, os.getppid(), cast("Any", SimpleNamespace(log_level="INFO")), None)(redis)


if __name__ == "__main__":
    main(sys.argv[1])
