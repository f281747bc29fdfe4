"""A Redis that answers, but slowly: whoever would have to queue for it goes on without; a burst of calls queues."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from redis import Redis

from live import keys, wire
from live.connection import connect
from live.wire import MOST_CONNECTIONS, GivenUpError, Sent, Wire

ARGUMENTS = ("CA1", "1", "key", '{"code": "x"}')


@pytest.fixture
def scripts(redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Scripts over all the connections of a process; a moment is short, and a longest queue longer than the test."""
    monkeypatch.setattr(wire, "A_MOMENT", 0.05)
    monkeypatch.setattr(wire, "LONGEST_QUEUE", 60.0)
    monkeypatch.setattr(wire, "LAG", 60.0)
    return Wire(connect(redis_url), ("tell",), is_down=lambda: False)


def send(scripts: Wire) -> Sent:
    """Start one."""
    return scripts.send("tell", keys.REAL.of_scripts("CA1"), *ARGUMENTS)


def test_a_queue_that_does_not_move_is_left(scripts: Wire) -> None:
    waiting = [send(scripts) for _ in range(MOST_CONNECTIONS)]
    with pytest.raises(GivenUpError):
        send(scripts)
    for each in waiting:
        each.read()
    send(scripts).read()


@pytest.mark.parametrize(("name", "value"), [("MOVES", 0), ("LAG", -1.0)], ids=["it moves", "this process is busy"])
def test_a_queue_is_waited_in_while_it_moves_or_this_process_is_busy(
    scripts: Wire, monkeypatch: pytest.MonkeyPatch, name: str, value: Any
) -> None:
    monkeypatch.setattr(wire, name, value)
    waiting = [send(scripts) for _ in range(MOST_CONNECTIONS)]
    answered = threading.Timer(0.2, waiting[0].read)
    began = time.monotonic()
    answered.start()
    send(scripts).read()
    assert time.monotonic() - began < wire.LONGEST_QUEUE / 2  # told of its turn, not only that its time is over
    answered.join()
    for each in waiting[1:]:
        each.read()


# A Redis that is far away is asked nothing but what is needed before the first question of a new connection.
def test_a_new_connection_asks_for_nothing_but_the_protocol(redis: Redis, redis_url: str) -> None:
    with redis.monitor() as seen, connect(redis_url) as client:
        client.ping()
        asked = [next(iter(seen.listen()))["command"] for _ in range(2)]
    assert asked == ["HELLO 3", "PING"]
