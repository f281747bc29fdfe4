"""What is going on now, read while whole calls are up; and what the reading costs."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from config.loader import parse
from live import keys
from live.snapshot import MOST, CallNow, Snapshot, snapshot
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, MOBILES, OUTSIDE, acme, sales
from tests.calls.queueing import callers, engaged, holding
from tests.live.asking import PATIENCE, VOID, Switch, free, waits
from tests.moments import OPEN, at

OpenHouse = Callable[..., House]


def read(house: House, redis: Redis) -> Snapshot:
    """What is going on in a house."""
    return snapshot(redis, house.company, house.clock.now())


def only(house: House, redis: Redis) -> CallNow:
    """The one call that is up."""
    (call,) = read(house, redis).calls
    return call


def test_where_nothing_happens_everybody_is_free(open_house: OpenHouse, redis: Redis) -> None:
    found = read(open_house(acme(groups=sales())), redis)
    assert (found.up, found.calls, found.queues) == (0, (), ())
    assert {person.state for person in found.people.values()} == {"free"}


def test_a_call_is_followed_through_greeting_menu_and_ring(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house()
    caller = Caller(house.exchange, "+34600123123")
    caller.dials(MAIN)
    call = only(house, redis)
    assert (call.number, call.caller, call.place) == (MAIN, "+34600123123", "greeting")
    assert call.started == at(OPEN)
    caller.waits(12)
    assert only(house, redis).place == "menu"
    assert only(house, redis).menu == "main"
    caller.presses("1").rings("ana")
    call = only(house, redis)
    assert call.place == "ringing"
    (rung,) = call.people
    person = read(house, redis).people[rung]
    assert (person.state, person.call, person.since) == ("ringing", caller.call.sid, call.since)


def test_who_talks_is_seen_talking_since_he_picked_up(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=["ana", "luis"])))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").waits(4).answers("ana")
    picked_up = house.clock.now()
    caller.waits(60)
    call, people = only(house, redis), read(house, redis).people
    assert (call.place, call.people, call.since) == ("talking", ("ana",), picked_up)
    assert (people["ana"].state, people["ana"].since) == ("talking", picked_up)
    assert people["luis"].state == "free"
    caller.hangs_up().ended()
    found = read(house, redis)
    assert (found.up, found.calls, found.people["ana"].state) == (0, (), "free")


def test_callers_on_hold_stand_in_line(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(holding())
    engaged(house, "ana")
    first, second = callers(house, 2)
    began = house.clock.now()
    first.dials(MAIN).holds().waits(40)
    second.dials(MAIN).holds().waits(50)
    found = read(house, redis)
    assert [(queue.group, queue.waiting, queue.since) for queue in found.queues] == [("sales", 2, began)]
    line = {call.id: (call.place, call.group, call.position) for call in found.calls if call.group}
    assert line == {first.call.sid: ("hold", "sales", 1), second.call.sid: ("hold", "sales", 2)}
    assert {call.since for call in found.calls if call.position == 1} == {began}
    assert found.up == 3


def test_a_forward_shows_where_the_call_went(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=[], no_answer={"forward": OUTSIDE})))
    Caller(house.exchange).dials(MAIN)
    call = only(house, redis)
    assert (call.place, call.to, call.people) == ("forwarded", OUTSIDE, ())


def test_a_mobile_that_is_dialled_counts_as_its_owners_ring(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "luis"})))
    Caller(house.exchange).dials(MAIN).nobody_answers().is_forwarded_to(MOBILES["luis"])
    call, people = only(house, redis), read(house, redis).people
    assert (call.place, call.people) == ("forwarded", ("luis",))
    assert (people["luis"].state, people["ana"].state) == ("ringing", "free")


def test_who_is_away_or_off_is_told_apart(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(when="2026-11-24 16:00")
    board = house.app.extensions["ringpath"]
    left = house.clock.now()
    board.live.set_away("luis", away=True, now=left)
    people = snapshot(redis, house.company, at("2026-11-24 23:00")).people
    assert (people["luis"].state, people["luis"].since) == ("away", left)
    assert people["ana"].state == "off"


# A provider that does not tell when a device is picked up: whoever is rung alone may just as well talk.
def test_where_the_provider_does_not_tell_nobody_claims_to_know(redis: Redis) -> None:
    switch = Switch(redis, leg_callbacks=False)
    switch.rings("CA1", "ana")
    found = snapshot(redis, parse(acme(groups=sales())), switch.now)
    assert found.people["ana"].state == "busy"


# Ringing expires with the ring (DESIGN section 6): a lost callback never leaves anybody busy.
def test_who_was_rung_and_never_heard_of_again_is_free(redis: Redis) -> None:
    switch = Switch(redis)
    switch.rings("CA1", "ana")
    company = parse(acme(groups=sales()))
    assert snapshot(redis, company, switch.now).people["ana"].state == "ringing"
    switch.now += VOID
    assert snapshot(redis, company, switch.now).people["ana"].state == "free"


def test_who_has_been_silent_for_too_long_waits_no_more(redis: Redis) -> None:
    switch = Switch(redis)
    switch.asks("CA1", waits("sales"))
    company = parse(holding())
    assert [queue.waiting for queue in snapshot(redis, company, switch.now).queues] == [1]
    switch.passes(PATIENCE)
    found = snapshot(redis, company, switch.now)
    assert found.queues == ()
    assert [call.group for call in found.calls] == [""]


@pytest.mark.parametrize(
    ("kept", "name"),
    [
        (
            json.dumps({"kind": "company", "id": "7", "name": "Bodegas Ñu"}),
            "Bodegas Ñu",
        ),
        ("null", None),
        ("asking", None),
        ("failed", None),
        (None, None),
    ],
)
def test_a_caller_has_the_name_that_the_crm_gave(redis: Redis, kept: str | None, name: str | None) -> None:
    switch = Switch(redis)
    switch.asks("CA1", free("ana"))
    if kept is not None:
        redis.set(keys.lookup("+34600000001"), kept)
    (call,) = snapshot(redis, parse(acme(groups=sales())), switch.now).calls
    assert call.name == name


def busy_day(redis: Redis, count: int) -> None:
    """So many employees who talk, so many calls."""
    until = int((at(OPEN) + timedelta(hours=4)).timestamp() * 1000)
    began = int(at(OPEN).timestamp() * 1000)
    with redis.pipeline(transaction=False) as writing:
        for i in range(count):
            writing.hset(keys.BUSY, f"e{i}", f"T {until} 1 CA{i}")
            writing.zadd(keys.CALLS, {f"CA{i}": began + i})
            writing.hset(keys.call(f"CA{i}"), mapping={"number": MAIN, "caller": "+34600000001", "started": began})
        writing.execute()


def commands(redis: Redis, work: Callable[[], Any]) -> int:
    """How many commands a client sends meanwhile."""
    before: Any = redis.info("commandstats")
    work()
    after: Any = redis.info("commandstats")
    names = [name for name in after if not name.endswith("|help") and name not in {"cmdstat_info"}]
    return sum(after[name]["calls"] - before.get(name, {"calls": 0})["calls"] for name in names)


# Flat: the same cost with 10 or 10,000 employees and calls in progress (DESIGN section 8).
def test_ten_thousand_employees_cost_no_more_commands_than_as_many_as_are_shown(redis: Redis) -> None:
    company = parse(acme(groups=sales()))

    def look() -> None:
        snapshot(redis, company, at(OPEN))

    busy_day(redis, MOST)
    few = commands(redis, look)
    busy_day(redis, 10_000)
    assert commands(redis, look) == few
    found = snapshot(redis, company, at(OPEN))
    assert (found.up, len(found.calls)) == (10_000, MOST)


def test_it_is_one_round_trip(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    company, trips = parse(holding()), list[object]()
    kind = redis.connection_pool.connection_class
    sends = kind.send_packed_command

    def counted(self: Any, *what: Any, **how: Any) -> Any:
        trips.append(what)
        return sends(self, *what, **how)

    snapshot(redis, company, at(OPEN))  # which connects
    monkeypatch.setattr(kind, "send_packed_command", counted)
    snapshot(redis, company, at(OPEN))
    assert len(trips) == 1
