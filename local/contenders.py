"""The apps that race: a bare one, and Ringpath with companies of some sizes; and the webhooks that they are sent.

Real gunicorn, real Valkey, signed requests. Every call is three webhooks: the greeting, a menu key that rings a
group, and the group's no-answer that forwards.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import click
from redis import Redis

from calls.database import connect
from calls.upgrade import upgrade
from config.company import Company
from flows.calls import Call
from flows.places import AtGroup, AtMenu, Place
from live import keys
from local import valkey
from local.load import Request, Timings
from simulator.signature import sign
from voice.urls import Urls

ROOT = Path(__file__).resolve().parent.parent
NUMBER = "+34910000001"
PUBLIC_URL = "https://bench.example.com"
TOKEN = "bench"  # noqa: S105  (for servers of this run only)
MEMBERS = 10
NAMES = ("greeting", "menu key", "no answer")


@dataclass(frozen=True, kw_only=True)
class Contender:
    """An app in the race."""

    name: str
    port: int
    revision: str = "0" * 12
    web: int = 0
    """The process of its gunicorn, whose children answer."""
    store: int = 0
    """The process of its Valkey; 0: it has none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Round:
    """One turn of a contender; `web` and `store` are microseconds of CPU for each webhook."""

    timings: Timings
    web: float
    store: float


def company_document(employees: int, groups: int) -> dict[str, Any]:
    """A company of a size: one number, one menu, and groups of ten."""
    people = {f"e{i}": {"name": f"Employee {i}", "devices": [f"client:e{i}"]} for i in range(employees)}
    teams: dict[str, Any] = {
        f"g{g}": {
            "name": f"Group {g}",
            "members": [f"e{(g * MEMBERS + i) % employees}" for i in range(MEMBERS)],
            "no_answer": {"forward": "+34910000999"},
        }
        for g in range(groups)
    }
    teams["sales"] = teams.pop("g0")
    extensions = {f"e{i}": str(1000 + i) for i in range(min(employees, 9000))}
    for key, extension in extensions.items():
        people[key]["extension"] = extension
    return {
        "company": "Bench",
        "timezone": "Europe/Madrid",
        "language": "es-ES",
        "country": "ES",
        "employees": people,
        "groups": teams,
        "menus": {
            "main": {"prompt": {"say": "Para ventas, pulse 1."}, "choices": {"1": {"group": "sales"}}},
        },
        "numbers": {
            NUMBER: {
                "name": "Bench",
                "greeting": {"say": "Gracias por llamar a Acme."},
                "menu": "main",
                "group": "sales",
            }
        },
    }


def calls_for(contender: Contender, count: int) -> list[list[Request]]:
    """Write signed calls of three webhooks; each has an id of its own."""
    return [_call(contender, "CA" + uuid.uuid4().hex) for _ in range(count)]


def _call(contender: Contender, sid: str) -> list[Request]:
    urls = Urls(public_url=PUBLIC_URL, revision=contender.revision)
    call = Call(id=sid, number=NUMBER, caller="+34600000001", called=NUMBER)
    menu = AtMenu(step=2, then="responsible", menu="main")
    everybody = (1 << MEMBERS) - 1
    group = AtGroup(step=3, then="otherwise", groups=("sales",), group="sales", tried=everybody, rang=1)
    return [
        (NAMES[0], _request(f"{PUBLIC_URL}/voice/incoming", sid, {"CallStatus": "ringing"})),
        (NAMES[1], _request(_at(urls, call, menu), sid, {"Digits": "1"})),
        (NAMES[2], _request(_at(urls, call, group), sid, {"DialCallStatus": "no-answer", "DialBridged": "false"})),
    ]


def _at(urls: Urls, call: Call, place: Place) -> str:
    return urls.place(call, place)


def _request(url: str, sid: str, more: dict[str, str]) -> bytes:
    geo = {f"{who}{what}": "" for who in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip")}
    form = {
        "CallSid": sid,
        "AccountSid": "AC" + "0" * 32,
        "From": "+34600000001",
        "To": NUMBER,
        "Caller": "+34600000001",
        "Called": NUMBER,
        "CallStatus": "in-progress",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
        **geo,
        **more,
    }
    body = urlencode(form).encode()
    split = urlsplit(url)
    target = split.path + ("?" + split.query if split.query else "")
    head = (
        f"POST {target} HTTP/1.1\r\nHost: bench.example.com\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"
        f"X-Twilio-Signature: {sign(TOKEN, url, form)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def gunicorn(app: str, environment: dict[str, str], folder: Path) -> Iterator[tuple[int, int]]:
    """Serve an app with the project's gunicorn settings on a free port; gives the port and the process."""
    port = free_port()
    variables = os.environ | environment | {"PORT": str(port), "BIND_HOST": "127.0.0.1", "PUBLIC_URL": PUBLIC_URL}
    variables |= {"TWILIO_AUTH_TOKEN": TOKEN, "PROMETHEUS_MULTIPROC_DIR": str(folder), "LOG_LEVEL": "WARNING"}
    command = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"), app]
    with subprocess.Popen(command, cwd=ROOT, env=variables) as process:  # noqa: S603  (a program of ours)
        try:
            _wait_for(port, process)
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(20)


def free_port() -> int:
    """Find a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if process.poll() is not None:
            raise click.ClickException("gunicorn ended; its message stands above")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise click.ClickException("gunicorn did not answer within two minutes")


@contextmanager
def ringpath(
    folder: Path, name: str, employees: int, groups: int, calls_up: int, app: str = "app:create_app()"
) -> Iterator[Contender]:
    """Ringpath with a company of a size, on a Valkey of its own that already knows of some calls; or another `app`."""
    document = company_document(employees, groups)
    company = Company.model_validate(document)
    home = folder / name.replace(" ", "-")
    embedded = valkey.ensure(home)
    file = home / "company.yaml"
    file.write_text(json.dumps(document))
    try:
        redis = Redis.from_url(embedded.url)
        _put_up(redis, calls_up)
        store = int(redis.info("server")["process_id"])
        variables = variables_of(embedded.url, file, home)
        with gunicorn(app, variables, home) as (port, web):
            yield Contender(name=name, port=port, revision=company.revision, web=web, store=store)
    finally:
        valkey.stop(embedded)


def variables_of(redis_url: str, file: Path, folder: Path) -> dict[str, str]:
    """Return the environment of a Ringpath that goes by a settings file, and keeps its database in a folder."""
    return {
        "PROVIDER": "simulator",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "REDIS_URL": redis_url,
        "COMPANY_FILE": str(file),
        "DATABASE_URL": _database(folder),
        "SECRET_KEY": "bench" * 8,
    }


@contextmanager
def bare(folder: Path) -> Iterator[Contender]:
    """The app to race against."""
    folder.mkdir()
    with gunicorn("local.bare:create_app()", {"REDIS_URL": "unix:///-"}, folder) as (port, web):
        yield Contender(name="bare", port=port, web=web)


def _database(folder: Path) -> str:
    """A database of its own for each: what is published there is the company that races."""
    url = f"sqlite:///{folder}/ringpath.sqlite"
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return url


def _put_up(redis: Redis, count: int) -> None:
    """Fill Redis with calls in progress, each as a call leaves it after three webhooks."""
    now = int(time.time() * 1000)
    with redis.pipeline(transaction=False) as pipe:
        for i in range(count):
            sid = f"CAup{i:028}"
            fields: dict[Any, Any] = {
                "number": NUMBER,
                "caller": "+34600000001",
                "started": now,
                "o:0:incoming:arrived": "{}",
            }
            pipe.hset(keys.call(sid), mapping=fields)
            pipe.rpush(keys.trace(sid), *[json.dumps({"code": "menu", "menu": "main", "t": now})] * 8)
            pipe.zadd(keys.CALLS, {sid: now})
        pipe.execute()
