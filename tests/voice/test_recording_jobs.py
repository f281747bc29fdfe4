"""The jobs about recordings as a worker runs them, and when recordings stay at the provider."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rq.registry import FailedJobRegistry

from calls.tables import metadata
from config.environment import Environment, of_process
from config.storage import Bucket, Folder
from live.queue import OURS, PERIODIC, SLOW, Every, queue
from simulator.sound import Sound
from tests.details.recorded import a_recorded_call, put, row
from tests.moments import SAMPLE
from tests.voice.working import NAME, Counting, Worker
from voice.recordings.keeping import NEVER, NO_API, NO_DISK, warning, why_remote

RECORDING = "RE" + "1" * 32


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, worker: Worker) -> Path:
    """Where the worker keeps recordings."""
    place = tmp_path / "recordings"
    monkeypatch.setenv("RECORDINGS_URL", f"file://{place}")
    monkeypatch.delenv("DYNO", raising=False)
    of_process.cache_clear()
    return place


def does(worker: Worker, job: str) -> None:
    """Let the worker do a job, which must not fail."""
    origin = queue(worker.redis, NAME)
    origin.enqueue(job)
    Counting([origin], connection=worker.redis, **OURS).work(burst=True, logging_level="CRITICAL")
    assert len(FailedJobRegistry(queue=origin)) == 0


def is_recorded(worker: Worker, ago: timedelta = timedelta(), **fields: object) -> str:
    """Let there be a recording that was made some time ago."""
    now = datetime.now(UTC)
    url = worker.side.record(Sound(seconds=2), RECORDING)
    values = {"id": RECORDING, "url": url, "recorded_at": now - ago, "due_at": now}
    return a_recorded_call(worker.engine, **values | fields)


def files(folder: Path) -> list[str]:
    """What lies in the folder."""
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_the_jobs_run_at_regular_times_where_no_caller_waits_behind_them() -> None:
    assert PERIODIC["voice.recordings.jobs.fetch_recordings"] == Every(10, SLOW)
    assert PERIODIC["crm.jobs.attach_recordings"] == Every(10, SLOW)
    assert PERIODIC["voice.recordings.jobs.remove_recordings"] == Every(60, SLOW)


def test_a_worker_fetches(worker: Worker, folder: Path) -> None:
    is_recorded(worker)
    does(worker, "voice.recordings.jobs.fetch_recordings")
    assert row(worker.engine, RECORDING).state == "kept"
    assert files(folder) == [f"{RECORDING}.wav"]


# The sample company keeps recordings for 365 days.
def test_a_worker_removes(worker: Worker, folder: Path) -> None:
    is_recorded(worker, timedelta(days=364))
    does(worker, "voice.recordings.jobs.fetch_recordings")
    does(worker, "voice.recordings.jobs.remove_recordings")
    assert files(folder) == [f"{RECORDING}.wav"]
    put(worker.engine, RECORDING, recorded_at=datetime.now(UTC) - timedelta(days=366))
    does(worker, "voice.recordings.jobs.remove_recordings")
    assert (row(worker.engine, RECORDING).state, files(folder)) == ("removed", [])
    assert RECORDING not in worker.side.rest.exchange.sounds


# By default they stay for ever.
def test_without_the_setting_nothing_is_removed(worker: Worker, folder: Path, environment: Callable[..., None]) -> None:
    text = SAMPLE.read_text("utf-8").replace("recordings: {keep_days: 365}", "recordings: {}")
    environment(worker.side.url, text)
    is_recorded(worker, timedelta(days=9999), state="remote", due_at=None)
    does(worker, "voice.recordings.jobs.remove_recordings")
    assert row(worker.engine, RECORDING).state == "remote"


def test_a_database_that_is_gone_is_asked_again_next_time(
    worker: Worker, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    metadata.drop_all(worker.engine)
    for job in (
        "voice.recordings.jobs.fetch_recordings",
        "voice.recordings.jobs.remove_recordings",
        "crm.jobs.attach_recordings",
    ):
        does(worker, job)
    metadata.create_all(worker.engine)
    assert "recordings wait to be fetched" in caplog.text
    assert "old recordings wait to be removed" in caplog.text
    assert "recordings wait to be attached" in caplog.text


# Where nothing can be kept nothing is fetched.
def test_on_dynos_nothing_is_fetched_without_a_bucket(
    worker: Worker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_recorded(worker)
    monkeypatch.setenv("DYNO", "worker.1")
    does(worker, "voice.recordings.jobs.fetch_recordings")
    assert (row(worker.engine, RECORDING).state, files(folder)) == ("pending", [])
    assert worker.side.rest.requests == []


TWILIO = Environment(provider="twilio")
BUCKET = Bucket(endpoint="https://s3.example.com", name="calls", key="k", secret="s")


@pytest.mark.parametrize(
    ("environment_", "dyno", "reason"),
    [
        (TWILIO, False, None),
        (replace(TWILIO, provider="simulator"), False, NO_API),
        (replace(TWILIO, provider="simulator", twilio_api_url="http://127.0.0.1:1"), False, None),
        (replace(TWILIO, provider="somleng"), False, NO_API),
        (replace(TWILIO, provider="cloudonix"), False, NEVER),
        (replace(TWILIO, provider="cloudonix", twilio_api_url="http://127.0.0.1:1"), False, NEVER),
        (TWILIO, True, NO_DISK),
        (replace(TWILIO, recordings_url=Folder(path=Path("/srv/recordings"))), True, NO_DISK),
        (replace(TWILIO, recordings_url=BUCKET), True, None),
        (replace(TWILIO, recordings_url=BUCKET, provider="somleng"), True, NO_API),
    ],
)
def test_when_recordings_stay_at_the_provider(
    environment_: Environment, dyno: bool, reason: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DYNO", raising=False)
    if dyno:
        monkeypatch.setenv("DYNO", "web.1")
    assert why_remote(environment_) == reason
    wanted = None if reason is None or environment_.provider == "simulator" else f"recordings stay there: {reason}"
    assert warning(environment_) == wanted


# The log says once a day that they do.
def test_the_log_says_that_recordings_stay_there(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PROVIDER", "twilio")
    monkeypatch.setenv("DYNO", "worker.1")
    of_process.cache_clear()
    worker.does("remind")
    assert NO_DISK in caplog.text
