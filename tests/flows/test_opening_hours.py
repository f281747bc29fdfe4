"""Opening hours: the minute of the border, nights, holidays, days off, and the two days when the clock changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.schedules import Schedule
from flows.hours import Opening, opening
from tests.moments import MADRID

OFFICE = {"mon-thu": ["09:00-14:00", "15:00-18:00"], "fri": ["09:00-15:00"]}
TUESDAY = "2026-11-24 "


def schedule(weekly: dict[str, list[str]] | None = None, **more: object) -> Schedule:
    """A schedule as the settings write it."""
    return Schedule.model_validate({"weekly": OFFICE if weekly is None else weekly, **more})


def at(where: Schedule, text: str, zone: str = "Europe/Madrid") -> Opening:
    """Whether it is open at a moment in Madrid, for a company in a time zone."""
    now = datetime.fromisoformat(text).replace(tzinfo=MADRID)
    return opening(where, where.local(now, zone))


# A span begins at its first minute and ends before its last.
@pytest.mark.parametrize(
    ("time", "is_open"),
    [
        ("08:59:59.999999", False),
        ("09:00:00", True),
        ("13:59:59.999999", True),
        ("14:00:00", False),
        ("14:59:59", False),
        ("15:00:00", True),
        ("17:59:59", True),
        ("18:00:00", False),
        ("00:00:00", False),
        ("23:59:59", False),
    ],
)
def test_the_minute_of_the_border(time: str, is_open: bool) -> None:
    assert at(schedule(), TUESDAY + time).open is is_open


def test_an_opening_says_which_span_it_is_in() -> None:
    assert at(schedule(), TUESDAY + "10:00") == Opening(True, "09:00-14:00")
    assert at(schedule(), TUESDAY + "16:00") == Opening(True, "15:00-18:00")
    assert at(schedule(), TUESDAY + "14:30") == Opening(False, "hours")


def test_each_day_has_hours_of_its_own() -> None:
    week = [at(schedule(), f"2026-11-{day} 16:30").open for day in range(23, 30)]  # Monday to Sunday
    assert week == [True, True, True, True, False, False, False]
    assert at(schedule(), "2026-11-27 14:30").open  # on Fridays there is no break


def test_a_schedule_without_hours_is_never_open() -> None:
    assert not any(at(schedule({}), f"2026-11-{day} 12:00").open for day in range(23, 30))


# A span that ends before it begins runs into the next day and belongs to the day on which it began.
NIGHT = {"fri": ["22:00-06:00"]}


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-27 21:59", False),  # Friday
        ("2026-11-27 22:00", True),
        ("2026-11-27 23:59", True),
        ("2026-11-28 00:00", True),  # Saturday
        ("2026-11-28 05:59", True),
        ("2026-11-28 06:00", False),
        ("2026-11-28 22:30", False),
        ("2026-11-27 05:00", False),  # the night before is Thursday's
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_began(moment: str, is_open: bool) -> None:
    assert at(schedule(NIGHT), moment).open is is_open


def test_a_night_from_sunday_ends_on_monday() -> None:
    sunday = schedule({"sun": ["20:00-02:00"]})
    assert at(sunday, "2026-11-30 01:59").open
    assert not at(sunday, "2026-11-30 02:00").open


def test_a_day_may_end_at_24() -> None:
    late = schedule({"mon-sun": ["00:00-24:00"]})
    assert at(late, "2026-11-24 00:00") == Opening(True, "00:00-24:00")
    assert at(late, "2026-11-24 23:59:59").open
    evening = schedule({"tue": ["18:00-24:00"]})
    assert at(evening, "2026-11-24 23:59:59").open
    assert not at(evening, "2026-11-25 00:00").open


def test_a_night_that_begins_on_a_day_off_is_off_to_its_end() -> None:
    off = schedule({"mon-sun": ["22:00-06:00"]}, days_off=["2026-11-27"])
    assert at(off, "2026-11-27 05:00").open  # Thursday's night
    assert at(off, "2026-11-27 23:00") == Opening(False, "day off")
    assert not at(off, "2026-11-28 05:00").open
    assert at(off, "2026-11-28 23:00").open


# A closed day wins over its weekly hours. Public holidays of a country and a region.
@pytest.mark.parametrize(
    ("day", "region", "closed"),
    [
        ("2026-12-08", "MD", True),  # Immaculate Conception, all of Spain
        ("2026-01-06", "MD", True),  # Epiphany
        ("2026-05-15", "MD", False),  # San Isidro is the city's, which the settings name as a day off
        ("2026-09-11", "CT", True),  # Diada, Catalonia only
        ("2026-09-11", "MD", False),
        ("2026-04-02", "MD", True),  # Maundy Thursday, not in Catalonia
        ("2026-04-02", "CT", False),
        ("2026-11-24", "MD", False),
    ],
)
def test_a_public_holiday_of_the_region_is_closed(day: str, region: str, closed: bool) -> None:
    always = schedule({"mon-sun": ["00:00-24:00"]}, holidays={"country": "ES", "region": region})
    found = at(always, day + " 12:00")
    assert found.open is not closed
    assert (found.why not in {"hours", "day off", "00:00-24:00"}) is closed  # it is named


def test_without_a_region_only_the_countrys_holidays_count() -> None:
    always = schedule({"mon-sun": ["00:00-24:00"]}, holidays={"country": "ES"})
    assert not at(always, "2026-12-25 12:00").open
    assert at(always, "2026-09-11 12:00").open


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-12-24 10:00", False),
        ("2027-12-24 10:00", False),
        ("2026-12-31 10:00", False),
        ("2029-12-31 10:00", True),  # a Monday, and off in 2026 only
        ("2026-12-23 10:00", True),
        ("2028-02-29 10:00", False),
    ],
)
def test_a_day_off_comes_every_year_or_once(moment: str, is_open: bool) -> None:
    off = schedule(days_off=["24.12", "2026-12-31", "29.02"])
    assert at(off, moment).open is is_open


# Opening hours on daylight-saving days (issue 2, part 8; STYLE 8). In Madrid the clock goes from 2:00 to 3:00 on
# 29 March 2026, and from 3:00 back to 2:00 on 25 October 2026.
SPRING, AUTUMN = datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)


def open_hours(where: Schedule, day: datetime) -> list[str]:
    """The hours, by the clock in UTC, of a day around midnight in Madrid at whose half it is open."""
    hours = (day + timedelta(hours=n, minutes=30) for n in range(-5, 29))
    return [f"{hour:%d %H}" for hour in hours if opening(where, where.local(hour, "Europe/Madrid")).open]


def test_office_hours_keep_to_the_clock_on_the_wall_when_it_changes() -> None:
    office = schedule({"mon-sun": ["09:00-14:00"]})
    assert open_hours(office, SPRING) == [f"29 {hour:02}" for hour in range(7, 12)]  # UTC+2 already
    assert open_hours(office, SPRING - timedelta(days=1)) == [f"28 {hour:02}" for hour in range(8, 13)]
    assert open_hours(office, AUTUMN) == [f"25 {hour:02}" for hour in range(8, 13)]  # UTC+1 again
    assert open_hours(office, AUTUMN - timedelta(days=1)) == [f"24 {hour:02}" for hour in range(7, 12)]


def test_an_hour_that_does_not_exist_is_not_missed() -> None:
    night = schedule({"sat": ["22:00-03:00"]})
    assert open_hours(night, SPRING) == ["28 21", "28 22", "28 23", "29 00"]  # four hours: 2:00 to 3:00 is not there
    hidden = schedule({"sun": ["02:00-03:00"]})
    assert open_hours(hidden, SPRING) == []


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    night = schedule({"sat": ["22:00-03:00"]})
    assert open_hours(night, AUTUMN) == ["24 20", "24 21", "24 22", "24 23", "25 00", "25 01"]  # six hours
    twice = schedule({"sun": ["02:00-03:00"]})
    assert open_hours(twice, AUTUMN) == ["25 00", "25 01"]


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_a_day_without_a_gap_has_none_when_the_clock_changes(day: datetime) -> None:
    assert len(open_hours(schedule({"mon-sun": ["00:00-24:00"]}), day)) == 34
    assert len(open_hours(schedule({"mon-sun": ["00:00-12:00", "12:00-24:00"]}), day)) == 34


# The time zone is the company's unless the schedule names one.
def test_a_schedule_may_have_a_time_zone_of_its_own() -> None:
    canary = schedule(timezone="Atlantic/Canary")
    assert not at(canary, TUESDAY + "09:30").open  # 8:30 on the islands
    assert at(canary, TUESDAY + "14:30").open
    assert at(schedule(), TUESDAY + "09:30", zone="Europe/Madrid").open
    assert not at(schedule(), TUESDAY + "09:30", zone="Atlantic/Canary").open


def test_the_day_is_the_day_of_the_schedules_time_zone() -> None:
    tokyo = schedule({"wed": ["00:00-24:00"]}, timezone="Asia/Tokyo", days_off=["2026-12-02"])
    assert at(tokyo, "2026-11-24 16:00").open  # Wednesday in Tokyo
    assert not at(tokyo, "2026-11-24 15:59").open
    assert at(tokyo, "2026-12-01 16:00") == Opening(False, "day off")
