"""Whoever has recorded signed requests sends them again, long afterwards: nothing of the company changes."""

from __future__ import annotations

from redis import Redis
from sqlalchemy import select

from calls.tables import calls, recordings
from local.house import House
from simulator import Caller
from tests.calls.companies import OpenHouse
from tests.calls.conftest import Check
from tests.calls.journeys import EVERYTHING, WHOLE
from tests.calls.on_file import settle
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
