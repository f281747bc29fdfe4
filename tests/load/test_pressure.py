"""A web process that has more to do than it can: callers are answered first, callbacks later, in their order."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from redis import Redis

from live import keys
from local import valkey
from local.house import PUBLIC_URL, TOKEN
from local.leash import leashed
from tests.databases import migrated
from tests.load.pressed import MOST
from tests.moments import SAMPLE
from tests.seen.conftest import form, free_port, plain_environment
from tests.seen.running import Process, Web
from tests.waiting import until

PATIENCE = 20.0
BEGINS, ENDS = "more to do than it can", "has caught up"


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """One web process, and what can be done to it."""

    web: Web
    gunicorn: Process
    redis: Redis
    store: int
    threads: ThreadPoolExecutor
    numbers: Iterator[int]

    def figure(self, name: str) -> float:
        """What /metrics tells under a name."""
        lines = (line.rpartition(" ") for line in self.web.ask("/metrics").splitlines())
        return next(float(value) for key, _, value in lines if key == name)

    def put_off(self) -> float:
        """How many callbacks were put off until now."""
        return self.figure('ringpath_troubles_total{trouble="put_off"}')

    def calls(self) -> str:
        """Somebody calls, and is answered."""
        return self.web.webhook("/voice/incoming", form(f"CA-{next(self.numbers)}"))

    def tells(self, sid: str, recording: str) -> Future[str]:
        """The provider tells of a recording, and waits."""
        told = form(sid, CallStatus="completed", RecordingSid=recording, RecordingUrl="https://x.example.com/1")
        return self.threads.submit(self.web.webhook, "/voice/recording", told)

    def tells_in_turn(self, sid: str, recordings: list[str]) -> list[Future[str]]:
        """The same several times; each is there before the next is sent."""
        telling = []
        for recording in recordings:
            before = self.put_off()
            telling.append(self.tells(sid, recording))
            until(lambda before=before: self.put_off() == before + 1)  # type: ignore[misc]
        return telling

    def recorded(self, sid: str) -> list[str]:
        """The recordings in the trace of a call, in the order in which they were told."""
        notes = [json.loads(note) for note in self.redis.lrange(keys.trace(sid), 0, -1)]
        return [note["sid"] for note in notes if note["code"] == "recorded"]

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Keep the process busy, from when it has noticed."""
        self.web.ask("/busy/begin")
        try:
            until(lambda: bool(self.calls()) and self.figure("ringpath_web_processes_behind") == 1)
            yield
        finally:
            self.web.ask("/busy/stop")


@pytest.fixture(scope="module")
def pressed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pressed]:
    """A web process as gunicorn runs it, with a store of its own."""
    folder = tmp_path_factory.mktemp("pressed")
    with ExitStack() as stack:
        server = valkey.ensure(folder / "valkey")
        stack.callback(valkey.stop, server)
        assert server.process is not None
        environ = _environment(folder, server.url)
        command = (sys.executable, "-m", "gunicorn", "tests.load.pressed:create_app()")
        gunicorn = Process(leashed(command), environ)
        stack.callback(gunicorn.end)
        gunicorn.says("Booting worker")
        web = Web(f"http://127.0.0.1:{environ['PORT']}", PUBLIC_URL, TOKEN)
        web.ask("/healthz")
        yield Pressed(
            web=web,
            gunicorn=gunicorn,
            redis=stack.enter_context(Redis.from_url(server.url)),
            store=server.process.pid,
            threads=stack.enter_context(ThreadPoolExecutor(20)),
            numbers=count(),
        )


def _environment(folder: Path, redis: str) -> dict[str, str]:
    return {
        **plain_environment(folder),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SECRET_KEY": "a secret of these tests",
        "COMPANY_FILE": str(SAMPLE),
        "DATABASE_URL": migrated(f"sqlite:///{folder}/calls.sqlite"),
        "REDIS_URL": redis,
        "PORT": str(free_port()),
        "BIND_HOST": "127.0.0.1",
        "WEB_CONCURRENCY": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
    }


def test_a_caller_is_answered_before_callbacks_that_came_sooner_and_these_in_their_order(pressed: Pressed) -> None:
    names = [f"RE{i}" for i in range(MOST)]
    with pressed.busy():
        telling = pressed.tells_in_turn("CA-order", names)
        assert "<Response>" in pressed.calls()
        assert [each.done() for each in telling] == [False] * MOST
        asked_at = time.time() * 1000
    assert [each.result(PATIENCE) for each in telling] == ["<Response/>"] * MOST
    assert pressed.recorded("CA-order") == names
    # What was put off is as old as when it was told.
    assert all(json.loads(note)["t"] <= asked_at for note in pressed.redis.lrange(keys.trace("CA-order"), 0, -1))


def test_of_too_many_the_oldest_is_sent_back_for_the_provider_to_tell_again(pressed: Pressed) -> None:
    names = [f"RE{i}" for i in range(MOST + 2)]
    with pressed.busy():
        telling = pressed.tells_in_turn("CA-many", names)
        answers = [each.result(PATIENCE).partition(" ")[0] for each in telling[:2]]
        assert "<Response>" in pressed.calls()
        assert [each.done() for each in telling[2:]] == [False] * MOST
    assert answers == ["503", "503"]
    assert [each.result(PATIENCE) for each in telling[2:]] == ["<Response/>"] * MOST
    assert pressed.recorded("CA-many") == names[2:]


# Nobody without the token can take the places of those who have it.
def test_what_is_not_signed_is_refused_at_once_and_takes_no_place(pressed: Pressed) -> None:
    with pressed.busy():
        telling = pressed.tells_in_turn("CA-forged", ["RE0"])
        before = pressed.put_off()
        forged = [pressed.web.ask("/voice/recording", b"CallSid=CA-forged&RecordingSid=RE1") for _ in range(MOST + 2)]
        assert {each.partition(" ")[0] for each in forged} == {"403"}
        assert pressed.put_off() == before
        assert not telling[0].done()
    assert telling[0].result(PATIENCE) == "<Response/>"


def test_the_log_says_once_that_it_began_and_once_that_it_is_over(pressed: Pressed) -> None:
    until(lambda: pressed.gunicorn.said.count(BEGINS) == pressed.gunicorn.said.count(ENDS))
    began = ended = pressed.gunicorn.said.count(BEGINS)
    with pressed.busy():
        telling = pressed.tells_in_turn("CA-log", ["RE0", "RE1"])
        until(lambda: pressed.gunicorn.said.count(BEGINS) > began)
    assert [each.result(PATIENCE) for each in telling] == ["<Response/>"] * 2
    until(lambda: pressed.gunicorn.said.count(ENDS) > ended)
    assert pressed.gunicorn.said.count(BEGINS) == began + 1
    told = re.search(r"(\d+) callbacks put off, \d+ sent back", pressed.gunicorn.said.rpartition(ENDS)[2])
    assert told
    assert int(told[1]) >= len(telling), "or more, if it has hardly caught up with those of another test"
    until(lambda: pressed.figure("ringpath_web_processes_behind") == 0)


# A store that does not answer takes time, and none of the processor.
def test_who_waits_for_redis_keeps_nobody_busy(pressed: Pressed) -> None:
    before = pressed.put_off()
    os.kill(pressed.store, signal.SIGSTOP)
    try:
        for i in range(3):
            pressed.tells(f"CA-slow-{i}", "RE0").result(PATIENCE)
    finally:
        os.kill(pressed.store, signal.SIGCONT)
    assert pressed.put_off() == before
