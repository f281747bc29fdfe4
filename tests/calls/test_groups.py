"""Stage 7: the members of a group, by its distribution, and what follows when none of them answers."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from live import keys
from simulator import Caller, Ringing
from simulator.leg import identity_of
from tests.calls.companies import MAIN, MOBILES, OFFICE, OUTSIDE, OpenHouse, acme, number, sales, say
from tests.calls.conftest import Check, SetAway, WhoIs, Why
from tests.providers import browser, needs

OTHERS = tuple(f"+3460000010{i}" for i in range(10))
"""Further customers."""


def crowd(size: int, devices: int = 1) -> dict[str, Any]:
    """As `employees=crowd(12)`: e0, e1, … with so many devices each."""
    return {f"e{i}": {"name": f"E{i}", "devices": _devices(f"e{i}", devices)} for i in range(size)}


def _devices(name: str, count: int) -> list[str]:
    return [f"client:{name}", *(f"sip:{name}@desk{i}.example.com" for i in range(1, count))]


def rung(caller: Caller) -> list[str]:
    """The identities that ring now."""
    waiting = caller.call.waiting
    assert isinstance(waiting, Ringing)
    return [identity_of(leg.device) for leg in waiting.legs]


# `evenly`: "the free member who has gone longest without being offered a call"; who was never offered one comes first.
def test_evenly_takes_turns(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="evenly")))
    for turn in ("ana", "luis", "eva", "ana", "luis", "eva", "ana"):
        Caller(house.exchange).dials(MAIN).rings(turn).answers(turn).talks_to(turn).other_side_hangs_up().ended()


# "Being offered counts even if not answered."
def test_evenly_counts_an_offer_that_was_not_answered(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="evenly")))
    for turn in ("ana", "luis", "eva", "ana"):
        Caller(house.exchange).dials(MAIN).rings(turn).waits(2).hangs_up()


def test_evenly_goes_on_with_the_longest_idle_of_the_others(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="evenly")))
    Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis").hangs_up()
    caller = Caller(house.exchange).dials(MAIN).rings("eva").nobody_answers().rings("ana").nobody_answers()
    caller.rings("luis").nobody_answers().is_forwarded_to(OUTSIDE)


# "Each member is offered a given call once per pass", however often the list names him.
@pytest.mark.parametrize("distribution", ["evenly", "in_order"])
def test_who_is_listed_twice_is_offered_a_call_once(open_house: OpenHouse, distribution: str) -> None:
    house = open_house(acme(groups=sales(distribution=distribution, members=["ana", "luis", "ana"])))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis").nobody_answers()
    caller.is_forwarded_to(OUTSIDE)


def test_everybody_dials_who_is_listed_twice_once(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="everybody", members=["ana", "luis", "ana"])))
    caller = Caller(house.exchange).dials(MAIN).rings("ana", "luis")
    assert sorted(rung(caller)) == ["ana", "luis"]
    caller.nobody_answers().is_forwarded_to(OUTSIDE)


# An offer made by another group, or by extension, is an offer too: the member was disturbed.
def test_evenly_counts_offers_of_other_groups(open_house: OpenHouse) -> None:
    settings = acme(
        groups={"support": {"name": "Soporte", "extension": "300", "members": ["ana"], "no_answer": "hang_up"}},
        numbers=number(greeting=say("Hola.")),
    )
    house = open_house(settings)
    Caller(house.exchange).dials(MAIN).presses("300").rings("ana").hangs_up()
    Caller(house.exchange).dials(MAIN).stays_silent().rings("luis")


# `in_order`: "the first free member in the list, then the next", for every call anew.
def test_in_order_begins_with_the_first_each_time(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="in_order", members=["eva", "ana", "luis"])))
    for _ in range(3):
        caller = Caller(house.exchange).dials(MAIN).rings("eva").nobody_answers().rings("ana").nobody_answers()
        caller.rings("luis").answers("luis").talks_to("luis").other_side_hangs_up().ended()


def test_in_order_passes_over_whoever_is_not_free(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="in_order")))
    Caller(house.exchange).dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    Caller(house.exchange, OTHERS[0]).dials(MAIN).rings("luis")
    Caller(house.exchange, OTHERS[1]).dials(MAIN).rings("eva")
    Caller(house.exchange, OTHERS[2]).dials(MAIN).is_forwarded_to(OUTSIDE)


# `everybody`: all ring together, and whoever picks up silences the others.
@needs("legs")
def test_everybody_rings_together(open_house: OpenHouse, who_is: WhoIs, nothing_left: Check) -> None:
    house = open_house(acme(groups=sales(distribution="everybody")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana", "luis", "eva")
    assert who_is(house) == {"ana": "ringing", "luis": "ringing", "eva": "ringing"}
    caller.answers("luis").talks_to("luis")
    assert who_is(house) == {"luis": "talking"}
    caller.other_side_hangs_up().ended()
    nothing_left(house)


@needs("legs")
def test_everybody_means_all_who_are_free(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="everybody")))
    Caller(house.exchange).dials(MAIN).answers("luis").talks_to("luis")
    Caller(house.exchange, OTHERS[0]).dials(MAIN).rings("ana", "eva").nobody_answers().is_forwarded_to(OUTSIDE)


# "At most ten devices at once, the longest idle first; more members ring in further rounds."
def test_everybody_rings_ten_devices_at_once_and_more_in_further_rounds(open_house: OpenHouse) -> None:
    members = [f"e{i}" for i in range(23)]
    settings = acme(employees=crowd(23), groups=sales(distribution="everybody", members=members))
    caller = Caller(open_house(settings).exchange).dials(MAIN)
    rounds = []
    for _ in range(3):
        rounds.append(rung(caller))
        caller.nobody_answers()
    assert rounds == [members[:10], members[10:20], members[20:]]
    caller.is_forwarded_to(OUTSIDE)


def test_everybody_begins_with_the_longest_idle(open_house: OpenHouse) -> None:
    members = [f"e{i}" for i in range(12)]
    settings = acme(employees=crowd(12), groups=sales(distribution="everybody", members=members))
    house = open_house(settings)
    Caller(house.exchange).dials(MAIN).hangs_up()
    caller = Caller(house.exchange).dials(MAIN)
    assert set(rung(caller)) == {"e10", "e11", *members[:8]}


# Devices count, not people: two of four devices each, and a third one of two, make ten.
def test_everybody_counts_devices(open_house: OpenHouse) -> None:
    people = crowd(3, devices=4) | {"last": {"name": "Last", "devices": ["client:last", "sip:last@desk1.example.com"]}}
    settings = acme(employees=people, groups=sales(distribution="everybody", members=["e0", "e1", "e2", "last"]))
    caller = Caller(open_house(settings).exchange).dials(MAIN).rings("e0", "e1", "last")
    assert len(rung(caller)) == 10
    caller.nobody_answers().rings("e2").nobody_answers().is_forwarded_to(OUTSIDE)


# "Each member is offered a given call once per pass", and without a hold there is one pass.
@pytest.mark.parametrize("distribution", ["evenly", "in_order"])
def test_each_member_is_offered_a_call_once(open_house: OpenHouse, redis: Redis, distribution: str) -> None:
    house = open_house(acme(groups=sales(distribution=distribution)))
    caller = Caller(house.exchange).dials(MAIN)
    turns = []
    for _ in range(3):
        turns += rung(caller)
        caller.nobody_answers()
    caller.is_forwarded_to(OUTSIDE)
    assert sorted(turns) == ["ana", "eva", "luis"]
    assert redis.get(keys.SEQUENCE) == b"3"


# "A ring lasts the group's `ring_seconds`", although the provider adds five of its own.
@pytest.mark.parametrize("seconds", [10, 15, 45])
def test_a_ring_lasts_as_long_as_the_group_says(open_house: OpenHouse, seconds: int) -> None:
    house = open_house(acme(groups=sales(ring_seconds=seconds)))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").rings_for(seconds).nobody_answers()
    assert house.exchange.clock.seconds == seconds
    caller.rings("luis").rings_for(seconds)


# "Nobody free: go to `no_answer` at once": the very first answer is the forward.
@needs("legs")
def test_nobody_free_goes_to_no_answer_at_once(open_house: OpenHouse, set_away: SetAway, why: Why) -> None:
    house = open_house(acme(groups=sales(members=["ana", "luis"])))
    set_away(house, "ana", True)
    Caller(house.exchange).dials(MAIN).rings("luis").answers("luis").talks_to("luis")
    caller = Caller(house.exchange, OTHERS[0]).dials(MAIN).is_forwarded_to(OUTSIDE)
    assert len(caller.call.webhooks) == 1
    assert "Nobody in group Ventas is free: Ana away, Luis talking." in why(house, caller)


# "Free when he is available, in hours, and neither ringing nor talking on another call."
def test_a_member_out_of_hours_is_not_rung(open_house: OpenHouse, why: Why) -> None:
    settings = acme(employees={"ana": {"schedule": "office"}}, schedules={"office": OFFICE})
    house = open_house(settings, when="2026-11-24 14:30")
    caller = Caller(house.exchange).dials(MAIN).rings("luis")
    assert "Off by their schedules: Ana." in why(house, caller)


def test_a_member_whose_telephone_rings_is_not_rung_again(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="in_order", members=["ana", "luis"])))
    Caller(house.exchange).dials(MAIN).rings("ana")
    Caller(house.exchange, OTHERS[0]).dials(MAIN).rings("luis")
    Caller(house.exchange, OTHERS[1]).dials(MAIN).is_forwarded_to(OUTSIDE)


# Whoever was not reached is free again for the next call at that moment, not when the first call ends.
def test_a_member_who_did_not_answer_is_free_for_the_next_call(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(distribution="in_order", members=["ana", "luis"])))
    Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis")
    Caller(house.exchange, OTHERS[0]).dials(MAIN).rings("ana")


# A member who declines, or whose telephone is engaged, is passed over; the next one rings.
@pytest.mark.parametrize("refuses", ["is_busy", "declines", "is_unreachable"])
def test_the_next_member_rings_when_one_refuses(open_house: OpenHouse, refuses: str) -> None:
    caller = Caller(open_house(acme()).exchange).dials(MAIN).rings("ana")
    getattr(caller, refuses)("ana")
    caller.rings("luis")


# A group without anybody who could be rung goes to its rule, whatever the reason.
def test_members_without_devices_are_not_rung(open_house: OpenHouse, why: Why) -> None:
    nobody: dict[str, Any] = {name: {"devices": []} for name in MOBILES}
    house = open_house(acme(employees=nobody))
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE)
    assert "Nobody in group Ventas is there to be rung." in why(house, caller)


# `no_answer`: every form of it.
@pytest.mark.parametrize(
    ("no_answer", "device"),
    [
        ({"forward": OUTSIDE}, OUTSIDE),
        ({"forward_to_mobile": "luis"}, MOBILES["luis"]),
        ("forward_to_mobile", MOBILES["eva"]),  # bare: the member rung last
        ({"group": "second"}, browser("ana")),
    ],
)
def test_what_rings_when_nobody_of_the_group_answers(open_house: OpenHouse, no_answer: Any, device: str) -> None:
    second = {"name": "Segundo", "members": ["ana"], "no_answer": "hang_up"}
    groups = {"sales": {"no_answer": no_answer, "distribution": "in_order"}, "second": second}
    caller = Caller(open_house(acme(groups=groups)).exchange).dials(MAIN).rings("ana").nobody_answers()
    caller.rings("luis").nobody_answers().rings("eva").nobody_answers().rings(device)


def test_bare_forward_to_mobile_means_the_member_rung_last(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(no_answer="forward_to_mobile", distribution="evenly")))
    Caller(house.exchange).dials(MAIN).rings("ana").hangs_up()
    caller = Caller(house.exchange).dials(MAIN).rings("luis").nobody_answers().rings("eva").nobody_answers()
    caller.rings("ana").nobody_answers().is_forwarded_to(MOBILES["ana"])


def test_no_answer_may_take_a_message(open_house: OpenHouse, why: Why) -> None:
    house = open_house(acme(groups=sales(members=["ana"], no_answer="voicemail")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().hears("deje su mensaje")
    caller.leaves_message(3).hangs_up()
    assert "A message was left in mailbox group:sales." in why(house, caller)


def test_no_answer_may_end_the_call(open_house: OpenHouse) -> None:
    house = open_house(acme(groups=sales(members=["ana"], no_answer="hang_up")))
    Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().hears("Adiós").ended()


# "{group: …} (each group once per call)": a menu between them must not bring the caller back for another round.
def test_each_group_has_a_call_once(open_house: OpenHouse, why: Why) -> None:
    groups = {
        "sales": {"members": ["ana"], "no_answer": {"group": "second"}},
        "second": {
            "name": "Segundo",
            "members": ["luis"],
            "no_answer": "hold",
            "hold": {"max_minutes": 1, "then": {"menu": "lost"}},
        },
    }
    menus = {"lost": {"prompt": say("Pulse 1."), "choices": {"1": {"group": "sales"}}, "no_choice": "hang_up"}}
    house = open_house(acme(groups=groups, menus=menus, numbers=number(otherwise="voicemail")))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis")
    for _ in range(2):  # a minute is two rings and two tunes
        caller.rings("luis").nobody_answers().holds().waits(20)
    caller.hears("Pulse 1").presses("1").hears("deje su mensaje")
    assert "Group Ventas has had this call already: not again." in why(house, caller)
