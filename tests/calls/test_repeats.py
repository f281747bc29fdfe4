"""Providers repeat requests: the same answer, and nothing changed twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis

from crm.lookup import Lookups
from live import keys, readings
from local.house import House
from simulator import Caller, Webhook
from tests.calls.companies import MAIN, OFFICE, OUTSIDE, OpenHouse, acme, number, sales
from tests.calls.conftest import Check, WhoIs, Why
from tests.calls.journeys import EVERYTHING, MOMENTS, OTHER, WHOLE, chose, hang_up_others
from tests.providers import needs

State = tuple[object, ...]


def everything_sent(house: House) -> list[Webhook]:
    """Every webhook of every call and leg, in no order that a provider would keep."""
    calls = list(house.exchange.calls.values())
    return [webhook for each in (*calls, *(leg for call in calls for leg in call.legs)) for webhook in each.webhooks]


@pytest.fixture
def state(redis: Redis, who_is: WhoIs, why: Why) -> Callable[[House, Caller], State]:
    """All that a webhook could change: the trace, who is busy, who waits, offers, calls that are up."""

    def read(house: House, caller: Caller) -> State:
        waiting = {key: readings.waiting(redis, key) for key in house.company.groups}
        offered = redis.zrange(keys.OFFERED, 0, -1, withscores=True)
        return why(house, caller), who_is(house), waiting, offered, redis.get(keys.SEQUENCE), readings.active(redis)

    return read


# "Duplicate deliveries give the same answer and change nothing twice": every webhook of whole calls, leg callbacks
# and status callbacks included, comes twice. A different answer is a fault of the simulated provider.
@pytest.mark.parametrize("journey", WHOLE)
def test_a_call_whose_every_webhook_comes_twice_is_the_same_call(
    open_house: OpenHouse, redis: Redis, why: Why, nothing_left: Check, journey: str
) -> None:
    traces, offers = [], []
    for duplicate in (False, True):
        redis.flushall()
        house = open_house(EVERYTHING, duplicate=duplicate)
        caller = Caller(house.exchange)
        WHOLE[journey](caller)
        nothing_left(house)
        traces.append(why(house, caller))
        offers.append(redis.get(keys.SEQUENCE))
    assert traces[0] == traces[1]
    assert offers[0] == offers[1]


# At every kind of moment all that was sent before may come again, in any order, with the answer of the first time.
@pytest.mark.parametrize("moment", MOMENTS)
def test_older_webhooks_may_come_again_at_any_moment(
    open_house: OpenHouse, state: Callable[[House, Caller], State], moment: str
) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange)
    MOMENTS[moment](caller)
    before = state(house, caller)
    for webhook in reversed(everything_sent(house)):
        again = house.exchange.redeliver(webhook)
        assert (again.status_code, again.text) == (webhook.status_code, webhook.text)
    assert state(house, caller) == before


@pytest.mark.parametrize("journey", WHOLE)
def test_webhooks_may_come_again_when_the_call_is_over(
    open_house: OpenHouse, state: Callable[[House, Caller], State], nothing_left: Check, journey: str
) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange)
    WHOLE[journey](caller)
    before = state(house, caller)
    for webhook in everything_sent(house):
        assert house.exchange.redeliver(webhook).text == webhook.text
    assert state(house, caller) == before
    nothing_left(house)


# The repeat of an answer that rang Ana rings Ana, even if Luis would be next by now.
def test_a_repeat_picks_nobody_else(open_house: OpenHouse, redis: Redis, who_is: WhoIs) -> None:
    house = open_house(acme(groups=sales(distribution="evenly")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana")
    first = caller.call.webhooks[0]
    Caller(house.exchange, OTHER).dials(MAIN).rings("luis").hangs_up()
    assert house.exchange.redeliver(first).text == first.text
    assert redis.get(keys.SEQUENCE) == b"2"
    assert who_is(house) == {"ana": "ringing"}


# … and does not ring her again when the call has gone on meanwhile, nor take her from another call.
@needs("legs")
def test_a_late_repeat_takes_nobody_from_another_call(open_house: OpenHouse, redis: Redis, who_is: WhoIs) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis")
    other = Caller(house.exchange, OTHER).dials(MAIN).rings("ana").answers("ana")
    for webhook in everything_sent(house):
        house.exchange.redeliver(webhook)
    assert who_is(house) == {"ana": "talking", "luis": "ringing"}
    assert readings.presence(redis, "ana", house.clock.now()).call == other.call.sid
    caller.hangs_up()


# "Asking again for the same place of the same call gives the same answer": a repeat that crosses the minute of
# closing gives the answer of the first time.
def test_a_repeat_after_closing_time_gives_the_first_answer(open_house: OpenHouse, why: Why) -> None:
    settings = acme(schedules={"office": OFFICE}, numbers=number(schedule="office", closed={"forward": OUTSIDE}))
    house = open_house(settings, when="2026-11-24 17:59:58")
    caller = Caller(house.exchange).dials(MAIN).rings("ana")
    first, trace = caller.call.webhooks[0], why(house, caller)
    house.exchange.advance(10)
    assert house.exchange.redeliver(first).text == first.text
    assert why(house, caller) == trace
    Caller(house.exchange, OTHER).dials(MAIN).is_forwarded_to(OUTSIDE)


def test_a_repeat_after_the_employees_closing_time_gives_the_first_answer(open_house: OpenHouse) -> None:
    settings = acme(schedules={"office": OFFICE}, employees={"ana": {"schedule": "office"}})
    house = open_house(settings, when="2026-11-24 17:59:58")
    first = Caller(house.exchange).dials(MAIN).rings("ana").call.webhooks[0]
    house.exchange.advance(10)
    assert house.exchange.redeliver(first).text == first.text


# A caller on hold is told one position per question, however often it is asked.
def test_a_repeat_on_hold_keeps_the_place(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(EVERYTHING)
    first, second = Caller(house.exchange), Caller(house.exchange, "+34600000002")
    MOMENTS["on hold"](first)
    chose(second, "2").hears("número 2").holds()
    first.hangs_up()
    asked = second.call.webhooks[-1]
    assert house.exchange.redeliver(asked).text == asked.text
    assert readings.waiting(redis, "support") == [second.call.sid]
    hang_up_others(second.hangs_up())


# A look-up that was late the first time may have answered meanwhile, and the other way round.
@pytest.mark.parametrize(
    ("first", "then", "rung"), [(None, "luis", "ana"), ("luis", None, "luis"), ("luis", "ana", "luis")]
)
def test_a_repeated_request_rings_whom_it_rang_whoever_is_responsible_by_now(
    open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch, first: str | None, then: str | None, rung: str
) -> None:
    named = [first]
    monkeypatch.setattr(Lookups, "responsible", lambda *_: named[-1])
    rules = number(responsible={"no_answer": "continue"})
    house = open_house(acme(numbers=rules, groups=sales(members=["ana"])))
    caller = Caller(house.exchange).dials(MAIN).rings(rung)
    named.append(then)
    house.clock.advance(1)
    webhook = caller.call.webhooks[-1]
    assert house.exchange.redeliver(webhook).text == webhook.text
