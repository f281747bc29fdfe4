"""A failover: the address leads to another server, and connections that are open to what is a replica now."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ReadOnlyError

from live import keys
from live.connection import connect
from local import valkey
from local.valkey import Embedded
from tests.live.asking import Switch, free
from tests.refusing import a_replica, refusing

Pair = tuple[Redis, Path, Embedded]


@pytest.fixture
def pair(redis_url: str, tmp_path: Path) -> Iterator[Pair]:
    """A connection by an address that leads to the first of two servers, the address, and the second."""
    address, second = tmp_path / "address.sock", valkey.ensure(tmp_path)
    address.symlink_to(redis_url.removeprefix("unix://"))
    with connect(f"unix://{address}") as client:
        yield client, address, second
    valkey.stop(second)


def fails_over(pair: Pair) -> None:
    """From now on the address leads to the second server."""
    _, address, second = pair
    address.unlink()
    address.symlink_to(second.url.removeprefix("unix://"))


# Neither the first caller after it waits, nor is he routed without Redis.
def test_the_new_primary_is_asked_at_once(pair: Pair, redis: Redis) -> None:
    client, _, second = pair
    switch = Switch(client)
    switch.rings("CA1", "ana")
    client.set("plain", "1")
    with refusing(redis, "a replica"):
        fails_over(pair)
        assert switch.asks("CA2", free("luis")).who == ("luis",)
        client.set("plain", "2")
    with Redis.from_url(second.url) as there:
        assert there.exists(keys.call("CA2"))
        assert there.get("plain") == b"2"


def test_an_address_that_leads_to_a_replica_for_good_costs_no_caller_more_than_one_question(
    pair: Pair, redis: Redis
) -> None:
    client, _, _ = pair
    switch = Switch(client)
    ends = a_replica(redis)
    before = redis.info("stats")["total_connections_received"]  # type: ignore[index]
    try:
        for number in range(5):
            assert switch.asks(f"CA{number}", free("luis")).who == ("luis",)
        with pytest.raises(ReadOnlyError):
            client.set("plain", "2")
        assert redis.info("stats")["total_connections_received"] - before <= 5  # type: ignore[index]
    finally:
        ends()
