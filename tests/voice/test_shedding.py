"""More calls than can be greeted in time: those that come too late are put through to people at once."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any

import pytest
from redis import Redis

from config.company import Company
from flows.places import AtMenu
from flows.steps import Phrase
from flows.trace import sentence
from live import readings
from tests.moments import OPEN, at
from tests.voice.wire import BILLING, SID, Answer, Wire, app_of, place_path
from voice import shedding
from voice.catalogue import words
from voice.metrics import TROUBLES

SORRY = words(Phrase("sorry"), "es-ES")
NIGHT = "2026-11-24 23:30"
MENU = AtMenu(step=1, then="responsible", menu="main")


class Provider:
    """Places calls that are read late, by a clock of its own."""

    def __init__(self, company: Company, redis_url: str, when: str = OPEN) -> None:
        app = app_of(company, redis_url, clock=lambda: at(when))
        self.company, self.seconds, self.wire = company, 100.0, Wire(app)
        shedding.init_app(
            app.extensions["webhooks"],
            app.extensions["ringpath"],
            age=lambda environ: environ["test.age"],
            clock=lambda: self.seconds,
        )

    def sends(self, target: str, age: float, **more: Any) -> Answer:
        """Send a webhook that has lain unread for so many seconds."""
        self.wire.client.environ_base["test.age"] = age
        return self.wire.post(target, **more)

    def calls(self, *ages: float, every: float = 0.3, **more: Any) -> Answer:
        """Call once for each age, `every` so many seconds; the last answer."""
        for i, age in enumerate(ages):
            answer = self.sends("/voice/incoming", age, **{"CallSid": f"{SID[:-2]}{i:02}"} | more)
            self.seconds += every
        return answer


@pytest.fixture
def provider(sample: Company, redis_url: str, redis: Redis) -> Provider:
    """One that calls the sample company on a Tuesday morning."""
    return Provider(sample, redis_url)


def shed(answer: Answer) -> bool:
    """Whether a call was put through at once, with an apology."""
    return "Dial" in answer.verbs and SORRY in answer.said


def test_calls_that_come_late_one_after_the_other_are_put_through_to_people(provider: Provider) -> None:
    late = TROUBLES.labels("shed")._value.get()
    assert not shed(provider.calls(2.0, 2.5, 3.0, 3.0))
    answer = provider.calls(3.0, 3.0)
    assert shed(answer)
    assert answer.dialled
    assert TROUBLES.labels("shed")._value.get() == late + 2


# A process that was stopped for a while has a backlog, and no more to do than it can.
def test_a_backlog_is_answered_as_usual(provider: Provider) -> None:
    assert not shed(provider.calls(*[9.0] * 20, every=0.01))


# A connection that is open already overtakes those in the queue: one call in time does not show that all is well.
def test_calls_in_time_are_greeted_among_those_that_are_shed(provider: Provider) -> None:
    assert shed(provider.calls(*[3.0] * 6))
    assert not shed(provider.calls(0.1))
    assert shed(provider.calls(3.0))


def test_it_is_over_when_none_has_come_late_for_a_while(provider: Provider) -> None:
    assert shed(provider.calls(*[3.0] * 6))
    assert not shed(provider.calls(*[0.1] * 5))
    assert not shed(provider.calls(3.0))


def test_whom_it_could_put_through_to_nobody_takes_his_turn(sample: Company, redis_url: str, redis: Redis) -> None:
    closed = Provider(sample, redis_url, NIGHT)
    assert SORRY not in closed.calls(*[3.0] * 6, To=BILLING, Called=BILLING).said
    assert SORRY in closed.calls(*[3.0] * 6).said


def test_why_a_call_was_shed_stands_in_its_trace(provider: Provider, redis: Redis, sample: Company) -> None:
    provider.calls(*[3.0] * 6)
    provider.sends("/voice/incoming", 3.0)
    told = [sentence(note, sample) for note in readings.trace(redis, SID)]
    assert told == [
        "Something failed inside (too many calls at once); the call went to the number's first safe destination."
    ]


# The provider waits for 15 seconds at most, and then asks elsewhere (twiml.md 1.4): nobody is to be marked as rung.
def test_what_nobody_listens_to_any_more_is_not_decided(provider: Provider, redis: Redis, sample: Company) -> None:
    for target in ("/voice/incoming", place_path(sample, MENU)):
        assert provider.sends(target, 15.0, Digits="1").status == 503
    assert readings.trace(redis, SID) == []
    assert readings.presence(redis, "ana", at(OPEN)).state == "free"
    assert provider.sends(place_path(sample, MENU), 14.9, Digits="1").dialled


def test_calls_that_are_up_go_on_as_ever(provider: Provider, sample: Company) -> None:
    provider.calls(*[3.0] * 6)
    assert SORRY not in provider.sends(place_path(sample, MENU), 3.0, Digits="1").said


# What waits in the system's queue has an age, too: nobody has read it, nor taken the connection.
def test_the_system_knows_how_long_a_request_has_lain_unread() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        sent_at = time.monotonic()
        client.sendall(b"POST")
        while time.monotonic() < sent_at + 0.1:
            pass
        taken, _ = server.accept()
        with taken:
            age = shedding.of_socket({"gunicorn.socket": taken})
            assert 0.05 < age <= time.monotonic() - sent_at + 0.05
            client.sendall(b" /voice")
            taken.recv(100)
            assert shedding.of_socket({"gunicorn.socket": taken}) < age


@pytest.mark.parametrize("environ", [{}, {"gunicorn.socket": None}], ids=["nothing", "no connection"])
def test_where_nobody_knows_it_nothing_is_late(environ: Mapping[str, Any]) -> None:
    assert shedding.of_socket(environ) == 0.0


def test_another_connection_than_tcp_does_not_say() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert shedding.of_socket({"gunicorn.socket": ours}) == 0.0
