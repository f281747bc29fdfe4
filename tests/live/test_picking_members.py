"""Who is rung: picking and marking a member is one step, by the group's distribution."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from redis import Redis

from flows.live import Candidate, SomebodyFree
from live import keys, readings
from tests.live.asking import RING, VOID, Switch, free, mobile

TEAM = ("ana", "luis", "eva")


# in_order: the first free member in the list, then the next (DESIGN section 3).
def test_in_order_rings_the_first_who_is_free(switch: Switch) -> None:
    assert switch.rings("CA1", *TEAM) == ("ana",)
    assert switch.rings("CA2", *TEAM) == ("luis",)
    switch.ends("CA1")
    assert switch.rings("CA3", *TEAM) == ("ana",)


# evenly: the free member who has gone longest without being offered a call; being offered counts even if not answered.
def test_evenly_rings_who_has_waited_longest_for_a_call(switch: Switch) -> None:
    order = []
    for number in range(6):
        order.append(switch.asks(f"CA{number}", free(*TEAM, distribution="evenly")).who[0])
        switch.ends(f"CA{number}", "no-answer")
    assert order == ["ana", "luis", "eva"] * 2


def test_evenly_counts_offers_within_one_millisecond(switch: Switch) -> None:
    offers = Counter(switch.asks(f"CA{n}", free(*TEAM, distribution="evenly"), frees=True).who[0] for n in range(3))
    assert offers == Counter(TEAM)  # and the clock stood still


def test_a_newcomer_is_first_and_ties_go_by_the_list(switch: Switch) -> None:
    for number, who in enumerate(("luis", "ana")):
        switch.rings(f"CA{number}", who)
        switch.ends(f"CA{number}")
    assert switch.asks("CA7", free(*TEAM, distribution="evenly")).who == ("eva",)
    assert switch.asks("CA8", free("new2", "new1", *TEAM, distribution="evenly")).who == ("new2",)


# everybody: all who are not talking, at most ten devices at once, the longest idle first.
def test_everybody_rings_all_who_are_free(switch: Switch) -> None:
    switch.rings("CA1", "luis")
    assert switch.asks("CA2", free(*TEAM, distribution="everybody")).who == ("ana", "eva")
    assert {switch.state(who) for who in TEAM} == {"ringing"}


def test_everybody_rings_no_more_than_ten_devices(switch: Switch) -> None:
    people = [f"e{n}" for n in range(9)]
    assert switch.asks("CA1", free(*people, distribution="everybody", devices=3)).who == ("e0", "e1", "e2")
    # The next round: those who have not been rung for longest come first.
    switch.ends("CA1")
    assert switch.asks("CA2", free(*people, distribution="everybody", devices=3)).who == ("e3", "e4", "e5")


def test_everybody_fills_the_room_with_whoever_fits(switch: Switch) -> None:
    devices = {"a": 6, "b": 6, "c": 4, "d": 1}
    candidates = tuple(Candidate(employee=name, devices=count) for name, count in devices.items())
    need = SomebodyFree(candidates=candidates, distribution="everybody", seconds=RING)
    assert switch.asks("CA1", need).who == ("a", "c")


# A member is free when he is available, in hours, and neither ringing nor talking on another call.
def test_nobody_is_rung_twice_at_a_time(switch: Switch) -> None:
    assert switch.rings("CA1", "ana") == ("ana",)
    offer = switch.asks("CA2", free("ana"))
    assert (offer.index, offer.who) == (1, ())
    assert readings.trace(switch.redis, "CA2")[1] | {"t": 0} == {
        "code": "missed 0",
        "reasons": {"ana": "ringing"},
        "t": 0,
    }


def test_picking_is_one_step_however_many_ask_at_once(switch: Switch) -> None:
    people = [f"e{n}" for n in range(10)]

    def ask(number: int) -> tuple[str, ...]:
        return switch.asks(f"CA{number}", free(*people, distribution="evenly"), live=switch.another()).who

    with ThreadPoolExecutor(16) as threads:
        picked = [who for answer in threads.map(ask, range(200)) for who in answer]
    assert sorted(picked) == people


# The provider asks again when the first answer was lost or came too late: only then does it ring, and for as long.
@pytest.mark.parametrize("more", [(), ("luis",)], ids=["the first option", "the second"])
def test_whom_a_repeated_question_rings_is_busy_as_long_as_by_a_new_one(switch: Switch, more: tuple[str, ...]) -> None:
    needs = [free(*more, seconds=5 * RING)] if more else []
    switch.rings("CA0", "luis")
    switch.asks("CA1", *needs, free("ana"), step=1)
    switch.passes(RING - 5)
    switch.asks("CA1", *needs, free("ana"), step=1)
    switch.passes(VOID.total_seconds() - 1)
    assert switch.state("ana") == "ringing"
    switch.passes(1)
    assert switch.state("ana") == "free"
    switch.asks("CA1", *needs, free("ana"), step=1)
    assert switch.state("ana") == "free"  # told again so late, it is no second attempt


def test_a_repeated_question_leaves_those_who_talk_or_ring_for_others(switch: Switch) -> None:
    switch.asks("CA1", free("ana"), step=1)
    switch.leg("CA1", "ana", "in-progress", step=1)
    switch.asks("CA1", free("ana"), step=1)
    assert switch.state("ana") == "talking"
    switch.passes(60)
    assert switch.state("ana") == "talking"
    switch.asks("CA1", free("ana"), step=2, frees=True)
    switch.passes(RING)
    switch.asks("CA1", free("ana"), step=1)  # of the ring before
    switch.passes(VOID.total_seconds() - RING)
    assert switch.state("ana") == "free"


# Asking again for the same place of the same call gives the same answer (providers repeat requests), and changes
# nothing but how long somebody rings.
def test_a_repeated_question_has_the_same_answer_and_changes_nothing(switch: Switch) -> None:
    first = switch.asks("CA1", free(*TEAM, distribution="evenly"), step=1)
    before = {key: switch.redis.dump(key) for key in switch.redis.keys() if key != keys.BUSY.encode()}  # noqa: SIM118  (not a dictionary)
    switch.passes(2)
    again = switch.asks("CA1", free(*TEAM, distribution="evenly"), step=1)
    assert (again.index, again.who, again.at) == (first.index, first.who, first.at)
    assert {key: switch.redis.dump(key) for key in switch.redis.keys() if key != keys.BUSY.encode()} == before  # noqa: SIM118


def test_the_answer_says_when_it_was_taken(switch: Switch) -> None:
    first = switch.asks("CA1", free("ana"), step=1)
    assert first.at == switch.now
    switch.passes(1.5)
    assert switch.asks("CA1", free("ana"), step=1).at == switch.now - timedelta(seconds=1.5)


# Nothing lives for ever: ringing expires with the ring (DESIGN section 6).
def test_a_lost_callback_never_leaves_anybody_ringing(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.now += VOID - timedelta(milliseconds=1)
    assert switch.state("ana") == "ringing"
    assert switch.rings("CA2", "ana") == ()
    switch.now += timedelta(milliseconds=1)
    assert switch.state("ana") == "free"
    assert switch.rings("CA3", "ana") == ("ana",)


def test_a_talk_counts_no_longer_than_the_longest_call(switch: Switch) -> None:
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    switch.passes(keys.LONGEST_CALL - 1)
    assert switch.rings("CA2", "ana") == ()
    switch.passes(1)
    assert switch.state("ana") == "free"
    assert switch.rings("CA3", "ana") == ("ana",)


# Away: set by the employee, and told in the trace.
def test_who_is_away_is_not_rung(switch: Switch) -> None:
    switch.away("ana")
    assert switch.state("ana") == "away"
    assert switch.rings("CA1", *TEAM) == ("luis",)
    assert switch.asks("CA2", free("ana")).who == ()
    assert readings.trace(switch.redis, "CA2")[1]["reasons"] == {"ana": "away"}
    switch.away("ana", away=False)
    assert switch.state("ana") == "free"
    assert switch.rings("CA3", "ana") == ("ana",)


def test_going_away_twice_or_coming_back_twice_is_once(switch: Switch) -> None:
    switch.away("ana")
    switch.away("ana")
    switch.away("ana", away=False)
    switch.away("ana", away=False)
    assert switch.state("ana") == "free"


def test_reasons_are_given_for_a_few_and_the_rest_counted(switch: Switch) -> None:
    people = [f"e{n}" for n in range(50)]
    for name in people:
        switch.away(name)
    assert switch.asks("CA1", free(*people)).who == ()
    assert len(readings.trace(switch.redis, "CA1")[1]["reasons"]) == 11


def test_a_thousand_members_are_asked_in_one_step(switch: Switch) -> None:
    people = [f"e{n}" for n in range(1000)]
    assert switch.asks("CA1", free(*people, distribution="evenly")).who == ("e0",)
    assert switch.asks("CA2", free(*people, distribution="evenly")).who == ("e1",)
    assert switch.asks("CA3", free(*people, distribution="in_order")).who == ("e2",)


# A forward is dialled whoever is busy; his mobile then counts as ringing, unless he rings or talks already.
def test_a_forward_marks_whose_mobile_it_is(switch: Switch) -> None:
    assert switch.asks("CA1", mobile("ana")).index == 0
    assert switch.state("ana") == "ringing"
    assert switch.asks("CA2", mobile("ana")).index == 0
    assert switch.redis.hget(keys.BUSY, "ana") is not None
    switch.ends("CA2")
    assert switch.state("ana") == "ringing"  # CA1 rings him still
    switch.ends("CA1")
    assert switch.state("ana") == "free"


# A rented number needs a provider balance above the minimum; unknown means allowed.
@pytest.mark.parametrize(
    ("balance", "allowed"), [(None, True), ("2.00", True), ("1.99", False), ("-3", False), ("100", True), ("0", False)]
)
def test_a_forward_needs_a_balance(switch: Switch, redis: Redis, balance: str | None, allowed: bool) -> None:
    if balance is not None:
        redis.set(keys.BALANCE, balance)
    offer = switch.asks("CA1", mobile("ana", minimum=2.0))
    assert (offer.index == 0) is allowed
    assert switch.state("ana") == ("ringing" if allowed else "free")
    assert switch.told("CA1")[-1] == ("taken 0" if allowed else "taken 1")


# Without leg callbacks (Somleng) somebody rung alone is busy until the dial ends; among several nobody knows who.
def test_without_leg_callbacks_somebody_rung_alone_is_busy_until_the_dial_ends(redis: Redis) -> None:
    somleng = Switch(redis, leg_callbacks=False)
    somleng.rings("CA1", "ana")
    somleng.passes(3600)
    assert somleng.rings("CA2", "ana") == ()
    somleng.asks("CA1", frees=True)
    assert somleng.rings("CA3", "ana") == ("ana",)


def test_without_leg_callbacks_a_mobile_is_busy_until_the_dial_ends(redis: Redis) -> None:
    somleng = Switch(redis, leg_callbacks=False)
    somleng.asks("CA1", mobile("ana"))
    somleng.passes(3600)
    assert somleng.state("ana") == "ringing"
    somleng.passes(keys.LONGEST_CALL)
    assert somleng.state("ana") == "free"


def test_without_leg_callbacks_everybody_rung_together_is_free_after_the_ring(redis: Redis) -> None:
    somleng = Switch(redis, leg_callbacks=False)
    assert somleng.asks("CA1", free(*TEAM, distribution="everybody")).who == TEAM
    somleng.now += VOID
    assert [somleng.state(who) for who in TEAM] == ["free"] * 3
