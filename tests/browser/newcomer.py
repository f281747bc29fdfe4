"""A newcomer's checkout: everything that `make run` starts, on a port and in a folder of its own."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.local.conftest import Run
from tests.moments import ROOT

PARTS = (
    *("app.py", "Procfile", "gunicorn.conf.py", ".flaskenv"),
    *("calls", "commands", "config", "crm", "flows", "live", "local", "simulator", "voice", "web"),
)


@contextmanager
def running(folder: Path, port: int) -> Iterator[Run]:
    """Run it until the end of the block; its files are those of this checkout, what it writes is in the folder."""
    for name in PARTS:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, folder / name)  # links would lead the app to the var/ of this checkout
    run = Run(folder, {"PATH": os.environ["PATH"], "PORT": str(port)})
    try:
        yield run
    finally:
        run.process.terminate()
        run.ends()
        run.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
