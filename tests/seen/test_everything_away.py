"""Redis, SQL and the CRM are away, and Sentry says nothing: callers are answered, and the log is as it should be."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator

import pytest

from tests.seen.conftest import HUSH, PUBLIC_URL, SECRETS, closed_port, environment, form, gunicorn, worker
from tests.seen.running import Process, Web
from tests.seen.served import UNLUCKY

HEAD = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) (web|worker|clockwork)\[\d+\] "
    r"[\w.]+( (call|revision|request|job)=\S+)*: .*"
)


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Web, Process, Process]]:
    """The web, and its log and the worker's."""
    folder = tmp_path_factory.mktemp("away")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        environ = environment(
            folder,
            WEB_CONCURRENCY="1",
            REDIS_URL=f"redis://:hush-redis-password@127.0.0.1:{closed_port()}/0",
            DATABASE_URL=f"postgres://hush-user:hush-password@127.0.0.1:{closed_port()}/ringpath",
            TWILIO_API_URL=f"http://127.0.0.1:{closed_port()}",
            SENTRY_DSN=f"http://hush-sentry-key@127.0.0.1:{silent.getsockname()[1]}/1",
        )
        web, jobs = gunicorn(environ), worker(environ)
        web.says("a.library: ready")
        yield Web(f"http://127.0.0.1:{environ['PORT']}", PUBLIC_URL, SECRETS["TWILIO_AUTH_TOKEN"]), web, jobs
        web.end()
        jobs.end()


# A failure to reach Sentry never delays a call (issue 5, part 7): here it takes the report, and never answers.
def test_callers_are_answered_while_sentry_is_silent(away: tuple[Web, Process, Process]) -> None:
    web, log, _ = away
    began = time.monotonic()
    for i in range(20):
        assert "<Response>" in web.webhook("/voice/incoming", form(f"CA-unlucky-{i}", UNLUCKY))
    assert "<Response" in web.webhook("/voice/incoming", form("CA-lucky"))
    assert (time.monotonic() - began) / 21 < 2, "seconds each: Sentry's own patience is longer"
    log.says(r"call=CA-unlucky-19.*: call CA-unlucky-19: .*safe document")


def test_every_line_has_its_head_and_none_a_secret(away: tuple[Web, Process, Process]) -> None:
    web, log, jobs = away
    web.webhook("/voice/status", form("CA-lucky", CallStatus="completed"))
    for path in ("/readyz", "/login", "/metrics"):
        web.ask(path, headers={"Authorization": f"Bearer {SECRETS['METRICS_TOKEN']}"})
    log.says(r"call=CA-lucky.*: .*its record could not be written")
    jobs.says(r"worker\[")
    for said in (log.said, jobs.said):
        assert [line for line in said.splitlines() if not HEAD.fullmatch(line)] == []
        assert re.findall(rf".{{0,60}}{HUSH}.{{0,60}}", said) == []
    traceback = [line for line in log.said.splitlines() if "RuntimeError: a fault" in line]
    assert traceback
    assert all(" call=CA-unlucky-" in line for line in traceback)
