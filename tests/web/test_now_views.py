"""What many listeners cost: a sight is rendered when it looks different, and webhooks have their turn in between."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from calls.today import Tally
from config.company import Company
from config.loader import parse
from tests.calls.companies import acme, sales
from web.now_reading import Reading
from web.now_view import MOST_SIGHTS, Rendered, Sight, View, Views, view

ANA, LUIS = (Sight(reach=frozenset({who}), inside=False, balance=False, language="en") for who in ("ana", "luis"))


@pytest.fixture
def company() -> Company:
    """A small one."""
    return parse(acme(groups=sales()))


class Looked:
    """Views that note what is looked at, and what is rendered of it."""

    def __init__(self, company: Company) -> None:
        self.company, self.views = company, Views()
        self.looks = self.renders = 0

    def at(self, number: int, tallies: list[Tally], sight: Sight = ANA) -> Rendered:
        """Have a reading shown."""
        reading = Reading(at=datetime.now(UTC), live=None, counted=tuple(tallies), missed={}, troubles=())

        def look() -> View:
            self.looks += 1
            return view(reading, sight, self.company, ())

        return self.views.get(number, sight, self.company, look, self._rendered)

    def _rendered(self, seen: View) -> Rendered:
        self.renders += 1
        return {"figures": str(seen.figures)}


def test_what_changes_for_others_is_not_rendered_anew(company: Company) -> None:
    looked = Looked(company)
    mine, hers = Tally("ana", "missed", 1), Tally("luis", "missed", 1)
    first = looked.at(1, [mine])
    assert looked.at(1, [mine]) is first
    assert (looked.looks, looked.renders) == (1, 1)
    assert looked.at(2, [mine, hers]) is first
    assert (looked.looks, looked.renders) == (2, 1)
    assert looked.at(2, [mine, hers], LUIS) != looked.at(3, [mine._replace(total=2), hers])
    assert looked.renders == 3


# Names stand in what is rendered, and keys in what it is rendered from.
def test_other_settings_are_rendered_anew(company: Company) -> None:
    looked = Looked(company)
    looked.at(1, [])
    looked.company = parse(acme(groups=sales(), employees={"ana": {"name": "Ana Gil"}}))
    looked.at(1, [])
    assert looked.renders == 2


def test_languages_are_rendered_apart(company: Company) -> None:
    looked = Looked(company)
    looked.at(1, [])
    looked.at(1, [], replace(ANA, language="es"))
    assert looked.renders == 2


def test_no_more_sights_are_kept_than_are_good(company: Company) -> None:
    looked = Looked(company)
    for number in range(MOST_SIGHTS + 5):
        looked.at(1, [], replace(ANA, reach=frozenset({f"e{number}"})))
    assert len(looked.views._made) == MOST_SIGHTS


WEBHOOKS = """
from gevent import monkey; monkey.patch_all()
import contextlib, time, types
import gevent

gaps = []

def busy(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass

def webhooks():
    while True:
        before = time.process_time()
        gevent.sleep(0.001)
        gaps.append(time.process_time() - before)

def watch():
    gevent.spawn(webhooks)
    gevent.sleep(0.02)
    gaps.clear()
"""

LISTENERS = """
from web import now
from web.broadcast import Broadcast, Pace

LISTENERS = 100
value, renders = ["first"], []

def rendered(watch, number, reading, sight):
    busy(0.002)
    renders.append(number)
    return {"figures": str(number)}

class Who:
    def __init__(self, app, environ):
        pass
    @contextlib.contextmanager
    def asks(self, again_after):
        yield "somebody"

now._rendered, now._Who, now._sight = rendered, Who, lambda who: None
now._message = lambda reading, news: news
broadcast = Broadcast(lambda: value[0], Pace(reads=0.2, heartbeat=10, lasts=60, most=LISTENERS))
app = types.SimpleNamespace(extensions={now.NAME: now.Watch(None, broadcast, None)})

def listener():
    with broadcast.listen():
        for _ in now._events(app, {}):
            pass

for _ in range(LISTENERS):
    gevent.spawn(listener)
while len(renders) < LISTENERS:
    gevent.sleep(0.01)
watch()
value[0] = "second"
while len(renders) < 2 * LISTENERS:
    gevent.sleep(0.01)
print(max(gaps))
"""

REACHES = """
from web import now_reading

def ask(reach):
    busy(0.002)
    return ()

watched = now_reading._Watched(ask)
for number in range(100):
    watched.get(frozenset({number}), 5)
now_reading.FILES_EVERY = 0.0
watch()
assert len(watched.all()) == 100
print(max(gaps))
"""


# 100 managers who see their own calls: 200 ms of work, in which a webhook waits for some milliseconds.
@pytest.mark.parametrize("work", [LISTENERS, REACHES], ids=["rendering", "reading"])
def test_webhooks_have_their_turn_while_there_is_work_for_all_who_look(work: str) -> None:
    script = [sys.executable, "-c", WEBHOOKS + work]
    ran = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    assert float(ran.stdout) < 0.1
