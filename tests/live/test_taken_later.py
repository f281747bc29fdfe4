"""What Redis could not take, and is given when it is back: into the trace of its call, in the space that this is in."""

from __future__ import annotations

from typing import Any

from redis import Redis

from live import readings
from live.keys import Space
from live.state import RedisLive
from tests.live.asking import Switch, call

NOTES = [{"code": "group", "group": "sales", "t": 1}, {"code": "rings", "who": ["ana"], "t": 1}]
SPACE = Space.of_rehearsal("one", elsewhen=False)


def test_notes_are_taken_once_each_in_their_order(redis: Redis) -> None:
    switch = Switch(redis)
    for _ in range(2):
        assert switch.live.take([("CA1", "key", switch.now, NOTES)])
    assert readings.trace(redis, "CA1") == NOTES


# A replica that is made the primary meanwhile would refuse the first note and take the others, out of their order.
def test_the_notes_of_one_decision_are_taken_all_or_none(redis: Redis) -> None:
    def scripts() -> int:
        found: Any = redis.info("commandstats")
        return int(found["cmdstat_evalsha"]["calls"]) if "cmdstat_evalsha" in found else 0

    switch, before = Switch(redis), scripts()
    assert switch.live.take([(call_id, "key", switch.now, NOTES) for call_id in ("CA1", "CA2")])
    assert scripts() - before == 2
    assert [readings.trace(redis, call_id) for call_id in ("CA1", "CA2")] == [NOTES, NOTES]


# The provider repeats what was not kept: that may come before what is held, or after.
def test_one_note_has_the_key_under_which_it_is_told_again(redis: Redis) -> None:
    switch = Switch(redis)
    assert switch.live.take([("CA1", "RE1", switch.now, [{"code": "recorded", "t": 1}])])
    assert switch.live.tell(call("CA1"), "RE1", {"code": "recorded"}, switch.now)
    assert [note["code"] for note in readings.trace(redis, "CA1")] == ["recorded"]


def test_those_of_a_rehearsal_are_not_among_the_real_ones(redis: Redis) -> None:
    switch = Switch(redis)
    assert switch.live.rehearsing(SPACE).take([("CA1", "key", switch.now, NOTES)])
    assert readings.trace(redis, "CA1", SPACE) == NOTES
    assert readings.trace(redis, "CA1") == []


def test_whoever_keeps_notes_is_told_what_takes_them_there() -> None:
    kept: list[tuple[Any, ...]] = []
    away = Redis.from_url("unix:///nonexistent/valkey.sock")

    def keep(*words: Any) -> bool:
        kept.append(words)
        return True

    live = RedisLive(away, address=lambda *_: "", queues=lambda _: (), wake=lambda _: None, keep=keep)
    rehearsal = live.rehearsing(SPACE)
    for each in (live, rehearsal):
        assert each.tell(call("CA1"), "key", {"code": "failed"}, Switch(away).now)
    assert [words[-1] for words in kept] == [live.take, rehearsal.take]


# Redis is asked again after a moment, and not by every caller meanwhile.
def test_a_redis_that_is_still_away_is_left_alone_for_a_moment() -> None:
    switch = Switch(Redis.from_url("unix:///nonexistent/valkey.sock"))
    assert not switch.live.take([("CA1", "key", switch.now, NOTES)])
    assert switch.live._down_until > 0
