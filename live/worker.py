"""The worker: `python -m live.worker` runs the background jobs of every queue, and the clockwork beside them.

It is the parent of a process for each queue and of one that keeps time, starts again what ends by itself, and does
nothing else. The flags are those under which a killed worker's jobs were recovered soonest (docs/measurements.md).
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Any

from dotenv import load_dotenv
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.intermediate_queue import IntermediateQueue
from rq.worker import HerokuWorker, Worker

from config.environment import Environment, EnvironmentProblem, of_process
from config.problems import SettingsError
from live import about, logs
from live.connection import connect
from live.queue import BEFORE_A_JOB, OF_A_CALL, OURS, PERIODIC, QUEUES, SLOW, OurJob, clockwork, queue
from live.url import redis_url

KIND = HerokuWorker if hasattr(signal, "SIGRTMIN") else Worker
"""The first lets a job finish when every process gets SIGTERM, as on Heroku; it needs a signal that macOS lacks."""

FORK = multiprocessing.get_context("fork")
"""On every system, as rq forks its jobs: nothing is loaded twice."""

GLANCE = 0.5
"""Seconds between two looks at whether a process, or its parent, is still there, or a stop was told: below the second
in which rq takes two signals, the platform's and ours, for one."""

FIRST_PAUSE = 1.0

LONGEST_PAUSE = 30.0
"""Seconds before a process that keeps ending is started again; doubled each time."""

LIVED_WELL = 60.0
"""Seconds after which a process that ends is started again as if it had never ended before."""

HELD = {signal.SIGTERM, signal.SIGINT} | ({signal.SIGRTMIN} if hasattr(signal, "SIGRTMIN") else set())
"""Signals that wait while the process of a job is being forked: before it has handlers of its own, it has its parent's,
which would write on the parent's connection, or none, and would end."""

log = logging.getLogger("ringpath.worker")


class Part:
    """One of the processes: what it does, and when it may be started again."""

    def __init__(self, name: str, task: Callable[[], None]) -> None:
        self._name, self._task = name, task
        self._pause, self._began, self._not_before = FIRST_PAUSE / 2, 0.0, 0.0
        self.process: BaseProcess | None = None

    def start_if_due(self, now: float) -> None:
        """Start it, unless it runs or has just ended."""
        if self.process is None and now >= self._not_before:
            self.process = FORK.Process(target=self._task, daemon=True, name=self._name)
            self.process.start()
            self._began = now

    def look(self, now: float) -> None:
        """See whether it has ended, and plan when it starts again."""
        if self.process is None or self.process.is_alive():
            return
        log.warning("%s ended by itself (%s), and is started again", self._name, self.process.exitcode)
        before = FIRST_PAUSE / 2 if now - self._began > LIVED_WELL else self._pause
        self._pause = min(before * 2, LONGEST_PAUSE)
        self._not_before, self.process = now + self._pause, None


class Stop:
    """Whether somebody has told the worker to stop; its children forget it, and hear for themselves."""

    def __init__(self) -> None:
        self.told = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        self.told.set()

    def leave_to_the_child(self) -> None:
        """In a new child: have the signals do what they do anywhere, and end if one has come meanwhile."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        if self.told.is_set():
            sys.exit()


def main() -> int:
    """Run until told to stop."""
    if os.environ.get("FLASK_SKIP_DOTENV", "").lower() in {"", "0", "false", "no"}:  # as Flask reads it
        load_dotenv()
    try:
        environment = of_process()
        logs.begin(environment, "worker")
        before_a_job = _load()
    except EnvironmentProblem as problem:
        print(f"The environment is not complete:\n{problem}", file=sys.stderr)
        return 2
    except SettingsError as problem:
        print(f"The settings are not right:\n{problem}", file=sys.stderr)
        return 2
    address, stop, parent = redis_url(environment), Stop(), os.getpid()

    def task(run: Callable[[Redis], None]) -> Callable[[], None]:
        def of_child() -> None:
            stop.leave_to_the_child()
            _run_and_tell(lambda: run(connect(address, answer_within=None)))

        return of_child

    def keep_time(redis: Redis) -> None:
        logs.call_this_process("clockwork")
        clockwork(redis, parent)

    parts = [Part("the clockwork", task(keep_time))]
    before = {SLOW: before_a_job}
    parts += [
        Part(f"the worker of {name}", task(_worker(name, parent, environment, before.get(name)))) for name in QUEUES
    ]
    _watch(parts, stop)
    return 0


def _run_and_tell(run: Callable[[], None]) -> None:
    """Run what a child does; what ends it is logged, and not printed by multiprocessing with all that is in it."""
    try:
        run()
    except RedisError as error:
        log.error("Redis is out of reach (%s)", error)  # noqa: TRY400 - a trace adds nothing
        sys.exit(1)
    except Exception:
        log.exception("nobody caught a fault")
        sys.exit(1)


def _load() -> Callable[[], None]:
    """Read the settings and the jobs' modules once, here, and not in every process that is forked for a job.

    Returns what takes up the settings that are published later.
    """
    for job in PERIODIC:
        import_module(job.rpartition(".")[0])
    module, _, name = BEFORE_A_JOB.rpartition(".")
    before_a_job: Callable[[], None] = getattr(import_module(module), name)
    before_a_job()
    return before_a_job


def _watch(parts: list[Part], stop: Stop) -> None:
    while not stop.told.is_set():
        now = time.monotonic()
        for part in parts:
            part.look(now)
            part.start_if_due(now)
        wait([part.process.sentinel for part in parts if part.process], timeout=GLANCE)
    running = [part.process for part in parts if part.process]
    for process in running:
        process.terminate()
    for process in running:
        process.join()


class Attentive(KIND):  # type: ignore[misc, valid-type]
    """A worker that does something before it forks a process for a job, and whose log says what it is at work on."""

    before_a_job: Callable[[], None] | None = None

    def execute_job(self, job: OurJob, origin: Queue) -> None:
        """Do one, in a process of its own; what cannot be read is dropped, and not kept as a job that has failed."""
        if job.readable:
            super().execute_job(job, origin)
            return
        log.warning("job %s on %s is dropped: it is none that this version can read", job.id, origin.name)
        job.delete()
        IntermediateQueue(origin.key, connection=self.connection).remove(job.id)

    def fork_work_horse(self, *arguments: Any) -> None:
        """Fork one."""
        if self.before_a_job is not None:
            self.before_a_job()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
        try:
            super().fork_work_horse(*arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def setup_work_horse_signals(self) -> None:
        """In the process that was forked: from here on it hears signals."""
        super().setup_work_horse_signals()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HELD)

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """Signal the process of the job, and nobody else.

        rq signals its group, which is ours, with everybody who started us in it, until it has made one of its own.
        """
        if not self.horse_pid:
            return
        with suppress(ProcessLookupError):
            os.setpgid(self.horse_pid, self.horse_pid)
        super().kill_horse(sig)

    def perform_job(self, job: OurJob, *more: Any) -> bool:
        """Do one, in the process that was forked for it; rq's own lines about it are in there too."""
        with about.at(**_told_of(job)):
            done: bool = super().perform_job(job, *more)
            return done


def _told_of(job: OurJob) -> dict[str, str]:
    of_a_call = job.func_name in OF_A_CALL and job.args
    return {"job": job.id} | ({"call": str(job.args[0])} if of_a_call else {})


def _worker(
    name: str, parent: int, environment: Environment, before_a_job: Callable[[], None] | None
) -> Callable[[Redis], None]:
    """Make the process that empties one queue."""

    def run(redis: Redis) -> None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True, name="leash").start()
        queues, often = [queue(redis, name)], {"maintenance_interval": 10, "job_monitoring_interval": 5}
        worker = Attentive(queues, connection=redis, worker_ttl=30, **often, **OURS)
        worker.before_a_job = before_a_job
        # rq tells of every job it takes, and one comes every few seconds: only its warnings, unless all is wanted
        worker.work(logging_level="DEBUG" if environment.log_level == "DEBUG" else "WARNING")

    return run


def _end_with(parent: int) -> None:
    """Stop this process, as if it had been told to, when its parent has been killed."""
    while os.getppid() == parent:
        time.sleep(GLANCE)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
