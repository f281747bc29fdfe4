"""The worker: `python -m live.worker` runs background jobs, and the clockwork beside it.

The flags are those under which a killed worker's jobs were recovered soonest (README, measurements); one queue per
worker, because a worker on several can lose a job.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys

from dotenv import load_dotenv
from rq.worker import HerokuWorker, Worker

from config.environment import EnvironmentProblem, read
from live.connection import connect
from live.queue import clockwork, queue
from live.url import redis_url

KIND = HerokuWorker if hasattr(signal, "SIGRTMIN") else Worker
"""The first lets a job finish when every process gets SIGTERM, as on Heroku; it needs a signal that macOS lacks."""


def main() -> int:
    """Run until told to stop."""
    load_dotenv()
    try:
        environment = read()
    except EnvironmentProblem as problem:
        print(f"The environment is not complete:\n{problem}", file=sys.stderr)
        return 2
    logging.basicConfig(level=environment.log_level, format="%(levelname)s %(name)s %(message)s")
    redis = connect(redis_url(environment), answer_within=None)
    # Forked on every system, as rq forks its jobs: a spawned or served one could not take the connection along.
    fork = multiprocessing.get_context("fork")
    ticking = fork.Process(target=clockwork, args=(redis, os.getpid()), daemon=True, name="clockwork")
    ticking.start()
    try:
        worker = KIND(
            [queue(redis)], connection=redis, worker_ttl=30, maintenance_interval=10, job_monitoring_interval=5
        )
        # rq tells of every job it takes, and one comes every half minute: only its warnings, unless all is wanted
        worker.work(logging_level="DEBUG" if environment.log_level == "DEBUG" else "WARNING")
    finally:
        ticking.terminate()
        ticking.join(5)
    return 0


if __name__ == "__main__":
    sys.exit(main())
