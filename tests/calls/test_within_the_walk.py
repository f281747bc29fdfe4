"""Whatever happens in random calls to random companies is within what the walk of the company claims."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from redis import Redis

from calls.contacts import Entry, put
from commands.walked import desk_of, pace_of
from config.company import Company
from flows.walk.report import Line, walk
from live import readings
from local.house import house
from simulator import Call
from tests.calls.companies import CUSTOMER
from tests.calls.random_calls import Player
from tests.calls.random_companies import EMPLOYEES, companies
from tests.calls.test_everything_ends import AWAY, PLANS, Plan, told
from tests.examples import examples
from tests.flows.test_walk_holds import excluded, met
from tests.moments import at

MOMENTS = ["2026-11-24 10:30", "2026-11-24 23:30", "2026-11-28 12:00"]
"""Hours stay as they are during these calls, as the longest times presume."""
SLACK = 1.0
"""Seconds by which the clock of a simulated call may differ: it counts in parts of a second, the app in whole ones."""


@dataclass(kw_only=True)
class Silence:
    """What happened between two things that a caller did; seconds of the call."""

    began: float
    rang: float | None = None
    over: float | None = None


# The proof speaks of every call there can be: real calls, played through the provider's documents, keep to it.
@settings(
    max_examples=examples(60),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(
    company=companies(),
    when=st.sampled_from(MOMENTS),
    provider=st.sampled_from(["twilio", "twilio", "signalwire", "somleng"]),
    away=AWAY,
    plans=st.lists(PLANS, min_size=1, max_size=4),
    named=st.sampled_from([None, *EMPLOYEES]),
)
def test_random_calls_keep_to_what_the_walk_claims(
    redis: Redis,
    redis_url: str,
    company: Company,
    when: str,
    provider: str,
    away: set[str],
    plans: list[Plan],
    named: str | None,
) -> None:
    redis.flushall()
    report = walk(company, at(when), pace_of(company, provider), desk_of(company, provider))
    assert report.proved, report.findings
    with house(company, redis_url=redis_url, start=at(when), provider=provider) as opened:
        for employee in away:
            opened.app.extensions["ringpath"].live.set_away(employee, away=True, now=opened.clock.now())
        if named:
            put(opened.engine, [Entry(number=CUSTOMER, name="Customer", employee=named)], {}, opened.clock.now())
        for plan in plans:
            call = opened.exchange.place_call(from_=plan.caller, to=plan.called)
            player = Player(opened.exchange, call, plan.seed)
            while not call.is_over:
                player.step()
            number = company.number_called(plan.called)
            assert number
            with told([call]):
                keeps_to(company, call, player.hung_up, report.numbers[number])
                trace = readings.trace(redis, call.sid)
                assert not met(trace).intersection(excluded(report, named))


def keeps_to(company: Company, call: Call, hung_up: bool, line: Line) -> None:
    """Hold a call against what is claimed of its number."""
    end = how_it_ended(company, call)
    assert hung_up or end in line.ends, f"{end} is not among {line.ends}"
    for silence in silences(call):
        if silence.rang is not None:
            assert line.until_ring, "nobody should ever be rung"
            assert silence.rang - silence.began <= line.until_ring.seconds + SLACK
        if silence.over is not None:
            assert silence.over - silence.began <= line.until_end.seconds + SLACK


def silences(call: Call) -> list[Silence]:
    """Cut a call where its caller presses keys; it is over when somebody talks, a message begins, or the line ends."""
    found = [Silence(began=0)]
    for line in call.transcript:
        if line.kind == "key" and not line.who:
            found.append(Silence(began=line.at_seconds))
        elif line.kind == "ring" and found[-1].rang is None:
            found[-1].rang = line.at_seconds
        elif line.kind in ("talk", "beep") or (line.kind == "end" and not line.who):
            found[-1].over = line.at_seconds
            return found
    return found


def how_it_ended(company: Company, call: Call) -> str:
    """The end of a call, in the words of the walk."""
    talked = next((leg.device for leg in call.legs if leg.bridged), None)
    if talked is not None:
        own = any(talked in person.devices for person in company.employees.values())
        return "person" if own else "forward"
    kinds = {line.kind for line in call.transcript if not line.who}
    return "message" if "beep" in kinds else "declined" if "reject" in kinds else "goodbye"
