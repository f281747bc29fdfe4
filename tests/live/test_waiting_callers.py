"""Callers on hold: first come first served, the right ones put through, and nobody waits for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from redis import Redis

from live import keys, readings
from local.house import PUBLIC_URL
from tests.live.asking import PATIENCE, VOID, Switch, free, waits

TEAM = ("ana", "luis", "eva")


def holds(switch: Switch, sid: str, group: str = "support", team: tuple[str, ...] = TEAM) -> int:
    """Ask for somebody free of a group, or wait; the position, 0 when somebody is rung."""
    return switch.asks(sid, free(*team, queue=group), waits(group)).position


def everybody_talks(switch: Switch) -> None:
    """Ana talks on CA1, Luis on CA2, Eva on CA3."""
    for number, who in enumerate(TEAM, start=1):
        switch.rings(f"CA{number}", who)
        switch.leg(f"CA{number}", who, "in-progress")


# First come first served, the position announced (DESIGN section 3, hold).
def test_callers_wait_in_the_order_in_which_they_came(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    assert [holds(switch, sid) for sid in ("CA7", "CA5", "CA6")] == [1, 2, 3]
    assert readings.waiting(redis, "support") == ["CA7", "CA5", "CA6"]
    switch.passes(20)
    assert [holds(switch, sid) for sid in ("CA6", "CA5", "CA7")] == [3, 2, 1]


def test_callers_of_one_millisecond_have_an_order_too(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    sids = [f"CA{n:02}" for n in range(30, 10, -1)]
    for sid in sids:
        holds(switch, sid)
    assert readings.waiting(redis, "support") == sids


def test_the_caller_at_the_head_is_put_through_first(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    for sid in ("CA5", "CA6"):
        holds(switch, sid)
    switch.ends("CA1")
    assert switch.woken == ["CA5"]
    assert holds(switch, "CA6") == 2  # Ana is free, and is kept for CA5
    assert readings.trace(redis, "CA6")[-3]["reasons"] == {"ana": "queue"}
    assert switch.asks("CA5", free(*TEAM, queue="support"), waits("support")).who == ("ana",)
    assert readings.waiting(redis, "support") == ["CA6"]
    assert holds(switch, "CA6") == 1


def test_a_newcomer_does_not_jump_the_queue(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    switch.ends("CA1")
    assert holds(switch, "CA9") == 2
    switch.ends("CA2")
    assert switch.asks("CA9", free(*TEAM, queue="support"), waits("support")).who == ("ana",)  # one for each


# As soon as a member is free the caller at the head is put through; two members, two callers.
def test_as_many_callers_are_woken_as_people_are_free(switch: Switch) -> None:
    switch.asks("CA1", free("ana", "luis", distribution="everybody"))
    switch.rings("CA3", "eva")
    for sid in ("CA5", "CA6", "CA7"):
        holds(switch, sid)
    switch.ends("CA1")
    assert switch.woken == ["CA5", "CA6"]


def test_nobody_is_woken_for_the_queue_of_another_group(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5", group="sales", team=("eva",))
    switch.ends("CA1")
    assert switch.woken == []
    switch.ends("CA3")
    assert switch.woken == ["CA5"]


def test_somebody_of_two_groups_wakes_the_head_of_each(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5", group="sales", team=("eva",))
    holds(switch, "CA6")
    switch.leg("CA3", "eva", "completed")
    assert sorted(switch.woken) == ["CA5", "CA6"]


def test_every_way_of_becoming_free_wakes_somebody(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    switch.leg("CA1", "ana", "completed")
    switch.asks("CA2", frees=True)
    switch.ends("CA3")
    switch.away("ana")
    switch.away("ana", away=False)
    assert switch.woken == ["CA5"] * 4
    switch.away("ana", away=False)
    switch.ends("CA3")
    assert len(switch.woken) == 4  # nobody has become free since


def test_a_call_does_not_wake_itself(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    switch.ends("CA1")
    assert switch.asks("CA5", free("ana", queue="support"), waits("support")).who == ("ana",)
    switch.woken.clear()
    assert switch.asks("CA5", free("luis", queue="support"), waits("support"), frees=True).position == 1
    assert switch.woken == []


def test_a_repeated_question_wakes_nobody(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    switch.asks("CA1", frees=True, step=9)
    switch.asks("CA1", frees=True, step=9)
    assert switch.woken == ["CA5"]


# A member who did not answer: the caller keeps his place.
def test_a_caller_whom_nobody_answered_is_first_again(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    for sid in ("CA5", "CA6"):
        holds(switch, sid)
    switch.ends("CA1")
    assert switch.asks("CA5", free("ana", queue="support"), waits("support")).who == ("ana",)
    assert holds(switch, "CA6") == 1
    switch.away("ana")
    assert switch.asks("CA5", free(*TEAM, queue="support"), waits("support"), frees=True).position == 1
    assert readings.waiting(redis, "support") == ["CA5", "CA6"]


def test_who_hangs_up_or_takes_another_way_leaves_the_queue(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    for sid in ("CA5", "CA6", "CA7", "CA8"):
        holds(switch, sid)
    switch.ends("CA5")
    switch.asks("CA6", ended=True)
    switch.asks("CA7")  # a message, say
    assert readings.waiting(redis, "support") == ["CA8"]
    assert holds(switch, "CA8") == 1


def test_who_waits_for_another_group_has_left_the_first(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    holds(switch, "CA5", group="sales", team=("eva",))
    assert readings.waiting(redis, "sales") == ["CA5"]
    switch.ends("CA5")
    assert readings.waiting(redis, "sales") == []


# Stale waiters are pruned: one who has been silent for longer than the queue's patience has gone.
def test_a_caller_who_asks_no_more_is_dropped(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    switch.passes(PATIENCE / 2)
    holds(switch, "CA6")
    switch.passes(PATIENCE / 2 - 1)
    assert holds(switch, "CA7") == 3
    switch.passes(1)
    assert holds(switch, "CA7") == 2
    assert readings.waiting(redis, "support") == ["CA6", "CA7"]
    assert redis.zcard(keys.waiting_seen("support")) == 2


def test_a_stale_caller_keeps_nobody_from_being_rung(switch: Switch) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    switch.passes(PATIENCE)
    switch.ends("CA1")
    assert switch.asks("CA6", free(*TEAM, queue="support"), waits("support")).who == ("ana",)


def test_waiting_callers_get_as_many_people_as_are_free_and_no_more(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    sids = [f"CA{n}" for n in range(10, 30)]
    for sid in sids:
        holds(switch, sid)
    for number in (1, 2, 3):
        switch.ends(f"CA{number}")

    def again(sid: str) -> tuple[str, ...]:
        return switch.asks(sid, free(*TEAM, queue="support"), waits("support"), live=switch.another()).who

    for _ in range(3):  # the head is served in each round, whoever asks first
        with ThreadPoolExecutor(8) as threads:
            rung = {sid: who for sid, who in zip(sids, threads.map(again, sids), strict=True) if who}
        assert set(rung) <= set(sids[:3])
        sids = [sid for sid in sids if sid not in rung]
    assert len(readings.waiting(redis, "support")) == 17


def test_the_address_of_a_waiting_caller_is_kept(switch: Switch, redis: Redis) -> None:
    everybody_talks(switch)
    holds(switch, "CA5")
    fields = readings.call_fields(redis, "CA5")
    assert fields["queue"] == "support"
    assert fields["resume"] == f"{PUBLIC_URL}/voice/at/hold?call=CA5&step=0"


def test_the_mark_of_a_lost_ring_is_no_reason_to_wait(switch: Switch) -> None:
    switch.rings("CA1", *TEAM)
    switch.rings("CA2", *TEAM)
    switch.rings("CA3", *TEAM)
    assert holds(switch, "CA5") == 1
    switch.now += VOID
    assert holds(switch, "CA5") == 0
