"""Who gets another key in the settings stays away, busy and in turn (DESIGN section 3)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from app import create_app
from calls import following
from config.editing import Document
from live import keys, readings
from live.snapshot import snapshot
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, MOBILES, acme, number, sales
from tests.calls.conftest import Check, SetAway
from tests.calls.on_file import on_file
from tests.calls.publishing import OpenPublished, open_published, publishes, renamed, settings_of
from tests.calls.queueing import LOOP, callers, engaged, holding, until_it_rings
from tests.calls.test_published_meanwhile import two_processes
from tests.providers import needs
from tests.published import publish

__all__ = ["open_published"]

FIRST = {"distribution": "in_order", "members": ["ana", "luis"]}
LINE = {"prompt": {"say": "Pulse 1."}, "choices": {"1": {"group": "sales"}}}
TWO = acme(groups=sales(**FIRST))
LATER = acme(menus={"main": LINE}, numbers=number(menu="main"), groups=sales(**FIRST))
"""Callers press 1 first, so that they can have begun before somebody is renamed, and ring after it."""


NEW = ("ana", "ana-ruiz")


def state(redis: Redis, house: House, key: str) -> str:
    return readings.presence(redis, key, house.clock.now()).state


def call(house: House, i: int = 0) -> Caller:
    return Caller(house.exchange, f"+3460000030{i}")


# An employee who set himself away is not rung, whether the call began before or after he was renamed.
def test_who_is_away_stays_away(open_published: OpenPublished, set_away: SetAway, redis: Redis) -> None:
    house = open_published(LATER)
    set_away(house, "ana", True)
    old = call(house).dials(MAIN).hears("Pulse 1.")
    publishes(house, renamed(LATER, NEW))
    assert state(redis, house, "ana-ruiz") == "away"
    old.presses("1").rings("luis").hangs_up()
    call(house, 1).dials(MAIN).presses("1").rings("luis").hangs_up()
    set_away(house, "ana-ruiz", False)
    call(house, 2).dials(MAIN).presses("1").rings("ana").hangs_up()


def test_who_is_renamed_back_stays_away(open_published: OpenPublished, set_away: SetAway) -> None:
    house = open_published(TWO)
    set_away(house, "ana", True)
    for document in (renamed(TWO, NEW), renamed(TWO, ("ana", "boss")), TWO):
        publishes(house, document)
        call(house).dials(MAIN).rings("luis").hangs_up()
    set_away(house, "ana", False)
    call(house).dials(MAIN).rings("ana").hangs_up()


@needs("legs")
def test_who_talks_stays_busy_and_is_free_when_the_call_ends(
    open_published: OpenPublished, redis: Redis, nothing_left: Check
) -> None:
    house = open_published(TWO)
    talk = call(house).dials(MAIN).answers("ana")
    publishes(house, renamed(TWO, NEW))
    assert state(redis, house, "ana-ruiz") == "talking"
    call(house, 1).dials(MAIN).rings("luis").hangs_up()
    talk.talks_to("ana").other_side_hangs_up().ended()
    assert state(redis, house, "ana-ruiz") == "free"
    call(house, 2).dials(MAIN).rings("ana").hangs_up()
    nothing_left(house)


# The ring was of the old key, and so is the address at which the provider tells that it was answered.
@needs("legs")
def test_who_is_rung_is_busy_when_he_answers(open_published: OpenPublished, redis: Redis) -> None:
    house = open_published(TWO)
    ring = call(house).dials(MAIN).rings("ana")
    publishes(house, renamed(TWO, NEW))
    assert state(redis, house, "ana-ruiz") == "ringing"
    ring.answers("ana")
    assert state(redis, house, "ana-ruiz") == "talking"
    call(house, 1).dials(MAIN).rings("luis").hangs_up()
    ring.talks_to("ana").hangs_up()
    assert state(redis, house, "ana-ruiz") == "free"


# A call that began before rings by the old settings; that counts for the others all the same.
def test_who_is_rung_by_an_older_call_is_busy_for_newer_ones(open_published: OpenPublished, redis: Redis) -> None:
    house = open_published(LATER)
    old = call(house).dials(MAIN).hears("Pulse 1.")
    publishes(house, renamed(LATER, NEW))
    old.presses("1").rings("ana")
    assert state(redis, house, "ana-ruiz") == "ringing"
    call(house, 1).dials(MAIN).presses("1").rings("luis").hangs_up()
    old.nobody_answers().rings("luis")
    assert state(redis, house, "ana-ruiz") == "free"
    old.hangs_up()


def test_who_was_offered_a_call_before_is_not_the_longest_idle(open_published: OpenPublished) -> None:
    document = acme(groups=sales(distribution="evenly", members=["ana", "luis"]))
    house = open_published(document)
    call(house).dials(MAIN).rings("ana").hangs_up()
    publishes(house, renamed(document, NEW))
    call(house).dials(MAIN).rings("luis").hangs_up()
    call(house).dials(MAIN).rings("ana").hangs_up()


def test_an_offer_of_an_older_call_counts_for_newer_ones(open_published: OpenPublished) -> None:
    group = sales(distribution="evenly", members=["ana", "luis"])
    document = acme(menus={"main": LINE}, numbers=number(menu="main"), groups=group)
    house = open_published(document)
    old = call(house).dials(MAIN).hears("Pulse 1.")
    publishes(house, renamed(document, NEW))
    old.presses("1").rings("ana").hangs_up()
    call(house).dials(MAIN).presses("1").rings("luis").hangs_up()


def test_a_mobile_that_an_older_call_rings_is_busy_for_newer_ones(open_published: OpenPublished, redis: Redis) -> None:
    group = sales(members=[], no_answer={"forward_to_mobile": "ana"})
    document = acme(menus={"main": LINE}, numbers=number(menu="main"), groups=group)
    house = open_published(document)
    old = call(house).dials(MAIN).hears("Pulse 1.")
    publishes(house, renamed(document, NEW))
    old.presses("1").is_forwarded_to(MOBILES["ana"])
    assert state(redis, house, "ana-ruiz") == "ringing"
    old.hangs_up()
    assert state(redis, house, "ana-ruiz") == "free"


@needs("legs")
def test_a_mobile_that_rings_is_shown_under_the_new_key(open_published: OpenPublished, redis: Redis) -> None:
    document = acme(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"}))
    house = open_published(document)
    talk = call(house).dials(MAIN).answers("ana")
    caller = call(house, 1).dials(MAIN).is_forwarded_to(MOBILES["ana"])
    publishes(house, renamed(document, NEW))
    now = snapshot(redis, settings_of(house).company, house.clock.now())
    assert {each.id: (each.place, each.people) for each in now.calls} == {
        talk.call.sid: ("talking", ("ana-ruiz",)),
        caller.call.sid: ("forwarded", ("ana-ruiz",)),
    }
    talk.hangs_up()
    caller.takes(MOBILES["ana"]).talks_to(MOBILES["ana"]).other_side_hangs_up().ended()
    assert state(redis, house, "ana-ruiz") == "free"
    assert on_file(house, caller, redis).answered_by == "ana-ruiz"


# First come, first served, though the group and its member have other keys than when the first came.
def test_who_waits_for_a_renamed_group_keeps_his_place(open_published: OpenPublished, redis: Redis) -> None:
    house = open_published(holding("ana"))
    (busy,) = engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).holds()
    publishes(house, renamed(renamed(holding("ana"), NEW), ("sales", "ventas"), section="groups"))
    second.dials(MAIN).holds()
    first.waits(LOOP).holds()
    assert readings.waiting(redis, "ventas") == [first.call.sid, second.call.sid]
    assert readings.waiting(redis, "sales") == []
    busy.other_side_hangs_up().ended()
    assert until_it_rings(first, LOOP) <= LOOP
    first.rings("ana").hangs_up()
    assert until_it_rings(second, LOOP) <= LOOP
    second.rings("ana").hangs_up()
    assert readings.waiting(redis, "ventas") == []


def test_a_free_member_wakes_who_waits_for_a_renamed_group(
    open_published: OpenPublished, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    house, woken = open_published(holding("ana")), []
    monkeypatch.setattr(house.app.extensions["ringpath"].live, "_wake", woken.extend)
    (busy,) = engaged(house, "ana")
    (waits,) = callers(house, 1)
    waits.dials(MAIN).holds()
    publishes(house, renamed(renamed(holding("ana"), NEW), ("sales", "ventas"), section="groups"))
    busy.other_side_hangs_up().ended()
    assert woken == [waits.call.sid]
    waits.hangs_up()


def test_who_is_free_after_an_older_call_wakes_who_waits(
    open_published: OpenPublished, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = sales(members=["ana"], no_answer="hold")
    document = acme(menus={"main": LINE}, numbers=number(menu="main"), groups=group)
    house, woken = open_published(document), []
    monkeypatch.setattr(house.app.extensions["ringpath"].live, "_wake", woken.extend)
    old = call(house).dials(MAIN).hears("Pulse 1.")
    publishes(house, renamed(document, NEW))
    old.presses("1").answers("ana")
    waits = call(house, 1).dials(MAIN).presses("1").holds()
    old.other_side_hangs_up().ended()
    assert woken == [waits.call.sid]
    waits.hangs_up()


# A new employee may have the key that was somebody else's: nobody inherits.
def test_nobody_inherits_from_who_had_the_key_once(
    open_published: OpenPublished, set_away: SetAway, redis: Redis
) -> None:
    house = open_published(TWO)
    set_away(house, "pia", True)
    set_away(house, "ana", True)
    publishes(house, renamed(TWO, NEW, ("luis", "pia")))
    assert (state(redis, house, "ana-ruiz"), state(redis, house, "pia")) == ("away", "free")
    other = {"name": "Otra", "devices": ["client:otra"]}
    with_another = Document.read(renamed(TWO, NEW, ("luis", "pia")))
    with_another.put(("employees", "ana"), other)
    publishes(house, with_another.text)
    set_away(house, "ana", True)
    set_away(house, "ana-ruiz", False)
    assert (state(redis, house, "ana-ruiz"), state(redis, house, "ana")) == ("free", "away")


# Webhooks of one call reach processes of which one has not yet taken up what the other has.
def test_a_process_that_goes_by_the_old_settings_still_knows_who_is_away(
    redis: Redis, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "EVERY", 3600)
    with two_processes(redis_url, tmp_path, TWO) as (exchange, (first, second)):
        first.live.set_away("ana", away=True, now=first.clock())
        publish(first.closer.engine, renamed(TWO, NEW))
        first.settings.refresh()
        for i in range(2):  # each process takes every other webhook
            Caller(exchange, f"+3460000030{i}").dials(MAIN).rings("luis").hangs_up().ended()
            Caller(exchange, f"+3460000031{i}").dials(MAIN).rings("luis").hangs_up().ended()
        second.live.set_away("ana", away=False, now=first.clock())
        assert readings.presence(redis, "ana-ruiz", first.clock()).state == "free"


def test_what_was_published_while_no_process_ran_is_taken_up_at_the_start(
    open_published: OpenPublished, set_away: SetAway, redis: Redis
) -> None:
    house = open_published(TWO)
    set_away(house, "ana", True)
    publish(house.engine, renamed(TWO, NEW))
    create_app(house.environment, clock=house.clock.now, with_pages=False).extensions["ringpath"].settings.close()
    assert state(redis, house, "ana-ruiz") == "away"


# Redis is told again, a second later, and what it holds is still that of the old keys.
def test_a_redis_that_was_away_at_the_publishing_is_told_later(
    open_published: OpenPublished, set_away: SetAway, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_published(TWO)
    set_away(house, "ana", True)
    redis.rename(keys.AWAY, keys.AWAY + "-there")
    redis.set(keys.AWAY, "not a hash: every write is refused")
    publishes(house, renamed(TWO, NEW))
    assert redis.hgetall(keys.RENAMED) == {}
    redis.rename(keys.AWAY + "-there", keys.AWAY)
    settings_of(house).refresh()
    assert state(redis, house, "ana-ruiz") == "away"


def test_the_earlier_keys_are_forgotten_in_the_end(open_published: OpenPublished, redis: Redis) -> None:
    house = open_published(TWO)
    publishes(house, renamed(TWO, NEW))
    known: Any = redis.hgetall(keys.RENAMED)
    assert known == {b"employees:ana": b"ana-ruiz"}
    assert 0 < redis.ttl(keys.RENAMED) <= timedelta(days=1).total_seconds()
