"""Figures for charts: counted in SQL by the quarter of an hour, folded into the hours of the company's clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine

from calls.figures import Tally, Waits, hours_of_a_day, hours_of_the_day, tallies, waits
from calls.listing import Filter
from tests.details.plans import plan
from tests.details.rows import DIRECT, a_call, on_file
from tests.moments import MADRID, at

DAY = Filter(since=at("2026-11-24 00:00"), until=at("2026-11-25 00:00"))


def test_calls_are_counted_by_quarter_and_outcome(engine: Engine) -> None:
    on_file(
        engine,
        a_call("2026-11-24 10:14"),
        a_call("2026-11-24 10:15", "answered"),
        a_call("2026-11-24 10:29", "answered"),
        a_call("2026-11-24 10:29", "blocked"),
        a_call("2026-11-23 23:59"),
        a_call("2026-11-25 00:00"),
    )
    with engine.connect() as connection:
        found = sorted(tallies(connection, DAY))
    assert found == [
        Tally(datetime(2026, 11, 24, 9, 0, tzinfo=UTC), "missed", 1),
        Tally(datetime(2026, 11, 24, 9, 15, tzinfo=UTC), "answered", 2),
        Tally(datetime(2026, 11, 24, 9, 15, tzinfo=UTC), "blocked", 1),
    ]


def test_only_calls_that_are_wanted_are_counted(engine: Engine) -> None:
    on_file(
        engine,
        a_call("2026-11-24 10:00", employee="ana"),
        a_call("2026-11-24 10:00", employee="eva", number=DIRECT),
        a_call("2026-11-24 10:00", employee="eva", simulated=True),
    )
    counts = {
        "reach": Filter(since=DAY.since, until=DAY.until, employees=frozenset({"eva", "luis"})),
        "real": Filter(since=DAY.since, until=DAY.until, simulated=False),
        "number": Filter(since=DAY.since, until=DAY.until, number=DIRECT),
    }
    with engine.connect() as connection:
        assert {name: sum(t.calls for t in tallies(connection, wanted)) for name, wanted in counts.items()} == {
            "reach": 2,
            "real": 2,
            "number": 1,
        }


DAYS = {  # the hours on the clock of a day, and how many calls there are when one comes every half hour
    "an ordinary day": ("2026-11-24", list(range(24))),
    "the clocks go forward": ("2026-03-29", [0, 1, *range(3, 24)]),
    "the clocks go back": ("2026-10-25", [0, 1, 2, *range(2, 24)]),
}


@pytest.mark.parametrize(("day", "hours"), DAYS.values(), ids=DAYS)
def test_a_day_has_the_hours_that_its_clocks_show(day: str, hours: list[int], engine: Engine) -> None:
    since = at(f"{day} 00:00")
    until = at(f"{(since + timedelta(days=1)).date()} 00:00")
    moments = [since.astimezone(UTC) + timedelta(minutes=30 * n) for n in range(2 * len(hours))]
    on_file(engine, *map(a_call, moments))
    with engine.connect() as connection:
        found = tallies(connection, Filter(since=since, until=until))
    slots = hours_of_a_day(found, since, until, MADRID)
    assert [slot.hour for slot in slots] == hours
    assert [slot.calls["missed"] for slot in slots] == [2] * len(hours)
    assert [slot.hour for slot in slots if slot.second] == ([2] if hours.count(2) == 2 else [])


def test_an_average_divides_by_the_hours_that_there_were() -> None:
    since, until = at("2026-10-24 00:00"), at("2026-10-26 00:00")
    two = [Tally(datetime(2026, 10, 25, hour, 0, tzinfo=UTC), "missed", 3) for hour in (0, 1)]  # 2:00, and 2:00 again
    found = hours_of_the_day(two, since, until, MADRID)
    assert [slot.hours for slot in found[1:4]] == [2, 3, 2]
    assert (found[2].calls["missed"], found[2].average("missed")) == (6, 2.0)


def test_hours_that_have_not_begun_yet_do_not_thin_the_average() -> None:
    found = hours_of_the_day([], at("2026-11-23 00:00"), at("2026-11-24 10:30"), MADRID)
    assert [slot.hours for slot in found] == [2] * 11 + [1] * 13
    assert found[23].average("missed") == 0
    assert hours_of_the_day([], at("2026-11-24 00:00"), at("2026-11-24 10:30"), MADRID)[23].average("missed") == 0


# India is half an hour beside the hours of UTC, Nepal a quarter.
@pytest.mark.parametrize(("zone", "minutes"), [("Asia/Kolkata", 30), ("Asia/Kathmandu", 45)])
def test_hours_begin_where_the_zone_has_them(zone: str, minutes: int, engine: Engine) -> None:
    there = ZoneInfo(zone)
    since = datetime(2026, 11, 24, tzinfo=there)
    on_file(engine, *(a_call(since + timedelta(hours=9, minutes=m)) for m in (0, 59)), a_call(since.replace(hour=10)))
    with engine.connect() as connection:
        found = tallies(connection, Filter(since=since, until=since + timedelta(days=1)))
    slots = hours_of_a_day(found, since, since + timedelta(days=1), there)
    assert {slot.hour: slot.calls["missed"] for slot in slots if slot.calls} == {9: 2, 10: 1}


def test_waits_are_those_of_callers_who_got_through(engine: Engine) -> None:
    for wait in (5, 10, 10, 25, 70):
        on_file(engine, a_call("2026-11-24 10:00", "answered", wait=wait))
    on_file(engine, a_call("2026-11-24 10:00", "forwarded", wait=20), a_call("2026-11-24 10:00", wait=300))
    with engine.connect() as connection:
        found = waits(connection, DAY)
    assert (found.calls, found.seconds[10]) == (6, 2)
    assert [round(found.within(limit), 2) for limit in (10, 20, 30, 60)] == [0.5, 0.67, 0.83, 0.83]
    assert (found.below(0.5), found.below(0.9)) == (10, 70)


def test_nobody_who_got_through_waited() -> None:
    assert (Waits(seconds={}).within(10), Waits(seconds={}).below(0.5), Waits(seconds={}).calls) == (0, None, 0)


# One statement, and no more of the table than the period.
def test_the_figures_of_a_period_are_read_off_an_index(lite: Engine) -> None:
    for ask in (tallies, waits):
        for wanted in (DAY, Filter(since=DAY.since, until=DAY.until, employees=frozenset({"ana", "eva"}))):
            found = plan(lite, lambda connection, ask=ask, wanted=wanted: ask(connection, wanted))
            looked = [line for line in found if line.startswith(("SCAN", "SEARCH"))]
            assert len(looked) == 1
            assert "started_at>? AND started_at<?" in looked[0]
