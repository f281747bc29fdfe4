"""Keys that expire and share a slot, a Redis that is away, and the one place where it is connected."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from redis.connection import SSLConnection, UnixDomainSocketConnection
from redis.exceptions import RedisError

from config.environment import read
from live import keys, readings
from live.connection import ANSWER_WITHIN, MOST_CONNECTIONS, connect
from live.url import redis_url as redis_address
from live.wire import Wire
from tests.live.asking import Switch, call, free, mobile, waits

TEAM = ("ana", "luis")


def lives(switch: Switch) -> dict[str, int]:
    """Seconds that each key has left, -1 for ever."""
    names: list[bytes] = switch.redis.keys()  # type: ignore[assignment]
    return {name.decode(): switch.redis.ttl(name) for name in names}


STEPS: dict[str, Callable[[Switch], Any]] = {
    "a ring": lambda s: s.rings("CA1", *TEAM),
    "a ring in the second step of the first call": lambda s: (s.asks("CA1"), s.rings("CA1", *TEAM)),
    "a wait in the second step of the first call": lambda s: (s.asks("CA1"), s.asks("CA1", waits("support"))),
    "a wait": lambda s: s.asks("CA1", waits("support")),
    "a forward": lambda s: s.asks("CA1", mobile("ana")),
    "a leg": lambda s: (s.rings("CA1", "ana"), s.leg("CA1", "ana", "in-progress")),
    "an end": lambda s: (s.rings("CA1", "ana"), s.ends("CA1")),
    "a webhook after the end": lambda s: (s.asks("CA1"), s.ends("CA1"), s.asks("CA1")),
    "an end that nobody knows": lambda s: s.ends("CA9"),
    "a webhook after the list of calls was lost": lambda s: (s.asks("CA1"), s.redis.delete(keys.CALLS), s.asks("CA1")),
    "an absence": lambda s: s.away("ana"),
    "a recording": lambda s: s.live.tell(call("CA1"), "RE1", {"code": "recorded"}, s.now),
    "everybody": lambda s: s.asks("CA1", free(*TEAM, distribution="everybody", queue="support"), waits("support")),
}


# Nothing lives for ever (DESIGN section 6): not even on a server that sees one call and no other.
@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_every_key_expires(switch: Switch, step: Callable[[Switch], Any]) -> None:
    step(switch)
    assert [key for key, seconds in lives(switch).items() if seconds < 0] == []


# The lifetimes are those of the map.
def test_a_key_lives_as_long_as_the_map_says(switch: Switch) -> None:
    switch.asks("CA1", free("ana"), waits("support"))
    switch.asks("CA2", free("ana"), waits("support"))
    switch.away("luis")
    expected = {
        keys.BUSY: keys.LIVES["busy"],
        keys.OFFERED: keys.LIVES["offered"],
        keys.SEQUENCE: keys.LIVES["offered"],
        keys.AWAY: keys.LIVES["offered"],
        keys.CALLS: keys.LIVES["call"],
        keys.call("CA1"): keys.LIVES["call"],
        keys.call("CA2"): keys.LIVES["call"],
        keys.trace("CA1"): keys.LIVES["trace"],
        keys.trace("CA2"): keys.LIVES["trace"],
        keys.waiting("support"): keys.LIVES["waiting"],
        keys.waiting_seen("support"): keys.LIVES["waiting"],
    }
    found = lives(switch)
    assert found.keys() == expected.keys()
    assert all(expected[key] - 5 <= seconds <= expected[key] for key, seconds in found.items())


def test_a_wait_that_goes_on_lives_on(switch: Switch, redis: Redis) -> None:
    switch.asks("CA1", waits("support"))
    redis.expire(keys.waiting("support"), 5)
    redis.expire(keys.waiting_seen("support"), 5)
    switch.asks("CA1", waits("support"))
    assert redis.ttl(keys.waiting("support")) > 5
    assert redis.ttl(keys.waiting_seen("support")) > 5


# One hash tag, so that it also runs on a cluster (DESIGN section 6).
def test_every_key_that_is_written_is_in_one_slot(switch: Switch, redis: Redis) -> None:
    for step in STEPS.values():
        step(switch)
    slots = {redis.cluster("KEYSLOT", key) for key in lives(switch)}
    switch.asks("CA8", waits("support"))
    assert len(lives(switch)) > 8
    assert len(slots) == 1


# Redis gone: groups in listed order, nobody known to be busy (DESIGN section 6).
def test_without_redis_the_first_of_the_list_is_rung(caplog: pytest.LogCaptureFixture) -> None:
    switch = Switch(Redis.from_url("unix:///nonexistent/valkey.sock"))
    assert switch.rings("CA1", *TEAM) == ("ana",)
    assert switch.rings("CA2", *TEAM) == ("ana",)
    assert switch.asks("CA3", free(*TEAM, distribution="everybody")).who == TEAM
    assert switch.asks("CA4", waits("support")).position == 0
    for told in (lambda: switch.ends("CA1"), lambda: switch.leg("CA1", "ana", "completed"), lambda: switch.away("ana")):
        told()
    assert switch.woken == []
    assert "call CA1: decided without Redis" in caplog.text


def refuses(*_: object) -> None:
    raise ConnectionRefusedError("nobody listens")


def test_redis_that_comes_back_is_used_again(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    switch = Switch(redis)
    seconds = [100.0]
    monkeypatch.setattr("live.state.time.monotonic", lambda: seconds[0])
    monkeypatch.setattr(redis.connection_pool.connection_class, "_connect", refuses)
    assert switch.rings("CA1", *TEAM) == ("ana",)
    monkeypatch.undo()
    monkeypatch.setattr("live.state.time.monotonic", lambda: seconds[0])
    seconds[0] += 0.9
    switch.rings("CA2", *TEAM)
    assert switch.told("CA2") == []  # not asked: its time-out is not paid by every webhook
    seconds[0] += 0.2
    switch.rings("CA3", *TEAM)
    assert switch.told("CA3") == ["before 0", "taken 0"]


# An objection to one call is that call's own: the others are decided as ever.
def test_a_call_whose_state_is_broken_harms_no_other(
    switch: Switch, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    redis.set(keys.call("CA1"), "not a hash")
    assert switch.rings("CA1", *TEAM) == ("ana",)
    assert "CA1" in caplog.text
    assert switch.rings("CA2", *TEAM) == ("ana",)
    assert switch.rings("CA3", *TEAM) == ("luis",)
    assert switch.told("CA3") == ["before 0", "taken 0"]


def test_a_connection_that_the_server_closed_is_replaced(switch: Switch, redis: Redis) -> None:
    switch.rings("CA1", *TEAM)
    with Redis.from_url(f"unix://{redis.connection_pool.connection_kwargs['path']}") as other:
        other.client_kill_filter(_type="normal", skipme=True)
    assert switch.rings("CA2", *TEAM) == ("luis",)


# rediss:// with a self-signed certificate (Heroku) works in web and worker, from one place (DESIGN section 6).
@pytest.mark.parametrize(
    ("url", "checked"),
    [
        ("rediss://:secret@redis.example.com:6380", False),
        ("rediss://:secret@redis.example.com:6380/0?ssl_cert_reqs=required", True),
    ],
)
def test_a_self_signed_certificate_is_accepted_unless_the_address_says_otherwise(url: str, checked: bool) -> None:
    pool = connect(url).connection_pool
    connection = pool.connection_class(**pool.connection_kwargs)
    assert isinstance(connection, SSLConnection)
    assert connection.cert_reqs == (ssl.CERT_REQUIRED if checked else ssl.CERT_NONE)
    assert connection.check_hostname is checked


def test_a_webhook_waits_for_an_answer_for_a_moment_and_a_worker_for_ever() -> None:
    for url in ("redis://redis.example.com", "rediss://redis.example.com", "unix:///tmp/x.sock"):
        web, worker = connect(url).connection_pool, connect(url, answer_within=None).connection_pool
        assert web.connection_kwargs["socket_timeout"] == ANSWER_WITHIN < 1
        assert worker.connection_kwargs["socket_timeout"] is None
        assert worker.connection_kwargs["socket_connect_timeout"] == ANSWER_WITHIN


def test_nothing_is_connected_before_it_is_needed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        client = connect(f"redis://127.0.0.1:{server.getsockname()[1]}")
        with pytest.raises(BlockingIOError):
            server.accept()
        client.close()


# Whoever has gone with its app holds none of the few connections that a Redis has, whenever that is noticed.
def test_connections_that_nobody_has_any_more_are_closed(redis_url: str, redis: Redis) -> None:
    client = connect(redis_url)
    scripts = Wire(client, ("tell",), is_down=lambda: False)
    scripts.send("tell", keys.REAL.of_scripts("CA1"), "CA1", "1", "key", '{"code": "x"}').read()
    client.ping()
    left = [*scripts._idle, client.connection_pool.get_connection()]
    client.connection_pool.release(left[-1])
    assert [each.is_connected for each in left if each] == [True, True]
    del client, scripts
    assert [each.is_connected for each in left if each] == [False, False]


# Small Redis plans allow 20 connections in all: one web process has a few, and waits for one of them.
def test_a_web_process_has_a_bounded_number_of_connections(redis_url: str) -> None:
    with connect(redis_url) as client:
        pool = client.connection_pool
        taken = [pool.get_connection() for _ in range(MOST_CONNECTIONS)]
        with pytest.raises(RedisError):
            pool.get_connection()
        for connection in taken:
            pool.release(connection)
        assert client.ping()


# REDIS_URL unset: an embedded Valkey under var/ (DESIGN section 5).
def test_without_an_address_the_embedded_server_is_meant() -> None:
    variables = {
        "PUBLIC_URL": "https://x.example.com",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "token",
        "SECRET_KEY": "a secret of the tests",
    }
    assert redis_address(read(variables | {"REDIS_URL": "redis://r.example.com:1"})) == "redis://r.example.com:1"
    pool = connect(redis_address(read(variables))).connection_pool
    assert pool.connection_class is UnixDomainSocketConnection
    assert str(pool.connection_kwargs["path"]).endswith("valkey.sock")


# What can be read of the live state, for people.
def test_what_somebody_does_is_told_with_the_call_and_until_when(switch: Switch, redis: Redis) -> None:
    assert readings.presence(redis, "ana", switch.now) == readings.Presence(state="free")
    switch.rings("CA 1 with spaces", "ana")
    found = readings.presence(redis, "ana", switch.now)
    assert (found.state, found.call) == ("ringing", "CA 1 with spaces")
    assert found.until is not None
    assert (found.until - switch.now).total_seconds() == 35


def test_calls_that_have_been_silent_longest_come_first(switch: Switch, redis: Redis) -> None:
    for sid in ("CA1", "CA2", "CA3"):
        switch.asks(sid)
        switch.passes(10)
    switch.asks("CA1")
    assert readings.silent_calls(redis, switch.now, 2) == ["CA2", "CA3"]
    readings.still_up(redis, "CA2", switch.now)
    readings.still_up(redis, "CA9", switch.now)
    assert readings.silent_calls(redis, switch.now, 9) == ["CA3", "CA1", "CA2"]
