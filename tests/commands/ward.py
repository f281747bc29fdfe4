"""An installation that is well, for the doctor to look at, and what he finds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from redis import Redis
from rq import SimpleWorker

from commands.doctor import clock, doctor, outside
from config import environment
from config.company import Company
from live import jobs_seen
from live.queue import QUEUES, queue
from tests.commands.desk import Desk
from tests.commands.front import Front, front, installed
from tests.voice.provider import ACCOUNT, TOKEN, Side, provider_side

NUMBERS = ("+34910000001", "+34910000002", "+34910000003")
SECRET = "a-secret-of-this-installation"

Found = dict[str, list[tuple[str, str, str]]]


@pytest.fixture(scope="module")
def side() -> Iterator[Side]:
    """The provider."""
    with provider_side() as found:
        yield found


@pytest.fixture(scope="module")
def place() -> Iterator[Front]:
    """Where the app answers."""
    with front() as found:
        yield found


@pytest.fixture
def well_desk(
    desk: Callable[..., Desk],
    side: Side,
    place: Front,
    redis: Redis,
    redis_url: str,
    sample: Company,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """At the terminal of an installation that is well: app, worker, provider and numbers."""
    sits = desk(doctor)
    for name, value in {
        "PUBLIC_URL": place.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": side.url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(jobs_seen, "PERIODIC", {})  # none of them has run
    monkeypatch.setattr(clock, "ASKED", 1)
    monkeypatch.setattr(outside, "SLOW", 60.0)  # whatever else this machine does
    rents(side, place.url, *NUMBERS)
    side.rest.status, side.rest.balance = "active", "100.00"
    workers = [SimpleWorker([queue(redis, name)], connection=redis) for name in QUEUES]
    for worker in workers:
        worker.register_birth()
    with installed(place, environment.read(), company=sample):
        yield sits
    side.rest.mend()


def rents(side: Side, url: str, *numbers: str) -> None:
    """The account has these numbers, and they lead to an address."""
    account = side.rest.exchange.provider
    side.rest.exchange.provider = replace(
        account,
        public_url=url,
        own_numbers=frozenset(numbers),
        **{"voice_url": "", "fallback_url": "", "status_url": ""},
    )
    side.rest.changed = {}


def examined(at_desk: Desk, *, code: int = 1) -> Found:
    """What the doctor finds: level, what is said and the remedy, by part."""
    done = at_desk.run("--json")
    assert done.exit_code == code, done.output
    assert done.stderr == ""
    for secret in (TOKEN, SECRET):
        assert secret not in done.output
    found: Found = {}
    for row in json.loads(done.stdout)["findings"]:
        assert bool(row["remedy"]) is (row["level"] in ("warning", "broken")), row
        found.setdefault(row["part"], []).append((row["level"], row["said"], row["remedy"]))
    return found


def ill(found: Found) -> dict[str, tuple[str, str, str]]:
    """The first finding of each part that is not well."""
    return {part: rows[0] for part, found_ in found.items() if (rows := [row for row in found_ if row[0] != "well"])}


def only(found: Found, part: str) -> tuple[str, str, str]:
    """The one finding, where nothing else is wrong: every other part is told as well as before."""
    assert list(ill(found)) == [part], ill(found)
    return ill(found)[part]


def only_of(found: Found, part: str) -> tuple[str, str, str]:
    """The first finding of a part whose illness others may share."""
    return ill(found)[part]
