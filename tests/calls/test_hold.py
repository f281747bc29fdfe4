"""Callers on hold: music, their position, first come first served, and an end to it."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from live import readings
from local.house import PUBLIC_URL
from simulator import Caller, Gathering
from tests.calls.companies import MAIN, MOBILES, OFFICE, OUTSIDE, OpenHouse, acme, sales
from tests.calls.conftest import WhoIs, Why
from tests.calls.queueing import LOOP, callers, engaged, holding, until_it_rings
from tests.providers import browser, needs

TUNE = f"{PUBLIC_URL}/media/hold.wav"


# "Music, position announced."
def test_who_waits_hears_his_position_and_music(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(holding())
    engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).hears("Su turno es el número 1").holds()
    second.dials(MAIN).hears("Su turno es el número 2").holds()
    assert readings.waiting(redis, "sales") == [first.call.sid, second.call.sid]


def test_a_position_is_told_again_only_when_it_has_changed(open_house: OpenHouse) -> None:
    house = open_house(holding())
    engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN)
    second.dials(MAIN).hears("Su turno es el número 2").waits(45).does_not_hear("turno").holds()
    first.hangs_up()
    second.waits(20).hears("Su turno es el número 1").holds().waits(45).does_not_hear("turno").holds()


def test_the_music_may_be_the_companys_own(open_house: OpenHouse) -> None:
    house = open_house(holding(hold={"music": f"{TUNE}?own"}))
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds()
    assert f"<Play>{TUNE}?own</Play>" in caller.call.webhooks[-1].text


# "As soon as a member is free the caller at the head is put through … within one music loop" without the REST API.
def test_without_rest_a_caller_is_put_through_within_one_loop(open_house: OpenHouse) -> None:
    house = open_house(holding())
    (busy,) = engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds().waits(3)
    busy.other_side_hangs_up().ended()
    assert until_it_rings(caller, LOOP) <= LOOP
    caller.rings("ana").answers("ana").talks_to("ana").other_side_hangs_up().ended()


# "First come first served": whoever asks first after a member has become free is not the one who is put through.
def test_first_come_first_served(open_house: OpenHouse, why: Why) -> None:
    house = open_house(holding())
    (busy,) = engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).holds().waits(5)
    second.dials(MAIN).holds()
    first.waits(18).holds()  # he has just asked again, in vain
    busy.other_side_hangs_up().ended()
    second.waits(8).holds()  # and he too, although Ana is free by now
    assert "Nobody in group Ventas is free: Ana kept for callers who came earlier." in why(house, second)
    until_it_rings(first, LOOP)
    first.rings("ana")
    second.holds()


def test_a_new_caller_does_not_overtake(open_house: OpenHouse) -> None:
    house = open_house(holding())
    (busy,) = engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).holds()
    busy.other_side_hangs_up().ended()
    second.dials(MAIN).hears("Su turno es el número 2").holds()
    until_it_rings(first, LOOP)


# Two members free and one caller before him: the second caller may be put through without waiting.
def test_a_new_caller_is_put_through_when_enough_members_are_free(open_house: OpenHouse) -> None:
    house = open_house(holding("ana", "luis", "eva", distribution="in_order"))
    busy = engaged(house, "ana", "luis", "eva")
    first, second = callers(house, 2)
    first.dials(MAIN).holds()
    busy[1].other_side_hangs_up().ended()
    busy[2].other_side_hangs_up().ended()
    second.dials(MAIN).rings("luis")
    until_it_rings(first, LOOP)
    first.rings("eva")


# "The caller hangs up while waiting": the next one moves up.
def test_when_a_waiting_caller_hangs_up_the_next_moves_up(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(holding())
    (busy,) = engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).holds()
    second.dials(MAIN).hears("número 2").holds()
    first.hangs_up().ended()
    assert readings.waiting(redis, "sales") == [second.call.sid]
    busy.other_side_hangs_up().ended()
    until_it_rings(second, LOOP)


# Whoever is rung for a caller on hold and does not answer is offered to him again later: a new pass, the same place.
def test_a_caller_whom_nobody_answered_waits_on_at_his_place(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(holding("ana", "luis", distribution="in_order"))
    caller, other = callers(house, 2)
    caller.dials(MAIN).rings("ana").nobody_answers().rings("luis").nobody_answers().holds()
    other.dials(MAIN).rings("ana").answers("ana")  # one is enough for the caller who came first
    until_it_rings(caller, LOOP)
    caller.rings("luis").nobody_answers().holds()
    assert readings.waiting(redis, "sales") == [caller.call.sid]


# A place in the queue is not lost by ringing in vain.
def test_ringing_in_vain_does_not_cost_the_place(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(holding())
    (busy,) = engaged(house, "ana")
    first, second = callers(house, 2)
    first.dials(MAIN).holds()
    second.dials(MAIN).holds()
    busy.other_side_hangs_up().ended()
    until_it_rings(first, LOOP)
    first.nobody_answers().holds()
    assert readings.waiting(redis, "sales") == [first.call.sid, second.call.sid]


# "`everybody` + `hold` is allowed."
@needs("legs")
def test_everybody_and_hold(open_house: OpenHouse, who_is: WhoIs) -> None:
    house = open_house(holding("ana", "luis", "eva", distribution="everybody"))
    busy = [Caller(house.exchange, MAIN).dials(MAIN).answers(name) for name in ("ana", "luis", "eva")]
    (caller,) = callers(house, 1)
    caller.dials(MAIN).hears("número 1").holds()
    busy[0].other_side_hangs_up()
    busy[2].other_side_hangs_up()
    until_it_rings(caller, LOOP)
    caller.rings("ana", "eva").answers("eva")
    assert who_is(house) == {"luis": "talking", "eva": "talking"}


# "A caller may press a key to leave a message instead."
def test_a_key_leaves_a_message_instead(open_house: OpenHouse, redis: Redis, why: Why) -> None:
    house = open_house(holding(hold={"message_key": "1"}))
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).hears("Si prefiere dejar un mensaje, pulse 1").waits(25).presses("1")
    caller.hears("deje su mensaje").leaves_message(4).presses("#").hears("ha quedado grabado").ended()
    assert "A message was left in mailbox group:sales." in why(house, caller)
    assert readings.waiting(redis, "sales") == []


def test_other_keys_leave_him_waiting(open_house: OpenHouse) -> None:
    house = open_house(holding(hold={"message_key": "1"}))
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).presses("5").holds().waits(25).presses("*").holds()


def test_without_a_key_none_is_offered(open_house: OpenHouse) -> None:
    house = open_house(holding())
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).does_not_hear("pulse").holds()
    assert not isinstance(caller.call.waiting, Gathering)


# "After `max_minutes` the hold's `then` destination."
@pytest.mark.parametrize(
    ("then", "device"),
    [
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"forward_to_mobile": "luis"}, MOBILES["luis"]),
        ({"group": "second"}, browser("eva")),
        ({"employee": "eva", "no_answer": "hang_up"}, browser("eva")),
    ],
)
def test_after_max_minutes_somebody_else_rings(open_house: OpenHouse, then: Any, device: str) -> None:
    second = {"second": {"name": "Segundo", "members": ["eva"], "no_answer": "hang_up"}}
    group = {"members": ["ana"], "no_answer": "hold", "hold": {"max_minutes": 3, "then": then}}
    house = open_house(acme(groups=second | {"sales": group}))
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN)
    waited = until_it_rings(caller, 3 * 60 + LOOP)
    assert waited >= 3 * 60 - LOOP
    caller.rings(device)


def test_after_max_minutes_a_message_may_be_left(open_house: OpenHouse, redis: Redis, why: Why) -> None:
    house = open_house(holding(hold={"max_minutes": 1, "then": "voicemail"}))
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds().waits(60 + 5).hears("deje su mensaje").leaves_message(4).hangs_up()
    assert "Waited 1 minutes for group Ventas: no longer." in why(house, caller)
    assert readings.waiting(redis, "sales") == []


# Waiting is of use only while somebody is at work.
def test_nobody_waits_for_a_group_that_nobody_is_at_work_in(open_house: OpenHouse) -> None:
    settings = acme(
        employees={"ana": {"schedule": "office"}},
        schedules={"office": OFFICE},
        groups=sales(members=["ana"], no_answer="hold"),
    )
    house = open_house(settings, when="2026-11-24 20:00")
    Caller(house.exchange).dials(MAIN).hears("deje su mensaje")


def test_the_wait_ends_when_the_last_member_goes_home(open_house: OpenHouse, why: Why) -> None:
    settings = acme(
        employees={"ana": {"schedule": "office"}},
        schedules={"office": OFFICE},
        groups=sales(members=["ana"], no_answer="hold"),
    )
    house = open_house(settings, when="2026-11-24 17:59")
    engaged(house, "ana")
    (caller,) = callers(house, 1)
    caller.dials(MAIN).holds().waits(60 + LOOP).hears("deje su mensaje")
    assert "Nobody of group Ventas is at work now: no use in waiting." in why(house, caller)
