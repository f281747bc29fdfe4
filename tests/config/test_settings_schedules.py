"""Weekly hours, holidays and days off, as the settings spell them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from config.schedules import Schedule, days_of, span_minutes


def schedule(**values: Any) -> Schedule:
    return Schedule.model_validate({"weekly": {"mon-sun": "00:00-24:00"}} | values)


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("mon", "mon"),
        ("mon-mon", "mon"),
        ("mon-thu", "mon tue wed thu"),
        ("fri-mon", "fri sat sun mon"),
        ("mon-sun", "mon tue wed thu fri sat sun"),
        ("tue-mon", "tue wed thu fri sat sun mon"),
    ],
)
def test_days(key: str, days: str) -> None:
    assert " ".join(days_of(key)) == days


@pytest.mark.parametrize("key", ["", "-", "Mon", "monday", "mon-", "-mon", "mon-tue-wed", "mon tue", "mon,tue"])
def test_no_days(key: str) -> None:
    with pytest.raises(ValueError):
        days_of(key)
    with pytest.raises(ValidationError):
        schedule(weekly={key: "09:00-10:00"})


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("09:00-14:00", (540, 840)),
        ("09:00 - 14:00", (540, 840)),
        ("00:00-24:00", (0, 1440)),
        ("22:00-06:00", (1320, 360)),
        ("23:59-00:00", (1439, 0)),
    ],
)
def test_spans(text: str, minutes: tuple[int, int]) -> None:
    assert span_minutes(text) == minutes
    assert schedule(weekly={"mon": text}).spans[0] == (minutes,)


@pytest.mark.parametrize(
    "text",
    ["9:00-14:00", "09:00", "09:00-09:00", "09:00-24:01", "24:00-09:00", "09:60-10:00", "09:00–14:00", "", "a-b"],
)
def test_no_spans(text: str) -> None:
    with pytest.raises(ValidationError):
        schedule(weekly={"mon": text})


def test_the_hours_of_a_day_may_be_one_text_or_a_list() -> None:
    one, many = schedule(weekly={"sat": "10:00-12:00"}), schedule(weekly={"sat": ["10:00-12:00"]})
    assert one.spans == many.spans


def test_hours_of_overlapping_ranges_add_up_in_order() -> None:
    found = schedule(weekly={"wed": ["20:00-21:00"], "mon-fri": ["15:00-18:00", "09:00-14:00"]}).spans
    assert found[2] == ((540, 840), (900, 1080), (1200, 1260))
    assert found[0] == ((540, 840), (900, 1080))
    assert found[5] == ()


@pytest.mark.parametrize("written", ["24.12", "24.12.", "2026-12-24", date(2026, 12, 24)])
def test_a_day_off(written: object) -> None:
    found = schedule(days_off=[written])
    assert found.closed_on(date(2026, 12, 24)) == "day off"
    assert found.closed_on(date(2026, 12, 25)) is None


def test_a_day_off_without_a_year_comes_every_year() -> None:
    found = schedule(days_off=["1.5", "29.02"])
    assert [found.closed_on(date(year, 5, 1)) for year in (2026, 2027)] == ["day off", "day off"]
    assert found.closed_on(date(2028, 2, 29)) == "day off"


def test_a_day_off_with_a_year_comes_once() -> None:
    assert schedule(days_off=["2026-12-31"]).closed_on(date(2027, 12, 31)) is None


@pytest.mark.parametrize("written", ["30.02", "12.24", "24/12", "tomorrow", "", 24.12, 24, None])
def test_no_day_off(written: object) -> None:
    with pytest.raises(ValidationError):
        schedule(days_off=[written])


def test_public_holidays_are_those_of_the_country_and_the_region() -> None:
    madrid = schedule(holidays={"country": "ES", "region": "MD"})
    spain = schedule(holidays={"country": "ES"})
    assert madrid.closed_on(date(2026, 12, 25)) == "Christmas Day"
    assert madrid.closed_on(date(2025, 5, 2)) is not None  # the day of the Community of Madrid
    assert spain.closed_on(date(2025, 5, 2)) is None
    assert schedule().closed_on(date(2026, 12, 25)) is None


@pytest.mark.parametrize("place", [{"country": "XX"}, {"country": "Spain"}, {"country": "ES", "region": "XX"}, {}])
def test_no_public_holidays(place: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        schedule(holidays=place)


def test_a_schedule_may_have_a_time_zone_of_its_own() -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Europe/Madrid"))
    assert schedule().local(noon, "Europe/Madrid").hour == 12
    assert schedule(timezone="Atlantic/Canary").local(noon, "Europe/Madrid").hour == 11


@pytest.mark.parametrize("zone", ["Madrid", "", "UTC+1", "../../etc/passwd"])
def test_no_time_zone(zone: str) -> None:
    with pytest.raises(ValidationError):
        schedule(timezone=zone)


def test_the_names_of_holidays_do_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "es")
    assert schedule(holidays={"country": "ES", "region": "CT"}).closed_on(date(2026, 12, 25)) == "Christmas Day"
