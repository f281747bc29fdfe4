"""Stage 2: the number's schedule, which wins over every forwarding rule below it."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Caller
from tests.calls.companies import KNOWN, MAIN, MOBILES, OFFICE, OUTSIDE, OpenHouse, acme, number, say
from tests.calls.conftest import Check, Why

GUARD = "+34910000888"
OPEN_AT = "2026-11-24 10:30"
CLOSED_AT = "2026-11-24 20:15"


def office(closed: Any = None, schedule: dict[str, Any] | None = None, **values: Any) -> str:
    """A company that keeps office hours; `closed` is what follows out of them."""
    rules = values | ({} if closed is None else {"closed": closed})
    return acme(schedules={"office": schedule or OFFICE}, numbers=number(schedule="office", **rules))


# "Outside the number's schedule the call goes to its `closed` destination. This wins over every forwarding rule
# below": greeting, menu, responsible and group are all there, and none of them is heard of.
def test_closed_wins_over_greeting_menu_responsible_and_group(open_house: OpenHouse) -> None:
    settings = acme(
        schedules={"office": OFFICE},
        menus={"main": {"prompt": say("Pulse 1."), "choices": {"1": {"group": "sales"}}}},
        contacts=[{"number": KNOWN, "name": "Moreno", "employee": "eva"}],
        numbers=number(
            schedule="office", closed={"forward": GUARD}, greeting=say("Hola."), menu="main", responsible=True
        ),
    )
    caller = Caller(open_house(settings, when=CLOSED_AT).exchange, KNOWN).dials(MAIN)
    caller.is_forwarded_to(GUARD)
    assert len(caller.call.webhooks) == 1


def test_within_the_schedule_the_route_is_taken(open_house: OpenHouse) -> None:
    Caller(open_house(office({"forward": GUARD}), when=OPEN_AT).exchange).dials(MAIN).rings("ana")


# "`hang_up` here declines the call before it is answered, so that it costs nothing."
def test_hang_up_declines_the_call_before_it_is_answered(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(office("hang_up", record=True, record_notice=True), when=CLOSED_AT)
    caller = Caller(house.exchange).dials(MAIN).is_rejected("busy").ended()
    assert not caller.call.answered
    nothing_left(house)


# Every form of destination may follow out of hours.
def test_closed_may_take_a_message(open_house: OpenHouse, why: Why) -> None:
    house = open_house(office("voicemail"), when=CLOSED_AT)
    caller = Caller(house.exchange).dials(MAIN).hears("deje su mensaje").leaves_message(6).presses("#")
    caller.hears("ha quedado grabado").ended()
    assert "A message was left in mailbox group:sales." in why(house, caller)


def test_closed_may_take_a_message_for_an_employee(open_house: OpenHouse, why: Why) -> None:
    house = open_house(office({"voicemail": "ana"}), when=CLOSED_AT)
    caller = Caller(house.exchange).dials(MAIN).leaves_message(6).hangs_up().ended()
    assert "A message was left in mailbox employee:ana." in why(house, caller)


def test_closed_may_ring_a_group(open_house: OpenHouse) -> None:
    house = open_house(office({"group": "sales"}), when=CLOSED_AT)
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis").nobody_answers()
    caller.rings("eva").nobody_answers().is_forwarded_to(OUTSIDE)


def test_closed_may_ring_an_employee_and_then_the_mobile(open_house: OpenHouse) -> None:
    house = open_house(office({"employee": "eva", "no_answer": "forward_to_mobile"}), when=CLOSED_AT)
    Caller(house.exchange).dials(MAIN).rings("eva").nobody_answers().is_forwarded_to(MOBILES["eva"])


def test_closed_may_forward_to_a_mobile(open_house: OpenHouse) -> None:
    house = open_house(office({"forward_to_mobile": "luis"}), when=CLOSED_AT)
    Caller(house.exchange).dials(MAIN).is_forwarded_to(MOBILES["luis"])


# A menu out of hours is left for `otherwise`, never for the stages that are closed.
def test_a_menu_out_of_hours_is_left_for_otherwise(open_house: OpenHouse) -> None:
    night = {"prompt": say("Para urgencias, pulse 1."), "choices": {"1": {"forward": GUARD}}}
    settings = acme(
        schedules={"office": OFFICE},
        menus={"night": night},
        numbers=number(schedule="office", closed={"menu": "night"}, otherwise="voicemail"),
    )
    caller = Caller(open_house(settings, when=CLOSED_AT).exchange)
    caller.dials(MAIN).hears("urgencias").presses("1").is_forwarded_to(GUARD).hangs_up()
    caller.dials(MAIN).hears("urgencias").stays_silent().hears("deje su mensaje")


# An employee called out of hours who does not answer: `continue` leads to `otherwise`, not into the closed route.
def test_continue_out_of_hours_leads_to_otherwise(open_house: OpenHouse) -> None:
    house = open_house(office({"employee": "ana", "no_answer": "continue"}), when=CLOSED_AT)
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers()
    caller.hears("nadie puede atender su llamada").ended()


# A number without a schedule is always open.
def test_a_number_without_a_schedule_is_always_open(open_house: OpenHouse) -> None:
    Caller(open_house(acme(), when="2026-12-25 03:00").exchange).dials(MAIN).rings("ana")


# Split shifts: a span begins with its first minute and ends before its last.
@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-24 08:59:59", False),
        ("2026-11-24 09:00", True),
        ("2026-11-24 13:59:59", True),
        ("2026-11-24 14:00", False),
        ("2026-11-24 14:59:59", False),
        ("2026-11-24 15:00", True),
        ("2026-11-24 17:59:59", True),
        ("2026-11-24 18:00", False),
        ("2026-11-28 10:30", False),  # a Saturday
    ],
)
def test_the_minute_of_the_border(open_house: OpenHouse, when: str, is_open: bool) -> None:
    caller = Caller(open_house(office({"forward": GUARD}), when=when).exchange).dials(MAIN)
    caller.rings("ana") if is_open else caller.is_forwarded_to(GUARD)


# Closed days win over weekly hours: public holidays of the region, days off of every year, and of one.
@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-12-08 10:30", False),  # Inmaculada
        ("2026-05-15 10:30", True),  # San Isidro: of the city of Madrid, not of the region
        ("2027-12-24 10:30", False),  # every year
        ("2026-12-31 10:30", False),  # once
        ("2027-12-31 10:30", True),
        ("2026-12-30 10:30", True),
    ],
)
def test_closed_days(open_house: OpenHouse, when: str, is_open: bool) -> None:
    days = {"holidays": {"country": "ES", "region": "MD"}, "days_off": ["24.12", "2026-12-31"]}
    caller = Caller(open_house(office({"forward": GUARD}, OFFICE | days), when=when).exchange).dials(MAIN)
    caller.rings("ana") if is_open else caller.is_forwarded_to(GUARD)


# The days on which the clocks change: the hours of the wall clock hold, and a night that began before goes on.
@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-03-29 01:59", True),  # the last minute before three o'clock
        ("2026-03-29 03:00", False),
        ("2026-03-29 08:59", False),
        ("2026-03-29 09:00", True),
        ("2026-10-25 02:30", True),  # the first of the two
        ("2026-10-25 03:00", False),
        ("2026-10-25 08:59", False),
        ("2026-10-25 09:00", True),
    ],
)
def test_the_days_on_which_the_clocks_change(open_house: OpenHouse, when: str, is_open: bool) -> None:
    sundays = {"weekly": {"sat": "22:00-03:00", "sun": "09:00-14:00"}}
    caller = Caller(open_house(office({"forward": GUARD}, sundays), when=when).exchange).dials(MAIN)
    caller.rings("ana") if is_open else caller.is_forwarded_to(GUARD)


# A schedule may keep the hours of another place.
@pytest.mark.parametrize(("when", "is_open"), [("2026-11-24 09:30", False), ("2026-11-24 10:00", True)])
def test_a_schedule_in_another_time_zone(open_house: OpenHouse, when: str, is_open: bool) -> None:
    canaries = {"timezone": "Atlantic/Canary", "weekly": {"mon-fri": "09:00-14:00"}}
    caller = Caller(open_house(office({"forward": GUARD}, canaries), when=when).exchange).dials(MAIN)
    caller.rings("ana") if is_open else caller.is_forwarded_to(GUARD)


# Hours count when a call arrives: one that came in time is not turned away because the office closes meanwhile.
def test_a_call_that_arrived_in_time_goes_on_after_closing(open_house: OpenHouse) -> None:
    house = open_house(office({"forward": GUARD}), when="2026-11-24 17:59:50")
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().rings("luis")
    caller.answers("luis").talks_to("luis").other_side_hangs_up().ended()
