"""A Redis that takes nothing stops a script before its first change, or not at all: no half of a step is ever left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from flows.live import Blocked
from live import keys
from live.refusals import REFUSALS, refusal, try_a_change
from tests.live.asking import Switch, call, free, mobile, waits
from tests.live.test_keys_and_connection import TEAM
from tests.refusing import REFUSES, refusing

BEFORE: dict[str, Callable[[Switch], Any]] = {
    "nobody has called": lambda _: None,
    "somebody rings": lambda s: s.rings("CA1", "ana"),
    "everybody rings": lambda s: s.asks("CA1", free(*TEAM, distribution="everybody")),
    "somebody talks": lambda s: s.rings("CA1", "ana") and s.leg("CA1", "ana", "in-progress"),
    "two wait": lambda s: [s.asks(sid, waits("support")) for sid in ("CA2", "CA1")],
    "somebody is away": lambda s: s.away("ana"),
    "the call is over": lambda s: s.rings("CA1", "ana") and s.ends("CA1"),
}
STEPS: dict[str, Callable[[Switch], Any]] = {
    "it rings somebody": lambda s: s.asks("CA1", free("luis"), step=7),
    "it rings somebody after another ring": lambda s: s.asks("CA1", free("luis"), step=7, frees=True),
    "it is forwarded": lambda s: s.asks("CA1", mobile("ana"), step=7, frees=True),
    "it waits": lambda s: s.asks("CA1", waits("support"), step=7, frees=True),
    "it leaves the queue": lambda s: s.asks("CA1", Blocked(), step=7),
    "the caller has gone": lambda s: s.asks("CA1", step=7, frees=True, ended=True),
    "a device is picked up": lambda s: s.leg("CA1", "ana", "in-progress", step=1),
    "a device is let go": lambda s: s.leg("CA1", "ana", "completed", step=1),
    "it ends": lambda s: s.ends("CA1"),
    "a recording is told": lambda s: s.live.tell(call("CA1"), "RE1", {"code": "recorded"}, s.now),
    "somebody comes back": lambda s: s.away("ana", away=False),
}


def all_that_is_kept(redis: Redis) -> dict[bytes, bytes]:
    """Every key and what is in it."""
    names: Any = redis.keys()
    return {name: redis.dump(name) for name in sorted(names)}  # type: ignore[misc]


@contextmanager
def writes_stopped(redis: Redis) -> Iterator[None]:
    """One that cannot persist minds that; to let it fail anew each time would take seconds."""
    redis.config_set("stop-writes-on-bgsave-error", "yes")
    yield
    redis.config_set("stop-writes-on-bgsave-error", "no")


def anew(switch: Switch) -> Switch:
    """A live state of which nothing is known yet."""
    switch.redis.flushall()
    return Switch(switch.redis, queues=switch.queues)


# "a script that fails midway must not leave half a state": the three reasons for which a server refuses.
@pytest.mark.parametrize("how", REFUSES)
def test_a_step_that_is_refused_is_refused_whole(
    switch: Switch, redis: Redis, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.state.TRY_AGAIN", 0.0)
    refuses: Callable[[Redis], Any] = partial(refusing, how=how)
    with refusing(redis, how) if how == "unable to persist" else nullcontext():
        if how == "unable to persist":
            redis.config_set("stop-writes-on-bgsave-error", "no")
            refuses = writes_stopped
        taken, refused = all_steps(switch, refuses)
    redis.config_set("stop-writes-on-bgsave-error", "yes")
    assert refused, "nothing was refused"
    assert ("it ends" in taken) is (how == "full"), "who is full still lets go"


def all_steps(switch: Switch, refuses: Callable[[Redis], Any]) -> tuple[set[str], set[str]]:
    """Take each step after each beginning, refused and not; which were taken all the same, and which were not."""
    redis, taken, refused = switch.redis, set(), set()
    for before, prepares in BEFORE.items():
        for name, step in STEPS.items():
            here = anew(switch)
            prepares(here)
            untouched = all_that_is_kept(redis)
            with refuses(redis):
                step(here)
            found = all_that_is_kept(redis)
            if found == untouched:
                refused.add(name)
                continue
            there = anew(switch)
            prepares(there)
            step(there)
            assert found == all_that_is_kept(redis), (before, name)
            taken.add(name)
    return taken, refused


@pytest.mark.parametrize(
    ("how", "word"), [("full", "OOM"), ("unable to persist", "MISCONF"), ("a replica", "READONLY")]
)
def test_why_a_redis_takes_nothing_is_told_without_a_change(redis: Redis, how: str, word: str) -> None:
    try_a_change(redis)
    assert redis.keys() == []
    with refusing(redis, how), pytest.raises(ResponseError) as caught:
        try_a_change(redis)
    assert refusal(caught.value) == REFUSALS[word]
    with refusing(redis, how), pytest.raises(ResponseError) as caught:
        redis.eval("return redis.call('HSET', KEYS[1], 'a', 'b')", 1, keys.PROBE)
    assert refusal(caught.value) == REFUSALS[word]
