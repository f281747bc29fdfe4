"""What each kind of process loads: nothing that it does not need, and nothing while a caller waits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from commands import COMMANDS
from local import phases, spent
from local.weight import IMPORTS, imports
from tests.moments import ROOT

UNWANTED = {
    "web": (
        "alembic",
        "mako",
        "requests",
        "urllib3",
        "twilio.rest",
        "holidays",
        "obstore",
        "voice.jobs",
        "calls.tokens",
    ),
    "worker": ("alembic", "twilio", "flask", "werkzeug", "jinja2", "wtforms", "babel", "web", "simulator", "obstore"),
}
"""Megabytes and tenths of a second each: an upgrade, the provider's REST API, forms, a bucket."""

WANTED = {
    "web": ("voice.door", "web.reception"),
    "worker": ("live.worker", "crm.filing"),
    "company check": ("flows.walk.report",),
    "every command": tuple(place.partition(":")[0] for place in COMMANDS.values()),
}
"""Without which no process of the kind could do its work: what is weighed is what runs."""


def run(code: str) -> str:
    """What a process of its own prints."""
    done = subprocess.run((sys.executable, "-c", code), cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("process", IMPORTS)
def test_what_is_weighed_of_a_process_is_what_it_loads(process: str) -> None:
    assert run(f"{IMPORTS[process]}\nimport sys; print({set(WANTED[process])!r} - sys.modules.keys())") == "set()"


@pytest.mark.parametrize(("process", "names"), UNWANTED.items(), ids=UNWANTED)
def test_a_process_loads_nothing_that_it_does_not_need(process: str, names: tuple[str, ...]) -> None:
    assert run(f"{IMPORTS[process]}\nimport sys; print([name for name in {names!r} if name in sys.modules])") == "[]"


FIRST = """
import sys
from pathlib import Path
from local import phases

with phases.opened(Path(sys.argv[1])) as app:
    before = set(sys.modules)
    for environ, body in phases.webhooks(app.extensions["ringpath"].company):
        phases.answer(app, environ, body)
    print(sorted(set(sys.modules) - before))
"""


# The first caller after a start waits for no import: under gevent it would hold up all others too.
def test_the_first_webhooks_load_nothing(tmp_path: Path) -> None:
    environ = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    command = (sys.executable, "-c", FIRST, str(tmp_path / "app"))
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_where_the_time_of_a_webhook_goes_can_be_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phases, "LOOPS", 3)
    monkeypatch.setattr(phases, "TURNS", 1)
    table = list(phases.lines(tmp_path))
    assert [line.count("|") for line in table] == [5] * len(table)
    assert table[-1].startswith(f"| {phases.WHOLE} |")


def test_what_a_process_has_used_can_be_told() -> None:
    with subprocess.Popen((sys.executable, "-c", "sum(range(10**6)); input()"), stdin=subprocess.PIPE) as child:
        assert spent.family(os.getpid())[0] == os.getpid()
        assert child.pid in spent.children(os.getpid())
        own, reached = spent.memory(child.pid)
        child.communicate(b"\n")
    assert 0 < own <= reached < 500
    assert 0 < spent.cpu([os.getpid()]) < 86_400


def test_what_is_imported_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.weight.TIMES", 1)
    seconds, modules = imports("import json")
    assert 0 < seconds < 30
    assert modules > 10
