"""gunicorn.conf.py under a real gunicorn that serves a stand-in application."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import multiprocess

from local import valkey

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 30.0
APP = """
import os

def create_app():
    print(f"serving in {os.getpid()} with {os.environ['REDIS_URL']} and {os.environ['PROMETHEUS_MULTIPROC_DIR']}")

    def app(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [" ".join(environ[name] for name in ("wsgi.url_scheme", "SCRIPT_NAME", "PATH_INFO")).encode()]

    return app
"""
# What the configuration comes to, as JSON: run as gunicorn runs it, in an interpreter of its own.
ASK = (
    "import json, runpy; print(json.dumps({name: value for name, value in "
    "runpy.run_path('gunicorn.conf.py').items() if isinstance(value, (str, int, bool))}))"
)


class Gunicorn:
    """A gunicorn in a folder of its own."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "app:create_app()"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1", **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def says(self, pattern: str, times: int = 1) -> list[str]:
        """Read on until the output matches so often; the first group of each."""
        assert self.process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while len(found := re.findall(pattern, self.output)) < times:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            heard = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            if not heard:
                pytest.fail(f"never said {pattern!r}, but:\n{self.output}")
            self.output += heard.decode()
        return found

    def end(self) -> int:
        """Stop it as a host does; the exit code."""
        self.process.terminate()
        heard, _ = self.process.communicate(timeout=PATIENCE)
        self.output += heard.decode()
        return self.process.returncode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(REPOSITORY / "gunicorn.conf.py", tmp_path)
    (tmp_path / "app.py").write_text(APP)
    return tmp_path


@pytest.fixture
def serve(folder: Path, free_port: int) -> Iterator[Callable[..., Gunicorn]]:
    started: list[Gunicorn] = []

    def start(**environ: str) -> Gunicorn:
        started.append(Gunicorn(folder, {"PORT": str(free_port), "BIND_HOST": "127.0.0.1", **environ}))
        return started[-1]

    yield start
    for gunicorn in started:
        gunicorn.process.kill()
        gunicorn.process.communicate()


def configuration(folder: Path, **environ: str) -> dict[str, Any]:
    """The settings under these variables and no others."""
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "PROMETHEUS_MULTIPROC_DIR": str(folder), **environ},
        capture_output=True,
        text=True,
        check=True,
    )
    settings: dict[str, Any] = json.loads(told.stdout)
    return settings


def test_without_redis_url_it_brings_a_valkey_and_takes_it_away(serve: Callable[..., Gunicorn], folder: Path) -> None:
    gunicorn = serve()
    urls = gunicorn.says(r"serving in \d+ with (\S+)", times=2)
    assert set(urls) == {valkey.socket_url(folder / "var")}
    found = valkey.ensure(folder / "var")
    assert not found.owned
    assert found.pid
    assert gunicorn.end() == 0
    with pytest.raises(ProcessLookupError):  # ended before its owner, not by the owner's death
        os.kill(found.pid, 0)


def test_a_redis_url_is_left_alone(serve: Callable[..., Gunicorn], folder: Path) -> None:
    serve(REDIS_URL="redis://127.0.0.1:1/0").says(r"with redis://127\.0\.0\.1:1/0 ", times=2)
    assert not (folder / "var" / "valkey.lock").exists()


def test_a_dyno_without_redis_url_is_told_to_have_one(serve: Callable[..., Gunicorn]) -> None:
    gunicorn = serve(DYNO="web.1")
    gunicorn.says("cannot start: set REDIS_URL: dynos do not share a disk")
    assert gunicorn.process.wait(PATIENCE) != 0
    assert "Traceback" not in gunicorn.output


def test_workers_are_patched_before_tls_is_imported(serve: Callable[..., Gunicorn]) -> None:
    """Later ones too: those are forked from a master that has by then cleaned up after another."""
    gunicorn = serve(WEB_CONCURRENCY="1")
    first = gunicorn.says(r"serving in (\d+)")[0]
    os.kill(int(first), signal.SIGKILL)
    gunicorn.says(r"serving in (\d+)", times=2)
    gunicorn.end()
    assert "MonkeyPatchWarning" not in gunicorn.output


# Under systemd the code's own folder cannot be written to (ProtectSystem=strict), and a checkout has no var/.
def test_nothing_is_made_beside_the_code_where_the_stores_are_elsewhere(
    serve: Callable[..., Gunicorn], folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    metrics = tmp_path_factory.mktemp("run") / "metrics"
    gunicorn = serve(REDIS_URL="redis://127.0.0.1:1/0", PROMETHEUS_MULTIPROC_DIR=str(metrics))
    gunicorn.says(f"and {re.escape(str(metrics))}\n", times=2)
    assert not (folder / "var").exists()


def test_metrics_start_empty(serve: Callable[..., Gunicorn], folder: Path) -> None:
    metrics = folder / "var" / "metrics"
    metrics.mkdir(parents=True)
    (metrics / "counter_1.db").touch()
    serve().says(f"and {re.escape(str(metrics))}\n")
    assert not (metrics / "counter_1.db").exists()


FILES = ("counter_7.db", "gauge_all_7.db", "gauge_liveall_7.db", "gauge_livesum_7.db", "gauge_livesum_77.db")


def test_a_dead_worker_s_gauges_go_as_the_library_has_it(
    serve: Callable[..., Gunicorn], folder: Path, tmp_path: Path
) -> None:
    metrics, library = folder / "var" / "metrics", tmp_path / "library"
    gunicorn = serve(WEB_CONCURRENCY="1")
    pid = gunicorn.says(r"serving in (\d+)")[0]
    library.mkdir()
    for name in FILES:
        for place in (metrics, library):
            (place / name.replace("7", pid, 1)).touch()
    os.kill(int(pid), signal.SIGKILL)
    gunicorn.says(r"serving in (\d+)", times=2)
    multiprocess.mark_process_dead(int(pid), str(library))  # type: ignore[no-untyped-call]
    left = {file.name for file in metrics.iterdir()}
    assert left == {file.name for file in library.iterdir()} - {f"counter_{pid}.db"}, (
        "which is added up: live/tallies.py"
    )
    assert len(left) == 2


@pytest.mark.parametrize(
    ("dyno", "answer"), [("", b"http  /voice/incoming"), ("web.1", b"https  /voice/incoming")], ids=["here", "heroku"]
)
def test_only_behind_a_router_are_forwarded_headers_believed(
    serve: Callable[..., Gunicorn], free_port: int, dyno: str, answer: bytes
) -> None:
    gunicorn = serve(DYNO=dyno, REDIS_URL="redis://127.0.0.1:1/0", FORWARDED_ALLOW_IPS="" if dyno else "192.0.2.1")
    gunicorn.says("serving in", times=2)
    connection = HTTPConnection("127.0.0.1", free_port, timeout=PATIENCE)
    strange = {"X-Forwarded-Proto": "https", "SCRIPT_NAME": "/strange", "PATH_INFO": "/stranger"}
    connection.request("GET", "/voice/incoming", headers=strange)
    assert connection.getresponse().read() == answer
    connection.close()


def test_hosts_reach_it_on_every_address_at_their_port(tmp_path: Path) -> None:
    settings = configuration(tmp_path, PORT="5000", WEB_CONCURRENCY="3", LOG_LEVEL="WARNING")
    assert settings["bind"] == "0.0.0.0:5000"
    assert settings["workers"] == 3
    assert settings["loglevel"] == "warning"
    assert settings["worker_class"] == "gevent"


def test_idle_connections_outlive_the_router_s_and_shutting_down_fits_the_grace(tmp_path: Path) -> None:
    """Heroku's router drops an idle connection after 90 s, and a dyno has 30 s to end."""
    on_heroku, here = configuration(tmp_path, DYNO="web.1"), configuration(tmp_path)
    assert on_heroku["keepalive"] > 90
    assert here["keepalive"] < here["graceful_timeout"] < 10


STREAM = """
import time
from types import SimpleNamespace


class App:
    def __init__(self):
        self.broadcast = SimpleNamespace(alive=lambda: True)
        self.extensions = {"now": SimpleNamespace(broadcast=self.broadcast)}

    def __call__(self, environ, start_response):
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        while self.broadcast.alive():
            yield b": still here"
            time.sleep(0.05)


def create_app():
    print("serving")
    return App()
"""


def test_a_stream_that_is_open_does_not_hold_up_the_end(
    serve: Callable[..., Gunicorn], folder: Path, free_port: int
) -> None:
    (folder / "app.py").write_text(STREAM)
    gunicorn = serve(REDIS_URL="redis://127.0.0.1:1/0")
    gunicorn.says("serving", times=2)
    browser = HTTPConnection("127.0.0.1", free_port, timeout=PATIENCE)
    browser.request("GET", "/now/stream")
    assert browser.getresponse().read(7) == b": still"
    began = time.monotonic()
    assert gunicorn.end() == 0
    assert time.monotonic() - began < configuration(folder)["graceful_timeout"]
    assert "graceful timeout" not in gunicorn.output
    browser.close()
