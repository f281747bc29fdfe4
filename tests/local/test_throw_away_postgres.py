"""The throw-away PostgreSQL of `make test-postgres` and `.ci/run`: there while a command runs, and gone afterwards."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from calls.database import connect
from local import CannotStartError, postgres
from tests.moments import ROOT

RUN = [sys.executable, "-m", "local.postgres", "run"]
FIND = 'echo "$POSTGRES_TEST_URL"; '


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        postgres.programs()
    except CannotStartError as problem:
        pytest.skip(str(problem))


def folder_of(url: str) -> Path:
    return Path(url.partition("host=")[2].partition("&")[0])


def test_a_command_finds_a_server_that_answers() -> None:
    with postgres.throw_away() as running:
        engine = connect(running.url)
        with engine.connect() as connection:
            assert connection.execute(text("SHOW server_encoding")).scalar() == "UTF8"
            assert connection.execute(text("SHOW listen_addresses")).scalar() == ""
        engine.dispose()
    assert running.process.poll() == 0
    assert not running.folder.exists()


@pytest.mark.parametrize("code", [0, 7])
def test_the_exit_code_is_the_commands_and_nothing_is_left(code: int) -> None:
    done = subprocess.run(
        [*RUN, "sh", "-c", f"{FIND} exit {code}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith("postgresql://ringpath@/")
    assert not folder_of(done.stdout.strip()).exists()


def test_a_run_that_is_told_to_end_stops_its_command_and_its_server() -> None:
    command = [*RUN, "sh", "-c", f"{FIND} exec sleep 60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        folder = folder_of(running.stdout.readline().strip())
        assert folder.exists()
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 128 + signal.SIGTERM
    assert not folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's signal on a parent's death is Linux's")
def test_a_run_that_is_killed_takes_its_server_along() -> None:
    with subprocess.Popen(
        [*RUN, "sh", "-c", f"{FIND} exec cat"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        folder = folder_of(running.stdout.readline().decode().strip())
        pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        running.kill()
    until = time.monotonic() + 30
    while is_alive(pid):
        assert time.monotonic() < until
        time.sleep(0.05)
    postgres.forget(folder)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(postgres, "PLACES", ("/nowhere/*/bin",))
    with pytest.raises(CannotStartError, match="apt install postgresql"):
        postgres.programs()


def test_a_server_that_cannot_be_made_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(postgres, "_as_somebody", lambda command: ("/bin/false", *command))
    with pytest.raises(CannotStartError, match="made no database"):
        postgres.create()
    assert list(tmp_path.iterdir()) == []


def test_the_newest_of_several_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for version in ("9.6", "15", "17", "2"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "postgres").touch()
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(postgres, "PLACES", (f"{tmp_path}/*/bin",))
    assert postgres.programs() == tmp_path / "17" / "bin"


def test_a_server_that_cannot_start_says_why() -> None:
    folder = postgres.create()
    try:
        (folder / "data" / "PG_VERSION").write_text("1\n")
        with pytest.raises(CannotStartError, match="database files are incompatible"):
            postgres.start(folder)
    finally:
        postgres.forget(folder)


def test_it_may_be_stopped_and_started_again_with_what_it_held() -> None:
    folder = postgres.create()
    try:
        first = postgres.start(folder)
        engine = connect(first.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE kept (it text)"))
        postgres.stop(first)
        second = postgres.start(folder)
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM kept")).scalar() == 0
        engine.dispose()
        postgres.stop(second)
    finally:
        postgres.forget(folder)


def test_anything_else_is_answered_with_how_it_is_used() -> None:
    assert postgres.main(["run"]) == 2
    assert postgres.main(["start", "x"]) == 2


MAKE = """.PHONY: check audit test-providers test .venv/.installed-dev
.venv/.installed-dev:
\t@true
check:
\t@echo checked
audit:
\t@true
test-providers:
\t@true
test:
\t@echo "tested $${POSTGRES_TEST_URL:-without}"; exit 1
"""


@pytest.mark.parametrize("there", [True, False])
def test_ci_starts_a_server_or_goes_on_without_and_ends_with_what_the_tests_say(tmp_path: Path, there: bool) -> None:
    for name in (".ci", "local"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "Makefile").write_text(MAKE)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "make", "sed", "id", "dirname", "sh", "echo", "true", "setpriv"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    if not there:
        (tmp_path / "local" / "postgres.py").write_text("import sys; sys.exit('there is no PostgreSQL')")
    environ = {"PATH": f"{programs}:{postgres.programs()}" if there else str(programs), "HOME": str(tmp_path)}
    done = subprocess.run([tmp_path / ".ci" / "run"], env=environ, capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 2, done.stdout + done.stderr
    checked, tested = done.stdout.splitlines()
    assert checked == "checked"
    assert tested.startswith("tested postgresql://" if there else "tested without"), done.stderr
    assert done.returncode != 0
    assert not there or not folder_of(tested).exists()
