"""create_app(): it starts with everything right, and else says everything that is wrong, without a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import create_app
from config.company import Company
from local.house import house_environment
from tests.databases import migrated
from tests.moments import ROOT, SAMPLE

NEEDED = {
    "PUBLIC_URL": "https://ringpath.example.com",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "hush-token",
    "SECRET_KEY": "a secret of the tests",
    "REDIS_URL": "unix:///nonexistent/valkey.sock",
    "COMPANY_FILE": str(SAMPLE),
    "DATABASE_URL": "sqlite:///{folder}/ringpath.sqlite",
}
"""Each test has a database of its own in its folder, with its tables in it."""
PYTHON = (sys.executable, "-c", "import app; app.create_app()")
GUNICORN = (sys.executable, "-m", "gunicorn", "--check-config", "app:create_app()")
COMMANDS = {"python": PYTHON, "gunicorn": GUNICORN}

BROKEN = """
company: Broken
country: ES
colour: blue
employees:
  ana: {name: Ana, extension: "1O1", devices: ["phone:ana"]}
groups:
  sales: {name: Sales, members: [ana, bob], no_answer: {forward: "+34806123456"}}
numbers:
  "+34910000001": {name: Main, group: marketing, closed: continue}
"""


def run(command: tuple[str, ...], folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a host would, in an environment of its own."""
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder), **environ}
    if "DATABASE_URL" in environ:
        variables["DATABASE_URL"] = migrated(environ["DATABASE_URL"].format(folder=folder))
    variables["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_app_starts_when_everything_is_right(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(command, tmp_path, **NEEDED)
    assert (done.returncode, done.stderr) == (0, "")


# A broken settings file: the app does not start, and says everything that is wrong with it (issue 2, bad input).
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_broken_settings_file_is_told_in_full(command: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "company.yaml"
    file.write_text(BROKEN)
    done = run(command, tmp_path, **NEEDED | {"COMPANY_FILE": str(file)})
    assert done.returncode not in (0, None)
    said = done.stdout + done.stderr
    for wrong in (
        "colour",
        "employees.ana.extension",
        "employees.ana.devices",
        "groups.sales.members",
        "groups.sales.no_answer",
        "numbers.+34910000001.group",
        "numbers.+34910000001.closed",
    ):
        assert wrong in said
    assert "Traceback" not in said
    assert "hush" not in said


# A missing or malformed value is named at start, all of them at once (DESIGN section 5).
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_broken_environment_is_told_in_full(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(command, tmp_path, PROVIDER="pigeon", TWILIO_AUTH_TOKEN="hush hush", REDIS_URL="hush", LOG_LEVEL="info")
    assert done.returncode not in (0, None)
    said = done.stdout + done.stderr
    for name in (
        "PUBLIC_URL is missing",
        "TWILIO_ACCOUNT_SID is missing",
        "TWILIO_AUTH_TOKEN",
        "PROVIDER",
        "REDIS_URL",
    ):
        assert name in said
    assert "Traceback" not in said
    assert "hush" not in said


FILES = {
    "no file": (None, "there is no file"),
    "an empty file": ("", "empty"),
    "no YAML": ("company: [Acme", "line"),
    "not a mapping": ("- a\n- b\n", "mapping"),
    "no text": (b"\xff\xfe\x00company", "UTF-8"),
}


@pytest.mark.parametrize(("text", "said"), FILES.values(), ids=FILES)
def test_a_file_that_is_no_settings_file_is_told(
    text: str | bytes | None, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "company.yaml"
    if text is not None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    database = migrated(NEEDED["DATABASE_URL"].format(folder=tmp_path))
    for name, value in (NEEDED | {"COMPANY_FILE": str(file), "DATABASE_URL": database}).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as end:
        create_app()
    assert str(end.value).startswith("Ringpath cannot start: the settings are not right.\n")
    assert said in str(end.value)


def test_a_start_asks_nothing_of_redis(tmp_path: Path) -> None:
    done = run(PYTHON, tmp_path, **NEEDED | {"REDIS_URL": "redis://192.0.2.1:6379"})
    assert done.returncode == 0


# Small plans allow 20 connections in all; pages have their own, so that no call waits for one that searches.
def test_a_web_process_takes_four_connections_to_postgresql(sample: Company) -> None:
    away = "postgresql://nobody:secret@127.0.0.1:1/none"
    app = create_app(house_environment("unix:///nonexistent/valkey.sock", "twilio", database_url=away), company=sample)
    engines = {app.extensions["ringpath"].closer.engine, app.extensions["reception"].engine}
    assert [(engine.pool.size(), engine.pool._max_overflow) for engine in engines] == [(2, 0), (2, 0)]
