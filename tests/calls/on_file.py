"""What is on file of a call, once all has been told of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from redis import Redis

from calls import ledger
from calls.details import CallDetails, LegFact
from live import readings
from local.house import House
from simulator import Caller
from tests.waiting import until
from voice.ending.closing import Closer, settle_due
from voice.ending.later import Later

OnFile = Callable[..., CallDetails]
LATER = timedelta(seconds=30)


def closer(house: House) -> Closer:
    """The closer that the house itself uses."""
    found: Closer = house.app.extensions["ringpath"].closer
    return found


def settle(house: House, redis: Redis, legs: Sequence[LegFact] = ()) -> int:
    """Let half a minute pass, and settle what is due; `legs` is what the provider would say."""
    return settle_due(redis, closer(house), lambda _: legs, house.clock.now() + LATER)


def details(house: House, caller: Caller) -> CallDetails:
    """Read the record of a caller's last call."""
    with house.engine.connect() as connection:
        found = ledger.find(connection, caller.call.sid)
    assert found is not None, "the call is not on file"
    return found


def on_file(house: House, caller: Caller, redis: Redis, legs: Sequence[LegFact] = ()) -> CallDetails:
    """Settle, and read the record of a caller's last call; nothing is left to be settled."""
    settle(house, redis, legs)
    assert readings.ended(redis, house.clock.now() + timedelta(days=1), 10) == {}
    return details(house, caller)


def caught_up(house: House) -> None:
    """Wait until the stores have been given what was held in memory."""
    is_given(house.app.extensions["ringpath"].later)


def is_given(held: Later) -> None:
    """Wait until nothing is held any more."""
    until(lambda: not held.holds, "it is still held")
