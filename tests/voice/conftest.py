"""Fixtures for the provider's door."""

from __future__ import annotations

import pytest
from redis import Redis

from config.company import Company
from tests.voice.wire import Wire, app_of
from tests.voice.working import environment, worker

__all__ = ["environment", "wire", "worker"]


@pytest.fixture
def wire(redis_url: str, redis: Redis, sample: Company) -> Wire:
    """The sample company's app, and a provider that signs."""
    return Wire(app_of(sample, redis_url))
