"""A log that nobody reads, or that has nowhere to go: whoever writes it goes on."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TextIO

import pytest

from live import outlet
from live.outlet import Outlet
from tests.moments import ROOT

LINE = "x" * 200 + "\n"
MOST = 5_000
"""Lines that fill a pipe, and a socket."""


@pytest.fixture(autouse=True)
def no_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for the clock."""
    monkeypatch.setattr(outlet, "A_MOMENT", 0.0)


@pytest.fixture(params=["pipe", "socket"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[int, TextIO]]:
    """The end that is read, and the one that is written to."""
    with ExitStack() as stack:
        if request.param == "pipe":
            reads, writes = os.pipe()
        else:
            reads, writes = (end.detach() for end in socket.socketpair())
        stack.callback(os.close, reads)
        yield reads, stack.enter_context(os.fdopen(writes, "w"))


def told(reads: int) -> list[str]:
    """What has been written so far."""
    os.set_blocking(reads, False)
    text = b""
    with suppress(BlockingIOError):
        while piece := os.read(reads, 1 << 20):
            text += piece
    return text.decode().splitlines(keepends=True)


def test_what_nobody_reads_is_lost_and_said_to_be(ends: tuple[int, TextIO]) -> None:
    reads, stream = ends
    out = Outlet()
    for _ in range(MOST):
        out.write(stream, LINE)
    lost, before = out.lost, told(reads)
    assert 0 < lost < MOST
    assert before == [LINE] * (MOST - lost)
    out.write(stream, "again\n")
    out.write(stream, "and again\n")
    assert told(reads) == [f"{lost} lines of this log are lost: nobody has read them\n", "again\n", "and again\n"]


def test_a_line_longer_than_is_written_at_once_is_whole(ends: tuple[int, TextIO]) -> None:
    reads, stream = ends
    Outlet().write(stream, "é" * 10_000 + "\n")
    assert told(reads) == ["é" * 10_000 + "\n"]


# Others write to the same pipe, and may want to wait.
def test_nobody_else_is_kept_from_waiting(ends: tuple[int, TextIO]) -> None:
    _, stream = ends
    Outlet().write(stream, LINE)
    assert os.get_blocking(stream.fileno())


def test_a_file_is_written_to_as_ever(tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as file:
        Outlet().write(file, LINE)
        assert (tmp_path / "log").read_text() == LINE


PATCHED = """
from gevent import monkey
monkey.patch_all()
import logging, sys
import gevent
from config.environment import Environment
from live import logs
logs.begin(Environment(log_level="INFO"), "web")
log, idle, others = logging.getLogger("ringpath"), gevent.get_hub().loop.idle(), 0

def in_the_loop():
    idle.stop()
    log.info("from the loop")

def goes_on():
    global others
    while True:
        others += 1
        gevent.sleep(0)

idle.start(in_the_loop)
while idle.active:
    gevent.sleep(0.001)
gevent.spawn(goes_on)
gevent.sleep(0.01)
before = others
log.info("a line")
sys.stdout.write(f"{others - before} turns of others")
"""


# gunicorn's worker: to log must neither hand the processor on in the middle of a call nor fail in the loop itself.
def test_under_gevent_a_line_is_written_at_once_wherever_that_is() -> None:
    command = [sys.executable, "-c", PATCHED]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "0 turns of others"
    assert [line.rpartition(": ")[2] for line in done.stderr.splitlines()] == ["from the loop", "a line"]


LOGS = """
import logging, sys
from config.environment import Environment
from live import logs
logs.begin(Environment(log_level="INFO"), "web")
for number in range(3000):
    logging.getLogger("ringpath").info("line %d %s", number, "x" * 200)
try:
    raise LookupError
except LookupError:
    logging.getLogger("ringpath").exception("and a fault")
sys.stdout.write("went on")
"""


@pytest.mark.parametrize("goes", ["nobody reads", "nobody listens", "the disk is full", "closed"])
def test_a_process_goes_on_wherever_its_log_goes(goes: str) -> None:
    reads, writes = os.pipe()
    if goes == "nobody listens":
        os.close(reads)
    if goes == "the disk is full":
        os.dup2(os.open("/dev/full", os.O_WRONLY), writes)
    line = [sys.executable, "-c", LOGS]
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", *line] if goes == "closed" else line
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=writes, timeout=60, check=False)
    os.close(writes)
    assert (done.returncode, done.stdout) == (0, b"went on")
    if goes == "nobody reads":
        assert re.search("line 0 ", told(reads)[0])
    if goes != "nobody listens":
        os.close(reads)
