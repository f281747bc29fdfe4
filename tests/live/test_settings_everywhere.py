"""What is published reaches every process within two seconds: real web processes, and a real worker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine

from calls import revisions
from calls.database import connect
from config.loader import parse
from live.queue import QUICK, SLOW, queue
from local.contenders import free_port
from local.house import account, house_environment
from simulator import Caller, Exchange
from simulator.clock import Clock
from tests.calls.companies import MAIN, acme, number
from tests.databases import migrated
from tests.live.settings_jobs import IN_FORCE
from tests.moments import ROOT
from tests.published import publish

WITHIN = 2.0
"""Seconds (DESIGN section 4)."""

PATIENCE = 30.0

MENU = {"prompt": {"say": "Menú viejo."}, "choices": {"1": {"group": "sales"}}}
OLD = acme(menus={"main": MENU}, numbers=number(menu="main"))
NEW = acme(numbers=number(greeting={"say": "Ahora."}))


class Place:
    """A database, an environment, and the processes that a test starts in them."""

    def __init__(self, folder: Path, redis_url: str) -> None:
        self.folder = folder
        (folder / "company.yaml").write_text(OLD, "utf-8")
        self.url = migrated(f"sqlite:///{folder}/calls.sqlite")
        self.engine: Engine = connect(self.url)
        self.environment = house_environment(redis_url, "twilio", database_url=self.url)
        self._variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PUBLIC_URL": self.environment.public_url,
            "TWILIO_ACCOUNT_SID": self.environment.twilio_account_sid,
            "TWILIO_AUTH_TOKEN": self.environment.twilio_auth_token,
            "SECRET_KEY": "hush" * 8,
            "REDIS_URL": redis_url,
            "DATABASE_URL": self.url,
            "COMPANY_FILE": str(folder / "company.yaml"),
            "LOG_LEVEL": "INFO",
            "BIND_HOST": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        }
        self._running: list[subprocess.Popen[str]] = []
        self.output = folder / "output"

    def serves(self) -> int:
        """Start a gunicorn with one web process, and wait until it answers; its port."""
        port = free_port()
        more = {"PORT": str(port), "PROMETHEUS_MULTIPROC_DIR": str(self.folder / f"metrics-{port}")}
        self.starts("gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), "--workers", "1", "app:create_app()", **more)
        return port

    def starts(self, *command: str, **more: str) -> None:
        """Start a Python module in a process group of its own."""
        with self.output.open("a") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=self.folder,
                env=self._variables | more,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                process_group=0,
            )
        self._running.append(process)

    def exchange(self, port: int) -> Exchange:
        """A provider who asks one of them."""
        address = f"http://127.0.0.1:{port}"
        return Exchange(account(parse(OLD), address, self.environment), Clock(datetime.now(UTC)))

    def hears(self, port: int) -> str:
        """What a new caller hears first."""
        caller = Caller(self.exchange(port)).dials(MAIN)
        said = caller.call.webhooks[0].text
        caller.hangs_up()
        return "new" if "Ahora." in said else "old" if "Menú viejo." in said else said

    def close(self) -> None:
        """End all that runs."""
        for process in self._running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(PATIENCE)
        self.engine.dispose()


@pytest.fixture
def place(tmp_path: Path, redis: Redis, redis_url: str) -> Iterator[Place]:
    """Such a place."""
    found = Place(tmp_path, redis_url)
    yield found
    found.close()


def until(deadline: float, holds: Callable[[], bool]) -> bool:
    """Ask again and again until something holds, or the time is over."""
    while not (held := holds()) and time.monotonic() < deadline:
        pass
    return held


def answers(place: Place, port: int) -> bool:
    """Whether it is up; until then the simulated provider cannot connect."""
    try:
        return place.hears(port) == "old"
    except (AssertionError, OSError, LookupError):
        return False


def test_web_processes_take_up_what_is_published_and_go_on_with_the_calls_that_are_up(place: Place) -> None:
    ports = [place.serves(), place.serves()]
    for port in ports:
        assert until(time.monotonic() + PATIENCE, lambda port=port: answers(place, port)), place.output.read_text()
    began = parse(OLD).revision
    up = [Caller(place.exchange(port)).dials(MAIN).hears("Menú viejo.") for port in ports]
    assert publish(place.engine, NEW) == 2
    told = time.monotonic()
    assert until(told + WITHIN, lambda: [place.hears(port) for port in ports] == ["new", "new"])
    for caller in up:
        caller.presses("1").hangs_up()
        assert any(f"/at/group?number=%2B34910000001&revision={began}" in each.url for each in caller.call.webhooks)
    output = place.output.read_text()
    assert "on to the number's group" not in output
    assert "Traceback" not in output
    with place.engine.connect() as connection:
        assert len(revisions.history(connection, 9)) == 2, "the file was imported once"


def job_says(redis_url: str, name: str, *, may_parse: bool) -> object:
    with Redis.from_url(redis_url, socket_timeout=2 * PATIENCE) as redis:
        job = queue(redis, name).enqueue(IN_FORCE, may_parse=may_parse)
        result = job.latest_result(timeout=int(PATIENCE))
        assert result is not None
        assert result.type == result.Type.SUCCESSFUL, result.exc_string
        return result.return_value


# Jobs go by settings that are at hand: none parses a document, however large, that another has parsed.
@pytest.mark.parametrize(("name", "may_parse"), [(SLOW, False), (QUICK, True)])
def test_jobs_go_by_what_is_published(place: Place, redis_url: str, name: str, may_parse: bool) -> None:
    place.starts("tests.live.settings_jobs")
    assert job_says(redis_url, name, may_parse=False) == 1
    publish(place.engine, NEW)
    told = time.monotonic()
    assert until(told + WITHIN, lambda: job_says(redis_url, name, may_parse=may_parse) == 2)
    assert job_says(redis_url, name, may_parse=may_parse) == 2
    assert "Traceback" not in place.output.read_text()
