"""Whoever has recorded signed requests sends them again, long afterwards: nothing of the company changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from redis import Redis
from sqlalchemy import select

from calls import ledger
from calls.tables import calls, recordings
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, OpenHouse
from tests.calls.conftest import Check
from tests.calls.journeys import EVERYTHING, WHOLE
from tests.calls.on_file import details, settle
from tests.calls.test_repeats import everything_sent

A_WEEK = 8 * 86_400
A_RING = 120
"""Seconds: the longest that the settings allow."""


def on_file(house: House) -> list[list[tuple[object, ...]]]:
    """Every row of the call details, and of what was recorded."""
    with house.engine.connect() as connection:
        return [
            [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]
            for table in (calls, recordings)
        ]


# By then Redis has forgotten the calls (live/keys.py), and takes them for new ones; their ids are on file for good.
def test_calls_that_are_replayed_after_a_week_change_nothing_on_file(
    open_house: OpenHouse, nothing_left: Check, redis: Redis
) -> None:
    house = open_house(EVERYTHING)
    for journey in WHOLE.values():
        journey(Caller(house.exchange))
    recorded = everything_sent(house)
    assert settle(house, redis) >= len(WHOLE)
    before = on_file(house)
    house.clock.advance(A_WEEK)
    redis.flushall()  # it goes by a clock of its own
    for webhook in recorded:
        assert house.exchange.redeliver(webhook).status_code == 200
    house.clock.advance(A_RING)
    settle(house, redis)
    assert on_file(house) == before
    assert len(before[0]) >= len(WHOLE)
    nothing_left(house)


# What Redis did not take of them is in SQL, told after the record was settled; it is looked at once, not in every run.
def test_what_was_kept_of_a_replayed_call_is_not_looked_at_again_and_again(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange).dials(MAIN).hangs_up()
    recorded = everything_sent(house)
    settle(house, redis)
    before = details(house, caller)
    house.clock.advance(A_WEEK)
    redis.flushall()
    for webhook in recorded:
        house.exchange.redeliver(webhook)
    told = house.clock.now() + timedelta(seconds=40)
    note = {"code": "failed", "t": 1, "why": "no Redis"}
    ledger.keep_notes(house.engine, [(caller.call.sid, "key", told, [note])])
    house.clock.advance(A_RING)
    assert settle(house, redis) == 2
    assert settle(house, redis) == 0
    assert replace(details(house, caller), settled_at=before.settled_at) == before
