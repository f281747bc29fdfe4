"""What the provider tells of devices and ends, in any order, late or twice."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest
from redis import Redis

from live import keys, readings
from tests.live.asking import PRESSED, VOID, Switch, free, mobile, waits

TEAM = ("ana", "luis", "eva")


def test_who_picks_up_talks_until_the_end_of_the_leg(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    assert switch.state("ana") == "talking"
    switch.now += VOID
    assert switch.rings("CA2", "ana") == ()
    switch.leg("CA1", "ana", "completed")
    assert switch.state("ana") == "free"
    assert switch.told("CA1")[-2:] == ["picked_up", "hung_up"]


# An employee's devices ring together: one that was not picked up says nothing about the others.
@pytest.mark.parametrize("status", ["canceled", "no-answer", "busy", "failed", "ringing", "initiated", ""])
def test_the_other_device_of_somebody_who_talks_does_not_free_him(switch: Switch, status: str) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.leg("CA1", "ana", status)
    assert switch.state("ana") == "talking"


@pytest.mark.parametrize("status", ["canceled", "no-answer", "busy", "failed"])
def test_one_device_that_fails_leaves_the_others_ringing(switch: Switch, status: str) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", status)
    assert switch.state("ana") == "ringing"


# Who picks up takes the call from the others that were rung with him.
def test_the_others_are_free_as_soon_as_somebody_picks_up(switch: Switch) -> None:
    switch.asks("CA1", free(*TEAM, distribution="everybody"))
    switch.leg("CA1", "luis", "in-progress")
    assert [switch.state(who) for who in TEAM] == ["free", "talking", "free"]
    switch.leg("CA1", "ana", "canceled")
    switch.leg("CA1", "luis", "completed")
    assert [switch.state(who) for who in TEAM] == ["free"] * 3


# Callbacks may arrive out of order and concurrently with action requests (twiml.md 1.4).
@pytest.mark.parametrize("order", [*permutations(["in-progress", "completed", "dial ended", "call ended"])])
def test_in_any_order_somebody_is_free_in_the_end(switch: Switch, order: tuple[str, ...]) -> None:
    switch.rings("CA1", "ana", step=1)
    for event in order:
        if event == "dial ended":
            switch.asks("CA1", frees=True, step=2)
        elif event == "call ended":
            switch.ends("CA1")
        else:
            switch.leg("CA1", "ana", event, step=1)
    assert switch.state("ana") == "free"
    assert switch.rings("CA2", "ana") == ("ana",)


def test_a_leg_of_an_earlier_ring_changes_nothing(switch: Switch) -> None:
    switch.rings("CA1", "ana", step=1)
    switch.asks("CA1", free("luis"), frees=True, step=2)
    switch.asks("CA1", free("ana"), frees=True, step=3)
    switch.leg("CA1", "ana", "in-progress", step=1)
    assert switch.state("ana") == "ringing"
    switch.leg("CA1", "ana", "completed", step=1)
    assert switch.state("ana") == "ringing"
    switch.leg("CA1", "ana", "in-progress", step=3)
    switch.leg("CA1", "ana", "completed", step=1)
    assert switch.state("ana") == "talking"


def test_a_leg_of_another_call_changes_nothing(switch: Switch) -> None:
    switch.rings("CA1", "luis", step=1)
    switch.rings("CA2", "ana", step=1)
    switch.leg("CA1", "ana", "in-progress", step=1)
    assert switch.state("ana") == "ringing"
    switch.leg("CA1", "ana", "completed", step=1)
    assert switch.state("ana") == "ringing"
    switch.ends("CA1")
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA2"


# It was told so late that his mark had run out, and the next call rings him while he talks.
def test_who_picked_up_long_ago_is_talking_though_another_call_rings_him(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.now += VOID
    switch.rings("CA2", "ana")
    switch.leg("CA1", "ana", "in-progress")
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA1"
    assert switch.told("CA1").count("picked_up") == 1
    switch.leg("CA2", "ana", "no-answer")
    switch.ends("CA2")
    assert switch.state("ana") == "talking"
    switch.leg("CA1", "ana", "completed")
    assert switch.state("ana") == "free"


# Whom a call rings on the mobile although he talks on another call talks on this one once he picks up.
def test_who_picks_up_his_mobile_talks_on_that_call(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.asks("CA2", mobile("ana"))
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA1"
    switch.leg("CA2", "ana", "in-progress")
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA2"
    switch.leg("CA1", "ana", "completed")  # the call that he left does not free him
    assert switch.state("ana") == "talking"
    switch.leg("CA2", "ana", "completed")
    assert switch.state("ana") == "free"


def on_two_calls(switch: Switch) -> None:
    """Ana talks on CA1, and has picked up her mobile, which CA2 rang; CA1 waits on her other telephone."""
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.asks("CA2", mobile("ana"))
    switch.leg("CA2", "ana", "in-progress")


END_OF_CA2: dict[str, Callable[[Switch], object]] = {
    "the leg": lambda switch: switch.leg("CA2", "ana", "completed"),
    "the dial": lambda switch: switch.asks("CA2", frees=True),
    "the call": lambda switch: switch.ends("CA2"),
}


# The mobile's call is over, and she goes back to the first: nobody is to be rung while talking, nor a caller woken.
@pytest.mark.parametrize("how", END_OF_CA2)
def test_who_goes_back_to_the_first_of_two_calls_still_talks(switch: Switch, how: str) -> None:
    on_two_calls(switch)
    switch.asks("CA5", free("ana", queue="support"), waits("support"))
    END_OF_CA2[how](switch)
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA1"
    assert switch.rings("CA3", "ana") == ()
    assert switch.woken == []
    switch.leg("CA1", "ana", "completed")
    assert switch.state("ana") == "free"
    assert switch.woken == ["CA5"]


@pytest.mark.parametrize("how", END_OF_CA2)
@pytest.mark.parametrize(
    "first",
    [
        lambda switch: switch.leg("CA1", "ana", "completed"),
        lambda switch: switch.asks("CA1", frees=True),
        lambda switch: switch.asks("CA1", free("luis"), frees=True),
        lambda switch: switch.ends("CA1"),
    ],
    ids=["the leg", "the dial", "the next ring", "the call"],
)
def test_who_has_left_both_of_two_calls_is_free(switch: Switch, first: Callable[[Switch], object], how: str) -> None:
    on_two_calls(switch)
    first(switch)
    assert switch.state("ana") == "talking"
    END_OF_CA2[how](switch)
    assert switch.state("ana") == "free"


# Callbacks may come late: nothing would free him of a call that has ended.
def test_who_picked_up_his_mobile_and_of_whom_it_is_told_after_the_end_talks_on_the_other_call(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.asks("CA2", mobile("ana"))
    switch.ends("CA2")
    for _ in range(2):  # and twice
        switch.leg("CA2", "ana", "in-progress")
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA1"
    assert switch.told("CA2")[-2:] == ["ended", "picked_up"]  # his is the call all the same
    switch.leg("CA1", "ana", "completed")
    assert switch.state("ana") == "free"


# The mobile's dial is over, and the caller leaves a message.
def test_a_mobile_of_which_is_told_after_its_dial_takes_nobody_from_the_other_call(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.asks("CA2", mobile("ana"), step=1)
    switch.asks("CA2", step=2, frees=True)
    for status in ("in-progress", "in-progress", "completed"):
        switch.leg("CA2", "ana", status, step=1)
    assert readings.presence(switch.redis, "ana", switch.now).call == "CA1"
    assert switch.told("CA2").count("picked_up") == 1


def test_a_leg_of_nobody_who_was_rung_changes_nothing(switch: Switch, redis: Redis) -> None:
    for status in ("in-progress", "completed"):
        switch.leg("CA9", "nobody", status, step=1)
    assert redis.dbsize() == 0


def test_a_leg_that_is_told_twice_is_noted_once(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.leg("CA1", "ana", "in-progress")
    assert switch.told("CA1").count("picked_up") == 1


# The dial's end frees whom it rang or talked to, at once; nobody has to wait for a callback.
def test_the_end_of_a_dial_frees_whom_it_rang(switch: Switch) -> None:
    switch.asks("CA1", free(*TEAM, distribution="everybody"))
    switch.asks("CA1", frees=True)
    assert [switch.state(who) for who in TEAM] == ["free"] * 3


def test_a_question_that_frees_may_ring_the_same_people_again(switch: Switch) -> None:
    assert switch.rings("CA1", "ana") == ("ana",)
    assert switch.asks("CA1", free("ana"), frees=True).who == ("ana",)
    assert switch.rings("CA2", "ana") == ()


# Finish is safe to repeat (DESIGN section 6): the provider may tell of an end twice, and the clock work may besides.
def test_an_end_may_be_told_again_and_again(switch: Switch, redis: Redis) -> None:
    switch.rings("CA1", "ana")
    switch.ends("CA1")
    told, fields = switch.told("CA1"), readings.call_fields(redis, "CA1")
    switch.rings("CA2", "ana")
    switch.passes(5)
    switch.ends("CA1", "failed")
    assert switch.told("CA1") == told
    assert readings.call_fields(redis, "CA1") == fields
    assert switch.state("ana") == "ringing"  # for CA2
    assert readings.active(redis).keys() == {"CA2"}


def test_the_end_of_a_call_frees_whom_it_rang_or_talked_to(switch: Switch) -> None:
    switch.asks("CA1", free(*TEAM, distribution="everybody"))
    switch.rings("CA2", "marta")
    switch.leg("CA2", "marta", "in-progress")
    switch.ends("CA1", "no-answer")
    switch.ends("CA2")
    assert [switch.state(who) for who in (*TEAM, "marta")] == ["free"] * 4


# An end may be told before the call's last request, or its only one, arrives: nobody is held for it then.
def test_a_call_whose_end_was_told_first_holds_nobody(switch: Switch, redis: Redis) -> None:
    switch.ends("CA9")
    switch.rings("CA9", "ana")
    switch.asks("CA9", waits("support"))
    assert switch.state("ana") == "free"
    assert readings.active(redis) == {}
    assert readings.waiting(redis, "support") == []


def test_a_caller_who_has_gone_is_no_call_that_is_up(switch: Switch, redis: Redis) -> None:
    switch.rings("CA1", "ana")
    assert readings.active(redis) == {"CA1": switch.now}
    switch.asks("CA1", frees=True, ended=True)
    assert readings.active(redis) == {}
    assert switch.state("ana") == "free"


def test_a_call_whose_end_was_never_told_is_forgotten_in_time(switch: Switch, redis: Redis) -> None:
    switch.rings("CA1", "ana")
    switch.passes(keys.LIVES["call"] + 1)
    switch.rings("CA2", "luis")
    switch.rings("CA3", "eva")
    switch.ends("CA3")
    assert readings.active(redis).keys() == {"CA2"}


# Press 1: whoever answered the forward has to have pressed it (DialBridged may be missing, twiml.md 4).
def test_who_pressed_one_has_taken_the_call(switch: Switch) -> None:
    switch.asks("CA1", mobile("ana"))
    assert switch.asks("CA1", PRESSED).index == 1
    switch.asks("CA1", accepts=True)
    assert switch.asks("CA1", PRESSED).index == 0
    assert switch.asks("CA2", PRESSED).index == 1


# The trace is kept in the order in which things happened, with the time of each.
def test_the_trace_is_in_order(switch: Switch, redis: Redis) -> None:
    switch.asks("CA1", free("ana"))
    switch.asks("CA2", free("ana"), waits("support"))
    assert switch.told("CA2") == ["before 0", "missed 0", "before 1", "taken 1"]
    assert switch.told("CA1") == ["before 0", "taken 0"]
    assert {note["t"] for note in readings.trace(redis, "CA1")} == {int(switch.now.timestamp() * 1000)}
