"""Everything ends: random callers on random companies."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from redis import Redis

from config.company import Company
from live import keys, readings
from local.house import House, house
from simulator import Call, Ringing, Talking, transcript_lines
from tests.calls.companies import CUSTOMER, KNOWN, MAIN, SWITCHBOARD
from tests.calls.random_calls import Player, bound, things_done
from tests.calls.random_companies import EMPLOYEES, PEST, SECOND, companies
from tests.examples import examples
from tests.moments import at
from tests.providers import chooses_providers

MORE = os.environ.get("RINGPATH_RANDOM_CALLS")
"""How many random companies to call instead of the usual ones, which are the same each time."""

OPEN = "2026-11-24 10:30"
MOMENTS = [OPEN, OPEN, OPEN, OPEN, "2026-11-24 13:59:40", "2026-11-24 17:59", "2026-11-24 23:30", "2026-11-28 12:00"]
CALLERS = [CUSTOMER, KNOWN, CUSTOMER, KNOWN, PEST, "anonymous", "sip:+34600222001@carrier.example.net"]
CALLED = [MAIN, SECOND, MAIN, SWITCHBOARD, "sip:101@pbx.acme.example.com", "sip:3@pbx.acme.example.com"]


class Plan(NamedTuple):
    """Who calls whom, and the seed of the dice by which the call goes."""

    caller: str
    called: str
    seed: int


PLANS = st.builds(Plan, caller=st.sampled_from(CALLERS), called=st.sampled_from(CALLED), seed=st.integers(0, 2**32))
NOBODY: set[str] = set()
AWAY = st.sampled_from([NOBODY, NOBODY, set(EMPLOYEES)]) | st.sets(st.sampled_from(EMPLOYEES), max_size=3)


class Complaints(logging.Handler):
    """Keeps what the app logs as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.found.append(record.getMessage())


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    handler = Complaints()
    logging.getLogger("ringpath").addHandler(handler)
    yield handler
    logging.getLogger("ringpath").removeHandler(handler)


@contextmanager
def told(calls: list[Call]) -> Iterator[None]:
    """Add the whole of the calls to a failure."""
    try:
        yield
    except AssertionError as failure:
        stories = ["\n".join([repr(call), *transcript_lines(call)]) for call in calls]
        raise AssertionError("\n\n".join([str(failure), *stories])) from failure


# "No route may loop without the caller doing something, ring nobody for ever, or end in silence": every call ends
# within a bound of webhooks and of ringing time, with something said or somebody reached; the provider has nothing to
# complain of, the app logs no error, nobody is ever rung for two calls, and afterwards nobody is busy or waits.
@settings(
    max_examples=int(MORE or examples(150)),
    derandomize=MORE is None,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    company=companies(),
    when=st.sampled_from(MOMENTS),
    provider=st.sampled_from(["twilio", "twilio", "signalwire", "somleng", "telnyx", "cloudonix"]),
    away=AWAY,
    balance=st.sampled_from([None, "1.00", "100.00"]),
    plans=st.lists(PLANS, min_size=1, max_size=4),
)
@chooses_providers
def test_every_call_ends(
    redis: Redis,
    redis_url: str,
    complaints: Complaints,
    company: Company,
    when: str,
    provider: str,
    away: set[str],
    balance: str | None,
    plans: list[Plan],
) -> None:
    redis.flushall()
    complaints.found.clear()
    if balance is not None:
        redis.set(keys.BALANCE, balance)
    with house(company, redis_url=redis_url, start=at(when), provider=provider) as opened:
        for employee in away:
            opened.app.extensions["ringpath"].live.set_away(employee, away=True, now=opened.clock.now())
        calls: list[Call] = []
        with told(calls):
            play(opened, plans, calls)
            assert [str(fault) for fault in opened.exchange.faults] == []
            assert complaints.found == []
            assert left_over(redis, opened) == []
    for call in calls:
        event(how_it_ended(call))


def play(house: House, plans: list[Plan], calls: list[Call]) -> None:
    """Play calls beside each other, and check them at every step."""
    players = []
    for plan in plans:
        calls.append(house.exchange.place_call(from_=plan.caller, to=plan.called))
        players.append(Player(house.exchange, calls[-1], plan.seed))
    most = bound(house.company)
    while playing := [player for player in players if not player.call.is_over]:
        for player in playing:
            if not player.call.is_over:
                player.step()
            runs = things_done(player.call) + 1
            assert len(player.call.webhooks) <= runs * most.webhooks
            assert player.call.ringing_seconds <= runs * most.ringing
            assert rung_twice(house, calls) == []
    assert [player.call for player in players if not (player.hung_up or is_served(player.call))] == []


def rung_twice(house: House, calls: list[Call]) -> list[str]:
    """The employees whose devices ring or talk for more than one call."""
    engaged = [(employee, call.sid) for call in calls for employee in employees_on(house, call)]
    return [employee for employee, count in Counter(employee for employee, _ in engaged).items() if count > 1]


def employees_on(house: House, call: Call) -> set[str]:
    """Whose own devices ring or talk for a call now."""
    waiting = call.waiting
    legs = waiting.legs if isinstance(waiting, Ringing) else (waiting.leg,) if isinstance(waiting, Talking) else ()
    devices = {leg.device for leg in legs}
    return {key for key, person in house.company.employees.items() if devices & set(person.devices)}


def is_served(call: Call) -> bool:
    """Whether the caller heard words, reached somebody, or was declined."""
    said = any(line.kind in ("say", "reject") and not line.who for line in call.transcript)
    return said or any(leg.bridged for leg in call.legs)


def left_over(redis: Redis, house: House) -> list[str]:
    """What finished calls should not have left behind."""
    now = house.clock.now()
    states = [(key, readings.presence(redis, key, now).state) for key in house.company.employees]
    busy = [f"{key} {state}" for key, state in states if state not in ("free", "away")]
    waiting = [f"waits for {key}" for key in house.company.groups if readings.waiting(redis, key)]
    return busy + waiting + [f"{call} is up" for call in readings.active(redis)]


def how_it_ended(call: Call) -> str:
    """For Hypothesis' statistics: that the random calls are not all alike."""
    if any(leg.bridged for leg in call.legs):
        return "talked"
    kinds = {line.kind for line in call.transcript if not line.who}
    return next((kind for kind in ("reject", "recorded", "hang up") if kind in kinds), "heard words only")


# The bound would be of no use if no call came near it.
@chooses_providers
def test_the_bound_is_no_fantasy(redis: Redis, redis_url: str, sample: Company) -> None:
    redis.flushall()
    with house(sample, redis_url=redis_url, start=at(OPEN), provider="twilio") as opened:
        call = opened.exchange.place_call(from_=CUSTOMER, to="sip:pbx.acme.sip.example.com")
        while not call.is_over and len(call.webhooks) <= bound(sample).webhooks:
            opened.exchange.advance(max(call.waiting.deadline - opened.exchange.clock.seconds, 0))
    most = bound(sample)
    assert most.webhooks / 4 <= len(call.webhooks) <= most.webhooks
    assert most.ringing / 4 <= call.ringing_seconds <= most.ringing
