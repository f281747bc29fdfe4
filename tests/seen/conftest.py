"""One run for all tests of this folder: web with two processes, worker, and stand-ins for what they ask."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis

from calls.database import connect
from calls.tokens import Token, Tokens
from local import valkey
from local.house import served
from local.leash import leashed
from tests.databases import migrated
from tests.moments import ROOT, SAMPLE
from tests.seen.running import Process, Sentry, Unwilling, Web

PUBLIC_URL = "https://ringpath.example.com"
ACCOUNT = "AC" + "0" * 32
SECRETS = {
    "TWILIO_AUTH_TOKEN": "hush-webhook-token-1",
    "TWILIO_API_TOKEN": "hush-rest-token-2",
    "SECRET_KEY": "hush the key of the pages 3",
    "BITRIX24_CLIENT_SECRET": "hush-client-secret-4",
    "METRICS_TOKEN": "hush-metrics-token-5",
}
REDIS_PASSWORD = "hush-redis-password-6"
PORTAL = Token(access="hush-access-token-7", refresh="hush-refresh-token-8")
BUCKET = ("hush-bucket-key-9", "hush/bucket+secret-10")
HUSH = "hush"
"""Every secret of the run begins so."""


def free_port() -> int:
    """A port on which a server may listen."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


_CLOSED: list[socket.socket] = []


def closed_port() -> int:
    """A port on which nobody listens, nor will: a free one might be taken by a server of another test, that hangs."""
    found = socket.socket()
    found.bind(("127.0.0.1", 0))
    _CLOSED.append(found)
    return int(found.getsockname()[1])


@dataclass(frozen=True, kw_only=True)
class Running:
    """The run."""

    web: Web
    gunicorn: Process
    worker: Process
    sentry: Sentry
    redis: Redis


def plain_environment(folder: Path) -> dict[str, str]:
    """What every process of these tests is given, whatever else it needs."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "HOME": str(folder),
        "FLASK_SKIP_DOTENV": "1",
        "PUBLIC_URL": PUBLIC_URL,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
    }


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """The environment of both processes, in which everything is set that has a secret in it."""
    key, secret = BUCKET[0], BUCKET[1].replace("/", "%2F").replace("+", "%2B")
    return {
        **plain_environment(folder),
        **SECRETS,
        "CRM": "bitrix24",
        "BITRIX24_PORTAL": f"http://127.0.0.1:{closed_port()}",
        "BITRIX24_OAUTH_URL": f"http://127.0.0.1:{closed_port()}",
        "BITRIX24_CLIENT_ID": "local.1",
        "RECORDINGS_URL": f"s3+http://{key}:{secret}@127.0.0.1:{closed_port()}/calls",
        "COMPANY_FILE": str(SAMPLE),
        "PORT": str(free_port()),
        "BIND_HOST": "127.0.0.1",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        "LOG_LEVEL": "DEBUG",
        **variables,
    }


def form(sid: str, caller: str = "+34600111999", **more: str) -> dict[str, str]:
    """What the provider sends of a call."""
    given = {"CallSid": sid, "AccountSid": ACCOUNT, "From": caller, "To": "+34910000001", "CallStatus": "ringing"}
    return given | more


def figures(run: Running) -> dict[str, float]:
    """What /metrics tells, by the name of each sample with its labels."""
    told = run.web.ask("/metrics", headers={"Authorization": f"Bearer {SECRETS['METRICS_TOKEN']}"})
    lines = [line.rpartition(" ") for line in told.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def gunicorn(environ: dict[str, str]) -> Process:
    """Start the web as the Procfile does, but with the app of this folder."""
    command = (sys.executable, "-m", "gunicorn", "tests.seen.served:create_app()")
    return Process(leashed(command), environ)


def worker(environ: dict[str, str]) -> Process:
    """Start the worker as the Procfile does."""
    return Process(leashed((sys.executable, "-m", "live.worker")), environ)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Everything, up and ready."""
    folder = tmp_path_factory.mktemp("seen")
    database = migrated(f"sqlite:///{folder}/calls.sqlite")
    engine = connect(database)
    Tokens(engine, "bitrix24", SECRETS["SECRET_KEY"]).put(PORTAL)
    engine.dispose()
    with ExitStack() as stack:
        server = valkey.ensure(folder / "valkey")
        stack.callback(valkey.stop, server)
        redis = stack.enter_context(Redis.from_url(server.url, password=REDIS_PASSWORD))
        Redis.from_url(server.url).config_set("requirepass", REDIS_PASSWORD)
        sentry = Sentry()
        dsn = stack.enter_context(served(sentry)).replace("://", "://hush-sentry-key-11@") + "/1"  # type: ignore[arg-type]
        environ = environment(
            folder,
            DATABASE_URL=database,
            REDIS_URL=server.url.replace("unix://", f"unix://:{REDIS_PASSWORD}@"),
            TWILIO_API_URL=stack.enter_context(served(Unwilling())),  # type: ignore[arg-type]
            LOG_FORMAT="json",
            SENTRY_DSN=dsn,
        )
        web, jobs = gunicorn(environ), worker(environ)
        stack.callback(web.end)
        stack.callback(jobs.end)
        web.says('"a.library", "message": "ready"', times=2)
        address = f"http://127.0.0.1:{environ['PORT']}"
        yield Running(
            web=Web(address, PUBLIC_URL, SECRETS["TWILIO_AUTH_TOKEN"]),
            gunicorn=web,
            worker=jobs,
            sentry=sentry,
            redis=redis,
        )
