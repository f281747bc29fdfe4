"""What it costs to start, and how much memory the processes hold; for `make bench`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

from live import queue
from local import spent, valkey
from local.contenders import PUBLIC_URL, ROOT, TOKEN, calls_for, ringpath, variables_of
from local.load import run

IMPORTS = {
    "web": "import app",
    "worker": "import live.worker, live.queue; from importlib import import_module as load; "
    "[load(job.rpartition('.')[0]) for job in live.queue.PERIODIC]",
    "company check": "import commands.company",
    "every command": "from commands import COMMANDS; from importlib import import_module as load; "
    "[load(place.partition(':')[0]) for place in COMMANDS.values()]",
}
"""What each kind of process loads at its start; a command only what it needs, a list of all of them everything."""

TELL = "import sys, time; print(time.process_time(), len(sys.modules))"

TIMES = 5

SOME = 200
"""Calls after which a web process is weighed: by then all that a webhook needs is there."""


def lines(folder: Path) -> Iterator[str]:
    """Lines of two Markdown tables."""
    yield f"\n{os.cpu_count()} cores, Python {sys.version.split()[0]}; medians of {TIMES}\n"
    yield "| what is loaded | CPU s | modules |"
    yield "|---|---|---|"
    for name, code in IMPORTS.items():
        seconds, modules = imports(code)
        yield f"| {name} | {seconds:.2f} | {modules:,} |"
    yield "\n| process | PSS MB | RSS MB |"
    yield "|---|---|---|"
    for name, pid in _started(folder):
        yield "| {} | {:.0f} | {:.0f} |".format(name, *spent.memory(pid))


def imports(code: str) -> tuple[float, int]:
    """Run an import in processes of its own; the median of the CPU seconds, and how many modules are loaded then."""
    told = [_run(f"{code}\n{TELL}").split() for _ in range(TIMES)]
    return statistics.median(float(seconds) for seconds, _ in told), int(told[0][1])


def _run(code: str) -> str:
    done = subprocess.run((sys.executable, "-c", code), cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout


def _started(folder: Path) -> Iterator[tuple[str, int]]:
    """Start the web and the worker with the small company; give their processes by name."""
    with ringpath(folder, "small", 10, 1, 0) as small:
        run(small.port, calls_for(small, SOME), 8)
        web = spent.children(small.web)
        yield "gunicorn's first", small.web
        yield from ((f"web {number}", pid) for number, pid in enumerate(web, 1))
    with _worker(folder / "worker") as worker:
        names = ["the worker's first", "the clockwork", *(f"the worker of {name}" for name in queue.QUEUES)]
        yield from zip(names, [worker, *spent.children(worker)], strict=True)


@contextmanager
def _worker(home: Path) -> Iterator[int]:
    """Start the worker on a Valkey of its own, and wait until it attends to every queue."""
    embedded = valkey.ensure(home)
    file = ROOT / "config" / "company.yaml"
    variables = os.environ | variables_of(embedded.url, file, home)
    variables |= {"PUBLIC_URL": PUBLIC_URL, "TWILIO_AUTH_TOKEN": TOKEN, "LOG_LEVEL": "ERROR"}
    redis = Redis.from_url(embedded.url)
    with subprocess.Popen((sys.executable, "-m", "live.worker"), cwd=ROOT, env=variables) as process:
        try:
            until = time.monotonic() + 120
            while queue.unattended(redis) and process.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            process.wait(20)
            valkey.stop(embedded)
