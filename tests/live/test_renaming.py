"""What is kept by the keys of the settings goes over to newer ones once, whoever takes a revision up first."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from config.company import Company
from config.loader import parse
from live import keys, readings
from live.renaming import keep_up
from tests.calls.companies import acme
from tests.live.asking import Switch, free, mobile
from tests.moments import OPEN, at

NOW = at(OPEN)
EMPLOYEES: dict[str, Any] = {"ana": None, "luis": None, "eva": None, "pia": {"name": "Pía", "extension": "104"}}


def company(key: str) -> Company:
    """The small company, in which Ana has some key."""
    ana = {key: {"name": "Ana", "extension": "101", "devices": ["client:ana"]}}
    return parse(acme(employees=EMPLOYEES | ana, groups={"sales": {"members": [key]}}))


FIRST, SECOND, THIRD = company("ana"), company("ana-ruiz"), company("boss")


def takes_up(redis: Redis, number: int, now: Company, *known: Company) -> bool:
    """A process that knows some revisions, the one until now first, takes up another."""
    by_digest = {each.revision: each for each in known}
    return keep_up(redis, lambda: NOW, number, now, lambda digest: by_digest.get(digest) if digest else known[0])


def test_the_first_process_does_it_and_the_others_leave_it(switch: Switch, redis: Redis) -> None:
    switch.away("ana")
    assert takes_up(redis, 2, SECOND, FIRST)
    switch.away("ana-ruiz", False)
    switch.away("luis")
    assert takes_up(redis, 2, SECOND, FIRST)
    assert (switch.state("ana-ruiz"), switch.state("luis")) == ("free", "away")


# A process that is late goes by what it knows, and undoes nothing.
def test_an_older_revision_changes_nothing(switch: Switch, redis: Redis) -> None:
    switch.away("ana")
    assert takes_up(redis, 3, SECOND, FIRST)
    assert takes_up(redis, 2, FIRST, SECOND)
    assert switch.state("ana-ruiz") == "away"


def test_a_process_that_missed_a_revision_starts_from_the_one_that_redis_knows(switch: Switch, redis: Redis) -> None:
    switch.rings("X", "ana")
    switch.ends("X").away("ana")
    assert takes_up(redis, 1, FIRST, FIRST)
    assert takes_up(redis, 2, SECOND, FIRST)
    assert takes_up(redis, 3, THIRD, FIRST, SECOND)
    assert switch.state("boss") == "away"
    assert [redis.zscore(keys.OFFERED, key) for key in ("ana", "ana-ruiz", "boss")] == [None, None, 1]
    assert redis.hgetall(keys.RENAMED) == {b"employees:ana": b"boss", b"employees:ana-ruiz": b"boss"}
    switch.asks("A", free("ana", "eva"))
    assert switch.state("eva") == "ringing"


# Two that begin at once: the second finds what it has read changed, and is asked again.
def test_of_two_at_once_one_does_it(switch: Switch, redis: Redis) -> None:
    switch.away("ana")

    def while_another(_: str) -> Company:
        takes_up(redis, 2, SECOND, FIRST)
        switch.away("ana-ruiz", False)
        switch.away("ana-ruiz")
        return FIRST

    assert not keep_up(redis, lambda: NOW, 2, SECOND, while_another)
    assert switch.state("ana-ruiz") == "away"


def test_without_the_revision_that_redis_knows_nobody_is_taken_for_anybody(switch: Switch, redis: Redis) -> None:
    switch.away("ana")
    redis.set(keys.KEYED, "1 0123456789ab")
    assert takes_up(redis, 2, SECOND, FIRST)
    assert (switch.state("ana"), switch.state("ana-ruiz")) == ("away", "free")


# … every second, and whoever reads the log is told of it by others.
def test_a_redis_that_is_away_is_asked_again(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    redis.hset(keys.KEYED, "no", "string")
    assert not takes_up(redis, 2, SECOND, FIRST)
    redis.delete(keys.KEYED)
    assert takes_up(redis, 2, SECOND, FIRST)
    assert caplog.text == ""


# Told late, when nobody is held by the call any more (live/scripts/leg.lua).
def test_a_mobile_that_was_picked_up_is_told_of_late(switch: Switch, redis: Redis) -> None:
    switch.asks("A", free("ana"))
    switch.leg("A", "ana", "in-progress")
    switch.asks("B", mobile("ana"))
    switch.asks("B", frees=True)
    takes_up(redis, 2, SECOND, FIRST)
    switch.leg("B", "ana", "in-progress", step=1)
    assert "picked_up" in switch.told("B")
    assert readings.presence(redis, "ana-ruiz", switch.now).call == "A"


def test_who_goes_back_from_the_mobile_to_another_talk_is_talking_there(switch: Switch, redis: Redis) -> None:
    switch.asks("A", free("ana"))
    switch.leg("A", "ana", "in-progress")
    switch.asks("B", mobile("ana"))
    switch.leg("B", "ana", "in-progress")
    takes_up(redis, 2, SECOND, FIRST)
    switch.leg("B", "ana", "completed")
    found = readings.presence(redis, "ana-ruiz", switch.now)
    assert (found.state, found.call) == ("talking", "A")


def test_thousands_of_renames_are_one_step(redis: Redis) -> None:
    def many(prefix: str) -> Company:
        people = {f"{prefix}{i}": {"name": f"E {i}"} for i in range(5000)}
        return parse(acme(employees=EMPLOYEES | people, groups={"sales": {"members": []}}))

    before, after = many("a"), many("b")
    redis.hset(keys.AWAY, "a4999", "1")
    assert takes_up(redis, 2, after, before)
    assert redis.hgetall(keys.AWAY) == {b"b4999": b"1"}
    assert redis.hlen(keys.RENAMED) == 5000


# The old key may be somebody else's before the call is over: who talks is free at its end all the same.
def test_who_talks_is_free_at_the_end_though_the_old_key_is_somebody_elses(switch: Switch, redis: Redis) -> None:
    takes_up(redis, 1, FIRST, FIRST)
    switch.asks("A", free("ana"))
    switch.leg("A", "ana", "in-progress")
    takes_up(redis, 2, SECOND, FIRST)
    other = {"name": "Other", "extension": "109", "devices": ["client:other"]}
    people = EMPLOYEES | {"ana": other, "ana-ruiz": {"name": "Ana", "extension": "101", "devices": ["client:ana"]}}
    takes_up(redis, 3, parse(acme(employees=people, groups={"sales": {"members": ["ana-ruiz"]}})), SECOND)
    assert (switch.state("ana-ruiz"), switch.state("ana")) == ("talking", "free")
    switch.ends("A")
    assert (switch.state("ana-ruiz"), switch.state("ana")) == ("free", "free")


# Its process took the revision up while Redis did not: the call that goes by the new key already keeps its mark.
def test_who_is_busy_by_the_new_key_already_stays_busy(switch: Switch, redis: Redis) -> None:
    takes_up(redis, 1, FIRST, FIRST)
    switch.asks("A", free("ana-ruiz"))
    switch.leg("A", "ana-ruiz", "in-progress")
    takes_up(redis, 2, SECOND, FIRST)
    assert switch.state("ana-ruiz") == "talking"
    switch.ends("A")
    assert switch.state("ana-ruiz") == "free"
