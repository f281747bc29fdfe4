"""The servers of one run: started as the Procfile says, killed with -9, and started again as a platform would."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local import valkey
from local.leash import leashed
from tests.crowd.processes import Seen, children, descendants, kill
from tests.moments import ROOT

HASTE = Path(__file__).parent / "haste"


def procfile() -> dict[str, list[str]]:
    """The commands of the Procfile, with this Python in place of the one that a platform would find."""
    lines = (ROOT / "Procfile").read_text("utf-8").splitlines()
    split = {name: shlex.split(command) for name, _, command in (line.partition(":") for line in lines if line)}
    begins = {"python": [sys.executable], "gunicorn": [sys.executable, "-m", "gunicorn"]}
    return {name: begins.get(words[0], words[:1]) + words[1:] for name, words in split.items()}


class Server:
    """One line of the Procfile, kept running; `again` are the seconds that the platform takes to start it anew."""

    def __init__(self, name: str, environ: Mapping[str, str], folder: Path, *, fds: Sequence[int] = ()) -> None:
        self.name, self.starts = name, 0
        self._environ, self._folder, self._fds = environ, folder, fds
        self._log = folder / f"{name}.log"
        self._again_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self, again: Callable[[], float]) -> None:
        """Start it if it does not run; to be called again and again by the thread that lives longest."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._process is not None:
            self._process, self._again_at = None, time.monotonic() + again()
        if time.monotonic() >= self._again_at:
            self._start()

    def _start(self) -> None:
        self.starts += 1
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                leashed(tuple(procfile()[self.name])),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environ,
                cwd=ROOT,
                process_group=0,
                pass_fds=self._fds,
            )

    @property
    def pid(self) -> int | None:
        """The process that the Procfile starts, while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process else None

    @property
    def offspring(self) -> list[Seen]:
        """Every process below it."""
        return descendants(self.pid) if self.pid else []

    def stop(self) -> None:
        """End it, and all of its processes."""
        kill(*([self.pid] if self.pid else []), *(each.pid for each in self.offspring))
        if self._process is not None:
            self._process.wait()

    def said(self) -> str:
        """All that it has printed."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class Store:
    """The Valkey of the run, always on the same folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.starts = folder / "valkey", 1
        self._running = valkey.ensure(self.folder)
        self.url = self._running.url
        self._again_at: float | None = None

    def kill(self) -> int:
        """End it without a warning."""
        process = self._running.process
        if process is None or process.poll() is not None:
            return 0
        process.kill()
        process.wait()
        return 1

    def restart(self) -> bool:
        """End it as an operator does, with its data written; it is started again. False when it did not run."""
        running = self.pid is not None
        if running:
            valkey.stop(self._running)
        return running

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        process = self._running.process
        return process.pid if process and process.poll() is None else None

    def keep(self, again: Callable[[], float]) -> None:
        """Start it on what it has left, if it does not run."""
        if self._running.process is None or self._running.process.poll() is None:
            return
        if self._again_at is None:
            self._again_at = time.monotonic() + again()
        if time.monotonic() >= self._again_at:
            self._again_at, self._running = None, valkey.ensure(self.folder)
            self.starts += 1

    def stop(self) -> None:
        """End it."""
        valkey.stop(self._running)


class Servers:
    """Web, worker and store. The platform holds the listening socket, as Heroku's router or systemd does."""

    def __init__(self, folder: Path, environ: Mapping[str, str], store: Store) -> None:
        self.store = store
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._listening.set_inheritable(True)
        descriptor = self._listening.fileno()
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        both = {"REDIS_URL": store.url, **environ} | {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{HASTE}{os.pathsep}{ROOT}" if environ.get("PAUSES") else str(ROOT),
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
            "GUNICORN_CMD_ARGS": f"--bind fd://{descriptor}",
        }
        self.web = Server("web", both, folder, fds=(descriptor,))
        self.worker = Server("worker", both, folder)

    def keep(self, again: Callable[[], float]) -> None:
        """Start again what does not run."""
        self.store.keep(again)
        self.web.keep(again)
        self.worker.keep(again)

    def stop(self) -> None:
        """End all."""
        self.web.stop()
        self.worker.stop()
        self.store.stop()
        self._listening.close()

    @property
    def parts(self) -> list[Seen]:
        """The processes that the worker is made of: the clockwork, and one for each queue."""
        return children(self.worker.pid) if self.worker.pid else []

    @property
    def clockworks(self) -> list[Seen]:
        """The part that keeps time: it alone has neither jobs nor a second thread."""
        return [part for part in self.parts if part.threads == 1 and not children(part.pid)]

    @property
    def horses(self) -> list[Seen]:
        """The processes that do a job now."""
        return [horse for part in self.parts for horse in children(part.pid)]
