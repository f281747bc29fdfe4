"""A stand-in checkout for the supervisor, and a way to watch processes end. Nothing here sleeps."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 30.0  # seconds for anything that takes milliseconds when all is well
WEB = """
    import http.server, os, signal, sys

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("web says bye")))
    print("public url", os.environ.get("PUBLIC_URL"))
    http.server.HTTPServer((os.environ["BIND_HOST"], int(os.environ["PORT"])), Answer).serve_forever()
"""
WORKER = """
    import os, signal, sys

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(print("worker says bye")))
    print("redis", os.environ["REDIS_URL"])
    print("process", os.getpid())
    while True:
        signal.pause()
"""


class Run:
    """`python -m local.run` in a stand-in checkout, its output read as it comes."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local.run"],
            cwd=folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def says(self, pattern: str) -> "re.Match[str]":
        """Read on until the output matches; fail when it ends, or takes too long, without."""
        deadline = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.output)):
            if not self._hear(deadline):
                pytest.fail(f"never said {pattern!r}, but:\n{self.output}")
        return found

    def interrupt_until(self, text: str) -> None:
        """Press Ctrl-C again and again until this is said."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.output and time.monotonic() < deadline:
            self.process.send_signal(signal.SIGINT)
            self._hear(time.monotonic() + 0.1)

    def ends(self) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._hear(deadline):
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """End it if the test has not."""
        assert self.process.stdout is not None
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def _hear(self, deadline: float) -> bool:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return False
        heard = os.read(self.process.stdout.fileno(), 65536)
        self.output += heard.decode()
        return bool(heard)


class Checkout:
    """A folder with a Procfile of stand-in programs."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PORT": str(port),
        }
        self._runs: list[Run] = []
        self.program("web", WEB)
        self.program("worker", WORKER)

    def program(self, name: str, code: str) -> None:
        """Let a line of the Procfile run this code."""
        (self.folder / f"{name}.py").write_text(textwrap.dedent(code))
        names = sorted(path.stem for path in self.folder.glob("*.py"))
        (self.folder / "Procfile").write_text("".join(f"{name}: python {name}.py\n" for name in names))

    def run(self, **environ: str) -> Run:
        """Start the supervisor with these variables besides."""
        self._runs.append(Run(self.folder, self.environ | environ))
        return self._runs[-1]

    def close(self) -> None:
        """End what still runs."""
        for run in self._runs:
            run.close()


@pytest.fixture
def checkout(tmp_path: Path, free_port: int) -> Iterator[Checkout]:
    """A stand-in checkout whose programs do as they should."""
    checkout = Checkout(tmp_path, free_port)
    yield checkout
    checkout.close()


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def ends() -> Callable[[int], bool]:
    """Whether a process ends within the test's patience (the kernel tells, nobody polls)."""

    def wait(pid: int) -> bool:
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            return bool(select.select([descriptor], [], [], PATIENCE)[0])
        finally:
            os.close(descriptor)

    return wait


@pytest.fixture
def kill_later() -> Iterator[list[int]]:
    """Processes to kill after the test, in case it failed."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
