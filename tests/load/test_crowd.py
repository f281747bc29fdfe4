"""The callers of the load: many at once, each looked at when something is due in it, and not before."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest

from simulator import Provider
from tests.crowd.crowd import Crowd
from tests.crowd.firm import Firm
from tests.crowd.person import Person
from tests.crowd.plan import Behaviour, Plan, Rng, draw
from tests.simulator.application import PUBLIC_URL, Application, Asked, serving

NUMBER, CALLER = "+34910000001", "+34655000000"
FIRM = Firm(document={"blocked": ["+34900000000"], "employees": {}, "numbers": {NUMBER: {}}}, known={})
SAYS_BYE = "<Hangup/>"
LONG = 20.0
"""Seconds that nothing in these tests may last."""

Serve = Callable[[Application], None]


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """A server for one application after the other."""
    with serving() as serve:
        yield serve


@contextmanager
def crowd_of(serve: Serve, **pages: object) -> Iterator[tuple[Crowd, Application]]:
    """A crowd that calls an application; pages are named by their paths under /voice/."""
    application = Application(pages={"/voice/status": ""} | {f"/voice/{name}": page for name, page in pages.items()})  # type: ignore[arg-type]
    serve(application)
    provider = Provider(
        public_url=PUBLIC_URL, connect_url=application.connect_url, account_sid="AC" + "0" * 32, auth_token="secret"
    )
    with Crowd(provider, threads=50) as crowd:
        yield crowd, application


def plan(**otherwise: object) -> Plan:
    """A call that begins at once; its caller stays, and presses nothing."""
    usual: dict[str, object] = {"behaviour": Behaviour(number=lambda _: NUMBER)}
    usual |= {"talk": 0.1, "caller_ends": True, "pause": 0.1, "message": 0.2, "deaf": 0, "patience": float("inf")}
    whole = {"name": "a call", "at": 0.0, "number": NUMBER, "caller": CALLER, "known": None, "keys": ()}
    return Plan(**usual | whole | otherwise)  # type: ignore[arg-type]


def quietly(_: float) -> None:
    """Do nothing meanwhile."""


def test_calls_that_wait_for_the_application_keep_no_other_waiting(serve: Serve) -> None:
    together = threading.Barrier(20)

    def answers_when_all_have_asked(_: Asked) -> str:
        together.wait(LONG)
        return SAYS_BYE

    with crowd_of(serve, incoming=answers_when_all_have_asked) as (crowd, _):
        crowd.play([plan(caller=f"+346550000{i:02}") for i in range(20)], quietly)
        assert [call.status for _, call in crowd.carried] == ["completed"] * 20
        assert (crowd.faults, crowd.broken) == ([], [])


def test_a_call_in_which_nothing_happens_is_not_looked_at(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    looks, look = Counter[str](), Person.looks

    def counted(person: Person) -> float:
        looks[person.plan.caller] += 1
        return look(person)

    monkeypatch.setattr(Person, "looks", counted)
    with crowd_of(serve, incoming='<Pause length="1"/><Hangup/>') as (crowd, _):
        crowd.play([plan(caller=f"+346550000{i:02}") for i in range(10)], quietly)
        assert len(looks) == 10
        assert max(looks.values()) <= 4  # at the beginning, when there may be something to do, at the end


# "callers on hold [are] put through at once (REST)": what the provider is told is not found out when the music ends.
def test_an_order_of_the_rest_api_is_looked_at_at_once(serve: Serve) -> None:
    with crowd_of(serve, incoming=f'<Pause length="{LONG:.0f}"/>', other=SAYS_BYE) as (crowd, _):
        sent_on = set[str]()

        def sends_on(_: float) -> None:
            for sid, call in crowd.calls.items():
                if call.now - call.started_at > 0.5 and sid not in sent_on:  # nobody looks at it now
                    sent_on.add(sid)
                    crowd.redirect(sid, f"{PUBLIC_URL}/voice/other", "POST")

        began = time.monotonic()
        crowd.play([plan()], sends_on)
        assert time.monotonic() - began < LONG / 2
        assert crowd.carried[0][1].transcript[-1].text == "hung up by the application"


def test_a_caller_gives_up_when_his_patience_ends(serve: Serve) -> None:
    with crowd_of(serve, incoming=f'<Pause length="{LONG:.0f}"/>') as (crowd, application):
        crowd.play([plan(patience=0.3)], quietly)
        call = crowd.carried[0][1]
        assert [line.kind for line in call.transcript][-2:] == ["hang up", "end"]
        assert call.now - call.started_at < LONG / 2
        assert application.last("/voice/status")["CallStatus"] == "no-answer"


def test_a_mobile_that_is_asked_presses_1(serve: Serve) -> None:
    dial = '<Dial action="/voice/end"><Number url="/voice/screen">+34600111222</Number></Dial>'
    screen = '<Gather numDigits="1" action="/voice/accepted"><Say>Pulse 1.</Say></Gather><Hangup/>'
    behaviour = Behaviour(number=lambda _: NUMBER, mobile="answer")
    with crowd_of(serve, incoming=dial, screen=screen, accepted="", end=SAYS_BYE) as (crowd, application):
        crowd.play([plan(behaviour=behaviour)], quietly)
        assert application.last("/voice/accepted")["Digits"] == "1"
        assert application.last("/voice/end")["DialCallStatus"] == "completed"
        assert crowd.carried[0][1].legs[0].bridged


def test_a_device_that_is_deaf_rings_in_vain_and_the_next_is_heard(serve: Serve) -> None:
    dial = '<Dial action="/voice/{}"><Client>{}</Client></Dial>'
    pages = {"incoming": dial.format("second", "ana"), "second": dial.format("end", "luis"), "end": SAYS_BYE}
    with crowd_of(serve, **pages) as (crowd, _):
        crowd.play([plan(deaf=1)], quietly)
        assert [leg.status for leg in crowd.carried[0][1].legs] == ["no-answer", "completed"]


def test_a_message_is_spoken_without_anybody_waiting_for_its_end(serve: Serve) -> None:
    with crowd_of(serve, incoming='<Record action="/voice/thanks" playBeep="false"/>', thanks="") as (crowd, _):
        crowd.play([plan(message=0.4)], quietly)
        call = crowd.carried[0][1]
        assert [line.kind for line in call.transcript][-4:] == ["speak", "hang up", "recorded", "end"]
        assert 0.4 <= call.duration + call.now - call.started_at < LONG / 2


def test_every_request_is_timed_and_a_failure_says_why(serve: Serve) -> None:
    answers = count()

    def takes_long_at_first(_: Asked) -> str:
        if not next(answers):
            time.sleep(0.3)
        return SAYS_BYE

    with crowd_of(serve, incoming=takes_long_at_first) as (crowd, _):
        crowd.play([plan(), plan(at=0.1, caller="+34655000001")], quietly)
        times = sorted(timing.seconds for timing in crowd.timings if timing.path == "/voice/incoming")
        assert (len(times), len(crowd.timings)) == (2, 4)
        assert times[0] < times[1]
        assert times[1] >= 0.3
        assert {timing.status for timing in crowd.timings} == {200}


def test_a_call_whose_person_fails_is_told_of_and_ends_the_run(serve: Serve) -> None:
    with crowd_of(serve, incoming="<Gather><Say>Elija.</Say></Gather>") as (crowd, _):
        crowd.play([plan(keys=("no keys",))], quietly)
        assert len(crowd.broken) == 1
        assert "no such keys" in crowd.broken[0]


def test_the_same_seed_draws_the_same_calls() -> None:
    behaviours = {name: (1, Behaviour(number=lambda _: NUMBER)) for name in ("one", "two")}
    drawn = [draw(Rng(seed), FIRM, behaviours, [0.0, 1.0, 2.0]) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]
    assert {each.name for each in drawn[0]} == {"one", "two"}
