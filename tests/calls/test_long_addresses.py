"""Addresses as long as settings and providers may make them: PostgreSQL refuses what SQLite lets pass."""

from __future__ import annotations

from functools import partial

import pytest
from redis import Redis

from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, OpenHouse, acme
from tests.calls.on_file import on_file, settle

LONGEST = "sip:" + "x" * 233 + "@pbx.example.com"


@pytest.fixture
def open_house(open_house: OpenHouse, database: str) -> OpenHouse:
    """Open houses whose calls are kept in a database of each kind."""
    return partial(open_house, database=database)


def test_a_message_for_a_number_with_a_long_address_is_on_file(open_house: OpenHouse, redis: Redis) -> None:
    route = {"name": "Centralita", "kind": "sip", "outgoing_number": MAIN, "otherwise": "voicemail"}
    house = open_house(acme(numbers={LONGEST: route}))
    caller = Caller(house.exchange, f"sip:{CUSTOMER}@x.example.com").dials(LONGEST).leaves_message(7).presses("#")
    found = on_file(house, caller.ended(), redis)
    assert (found.outcome, found.number, found.mailbox) == ("voicemail", LONGEST, f"number:{LONGEST}")


@pytest.mark.parametrize("called", ["sip:" + "y" * 500 + "@pbx.example.com", "sip:a\0b@pbx.example.com"])
def test_a_call_to_an_address_that_is_none_of_ours_is_on_file(open_house: OpenHouse, redis: Redis, called: str) -> None:
    house = open_house(acme())
    caller = Caller(house.exchange, CUSTOMER).dials(called).ended()
    on_file(house, caller, redis)
    assert settle(house, redis) == 0
