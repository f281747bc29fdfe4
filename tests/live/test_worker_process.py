"""The worker as a real process: it starts, works, keeps time, and stops leaving nobody behind."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError
from rq.results import Result

from config.environment import Environment, EnvironmentProblem
from live.queue import PERIODIC, QUEUES, SLOW, OurJob, queue, unattended
from live.worker import main
from local.house import ACCOUNT, PUBLIC_URL, TOKEN, served
from tests.databases import migrated, shared_database
from tests.live.asking import Switch
from tests.moments import ROOT, SAMPLE

PATIENCE = 30.0
"""Seconds for what takes one or two when all is well."""

CONFIRMS = "voice.jobs.confirm_calls"

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="children are looked up in /proc")


class Provider:
    """A provider who knows us, and has never heard of any call; `asked` is set as soon as somebody asks."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def __call__(self, environ: dict[str, str], start_response: Callable[..., object]) -> list[bytes]:
        """Serve one request."""
        self.asked.set()
        listed = environ["PATH_INFO"].endswith("/Calls.json")
        status, body = ("200 OK", b'{"calls": []}') if listed else ("404 Not Found", b"{}")
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]


@pytest.fixture
def provider() -> Provider:
    """Such a provider."""
    return Provider()


class Workers:
    """Starts `python -m live.worker`, and at the end kills whatever of it still runs."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self._folder, self._environ = folder, environ
        self._started: list[subprocess.Popen[str]] = []
        self._offspring: list[int] = []

    def start(self, **environ: str) -> subprocess.Popen[str]:
        """Start one, with these variables besides."""
        command = [sys.executable, "-m", "live.worker"]
        variables = self._environ | environ
        self._started.append(
            subprocess.Popen(command, cwd=self._folder, env=variables, stderr=subprocess.PIPE, text=True)
        )
        return self._started[-1]

    def children(self, worker: subprocess.Popen[str]) -> list[int]:
        """The processes that a worker has started."""
        found = [int(child) for child in Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().split()]
        self._offspring += found
        return found

    def close(self) -> None:
        """Kill what a failed test has left."""
        for worker in self._started:
            worker.kill()
            worker.wait()
            assert worker.stderr is not None
            worker.stderr.close()
        for pid in self._offspring:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def workers_here(redis_url: str, redis: Redis, tmp_path: Path, provider: Provider) -> Iterator[Workers]:
    """Workers with a provider's REST API."""
    with served(provider) as api:  # type: ignore[arg-type]
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PUBLIC_URL": PUBLIC_URL,
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "SECRET_KEY": "a secret of the tests",
            "TWILIO_API_URL": api,
            "REDIS_URL": redis_url,
            "DATABASE_URL": shared_database(),
            "COMPANY_FILE": str(SAMPLE),
            "LOG_LEVEL": "INFO",
        }
        found = Workers(tmp_path, environ)
        yield found
        found.close()


def ends(pid: int) -> bool:
    """Whether a process ends in time (the kernel tells, nobody polls)."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with contextlib.closing(os.fdopen(descriptor)) as process:
        return bool(select.select([process], [], [], PATIENCE)[0])


def works(provider: Provider, redis: Redis) -> None:
    """Wait until the clockwork has had a periodic job done."""
    assert provider.asked.wait(PATIENCE)
    now = int(time.time() // PERIODIC[CONFIRMS].seconds)
    jobs = [job for period in (now - 1, now) if (job := _found(f"confirm_calls-{period}", redis))]
    result = jobs[0].latest_result(timeout=int(PATIENCE))
    assert result is not None
    assert result.type == Result.Type.SUCCESSFUL


def _found(job_id: str, redis: Redis) -> OurJob | None:
    try:
        return OurJob.fetch(job_id, connection=redis)
    except NoSuchJobError:
        return None


def talks(redis: Redis) -> Switch:
    """Ana, on a call whose end was lost."""
    switch = Switch(redis, now=datetime.now(UTC) - timedelta(minutes=2))
    switch.rings("CA unheard of", "ana")
    return switch.leg("CA unheard of", "ana", "in-progress")


# The worker starts, keeps time, does a job, and stops on SIGTERM (Ctrl-C: SIGINT) leaving no child.
@linux
@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_works_and_stops_when_told(
    workers_here: Workers, redis: Redis, provider: Provider, stop: signal.Signals
) -> None:
    switch = talks(redis)
    worker = workers_here.start()
    works(provider, redis)
    assert switch.state("ana") == "free"
    assert unattended(redis) == []
    offspring = workers_here.children(worker)
    assert offspring
    worker.send_signal(stop)
    _, said = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 0
    assert [pid for pid in offspring if not ends(pid)] == []
    assert unattended(redis) == list(QUEUES)
    assert "Traceback" not in said
    assert "CA unheard of ended" in said
    assert TOKEN not in said


# On an upgrade the jobs of the version before, which were pickled, are in the way of nobody: not even of the same jobs
# of the same minute, for which they have the id.
@linux
def test_jobs_of_an_older_version_are_made_good(workers_here: Workers, redis: Redis, provider: Provider) -> None:
    period = int(time.time() // PERIODIC[CONFIRMS].seconds)
    old = [f"confirm_calls-{each}" for each in (period, period + 1)]
    for job_id in old:
        Queue(SLOW, connection=redis).enqueue(CONFIRMS, job_id=job_id, unique=True)
    talks(redis)
    worker = workers_here.start()
    works(provider, redis)
    worker.terminate()
    _, said = worker.communicate(timeout=PATIENCE)
    assert [job_id for job_id in old if f"job {job_id} on {SLOW} is dropped" not in said] == []
    assert "Traceback" not in said


# A worker that was killed leaves nobody behind who would keep its connection, or take jobs next to its successor.
@linux
def test_what_a_killed_worker_has_started_ends_by_itself(
    workers_here: Workers, redis: Redis, provider: Provider
) -> None:
    talks(redis)
    worker = workers_here.start()
    works(provider, redis)
    offspring = workers_here.children(worker)
    worker.kill()
    worker.wait()
    assert offspring
    assert [pid for pid in offspring if not ends(pid)] == []


# "A worker killed with -9 at any line" (issue 3, part 4): whichever process it was, jobs go on.
@linux
def test_a_process_of_the_worker_that_was_killed_is_started_again(
    workers_here: Workers, redis: Redis, redis_url: str, provider: Provider
) -> None:
    patient = Redis.from_url(redis_url, socket_timeout=2 * PATIENCE)
    worker = workers_here.start()
    works(provider, redis)
    first = workers_here.children(worker)
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    # A job that Redis hands to a process that is dying is lost (rq fails it a minute later), as the next sweep mends.
    assert [pid for pid in first if not ends(pid)] == []
    for name in QUEUES:
        job = queue(patient, name).enqueue(CONFIRMS)
        result = job.latest_result(timeout=int(PATIENCE))
        assert result is not None
        assert result.type == Result.Type.SUCCESSFUL
    assert not set(workers_here.children(worker)) & set(first)
    patient.close()


# A missing or malformed value is named at start, all of them at once (DESIGN section 5).
def test_the_worker_does_not_start_in_a_broken_environment(workers_here: Workers) -> None:
    worker = workers_here.start(PUBLIC_URL="", TWILIO_AUTH_TOKEN="two words", PROVIDER="pigeon", REDIS_URL="http://x")
    _, said = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 2
    for name in ("PUBLIC_URL", "TWILIO_AUTH_TOKEN", "PROVIDER", "REDIS_URL"):
        assert name in said
    assert "Traceback" not in said
    assert "two words" not in said


def test_the_worker_does_not_start_with_broken_settings(workers_here: Workers, tmp_path: Path) -> None:
    broken = tmp_path / "company.yaml"
    broken.write_text("company: Acme\nnumbrs: {}\n", "utf-8")
    nothing = migrated(f"sqlite:///{tmp_path}/nothing-published.sqlite")
    worker = workers_here.start(COMPANY_FILE=str(broken), DATABASE_URL=nothing)
    _, said = worker.communicate(timeout=PATIENCE)
    assert worker.returncode == 2
    assert "numbrs" in said
    assert "Traceback" not in said


# Flask's commands and the tests say with one variable that .env is not for them; the worker is no exception.
@pytest.mark.parametrize(("skips", "reads"), [("1", 0), ("true", 0), ("", 1), ("0", 1), (None, 1)])
def test_the_worker_leaves_env_files_alone_when_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, skips: str | None, reads: int
) -> None:
    monkeypatch.delenv("FLASK_SKIP_DOTENV", raising=False)
    if skips is not None:
        monkeypatch.setenv("FLASK_SKIP_DOTENV", skips)
    read: list[None] = []

    def lacks_what_it_needs() -> Environment:
        raise EnvironmentProblem([])

    monkeypatch.setattr("live.worker.load_dotenv", lambda: read.append(None))
    monkeypatch.setattr("live.worker.of_process", lacks_what_it_needs)
    assert main() == 2
    assert len(read) == reads
