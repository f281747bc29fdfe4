"""Fixtures for the live state."""

from __future__ import annotations

import pytest
from redis import Redis

from tests.live.asking import Switch


@pytest.fixture
def switch(redis: Redis) -> Switch:
    """A live state on a real server, at a moment of the test's own."""
    return Switch(redis, queues={"ana": ["support"], "luis": ["support"], "eva": ["support", "sales"]})
