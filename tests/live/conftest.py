"""Fixtures for the live state."""

from __future__ import annotations

import pytest
from redis import Redis

from live.gate import Gate
from tests.live.asking import Switch
from tests.live.gates import Gates, Time


@pytest.fixture
def switch(redis: Redis) -> Switch:
    """A live state on a real server, at a moment of the test's own."""
    return Switch(redis, queues={"ana": ["support"], "luis": ["support"], "eva": ["support", "sales"]})


@pytest.fixture
def time() -> Time:
    """A clock that the test moves."""
    return Time()


@pytest.fixture
def gates(redis: Redis, time: Time) -> Gates:
    """Gates of several processes, on that clock."""
    return Gates(redis, time)


@pytest.fixture
def gate(gates: Gates) -> Gate:
    """The gate of one process."""
    return gates()
