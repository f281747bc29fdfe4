"""Weekly hours, holidays and closed days."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from config.record import Record

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Span = tuple[int, int]
"""From and to, in minutes of the local day; an end before the start lies on the next day."""

_SPAN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$")


_zones = lru_cache(maxsize=1)(available_timezones)  # it reads the disk


def _time_zone(name: str) -> str:
    if name not in _zones():
        raise PydanticCustomError("timezone", "not a known time zone; use a name such as Europe/Madrid")
    return name


TimeZone = Annotated[str, AfterValidator(_time_zone)]


def _span(text: str) -> str:
    match = _SPAN.match(text)
    if not match or span_minutes(text)[0] == span_minutes(text)[1]:
        raise PydanticCustomError("span", 'write hours as "09:00-14:00" (24-hour clock, from-to)')
    return text


def span_minutes(text: str) -> Span:
    """Turn "09:00-14:00" into minutes of the day, (540, 840)."""
    start, end = ((int(h) * 60 + int(m)) for h, m in (part.strip().split(":") for part in text.split("-")))
    return start, end


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


_SPAN_SCHEMA = {"type": "string", "pattern": r"^\s*\d\d:\d\d\s*-\s*\d\d:\d\d\s*$", "examples": ["09:00-14:00"]}
Spans = Annotated[
    tuple[Annotated[str, AfterValidator(_span)], ...],
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [_SPAN_SCHEMA, {"type": "array", "items": _SPAN_SCHEMA}]}),
]


def days_of(key: str) -> tuple[str, ...]:
    """Turn "mon", "mon-thu" or "fri-mon" into its days; raises ValueError for anything else."""
    first, dash, last = key.partition("-")
    start, end = DAYS.index(first), DAYS.index(last if dash else first)
    return tuple(DAYS[(start + i) % 7] for i in range((end - start) % 7 + 1))


def _day_off(value: object) -> str:
    text = "" if isinstance(value, float) else str(value)  # YAML has made 24.1 of 24.10
    try:
        if re.fullmatch(r"\d{1,2}\.\d{1,2}\.?", text):
            day, month = (int(part) for part in text.rstrip(".").split("."))
            date(2024, month, day)  # a leap year, so that 29.02 may be a day off
            return f"{month:02}-{day:02}"
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise PydanticCustomError(
            "day_off", 'write "24.12" (every year) or "2026-12-31" (once), in quotation marks'
        ) from None


class Holidays(Record):
    """Public holidays of a country and, optionally, a region, as the `holidays` package knows them."""

    country: str = Field(description="two letters, such as ES")
    region: str | None = Field(default=None, description="a region with holidays of its own, such as MD")

    @model_validator(mode="after")
    def _known(self) -> Holidays:
        import holidays  # 40 ms to import: only companies that use it pay

        regions = holidays.list_supported_countries().get(self.country)
        if regions is None:
            raise PydanticCustomError(
                "holidays", "no holidays are known for this country; use its ISO code, such as ES"
            )
        if self.region is not None and self.region not in regions:
            raise PydanticCustomError(
                "holidays", "unknown region; use one of {regions}", {"regions": ", ".join(regions)}
            )
        return self


@lru_cache(maxsize=32)
def _calendar(country: str, region: str | None) -> Any:
    import holidays

    # Without a language the names follow the locale of the machine.
    return holidays.country_holidays(country, subdiv=region, language="en_US")


class Schedule(Record):
    """When a number, or an employee, is at work; the time zone is the company's unless named."""

    timezone: TimeZone | None = Field(default=None, description="without it the company's")
    weekly: dict[str, Spans] = Field(
        json_schema_extra={"propertyNames": {"pattern": f"^({'|'.join(DAYS)})(-({'|'.join(DAYS)}))?$"}},
        description='open hours by day or range of days, such as mon-thu: ["09:00-14:00", "15:00-18:00"]',
    )
    holidays: Holidays | None = Field(default=None, description="public holidays, which are closed")
    days_off: tuple[Annotated[str, BeforeValidator(_day_off)], ...] = Field(
        default=(), description='closed days: "24.12" every year, "2026-12-31" once'
    )

    @model_validator(mode="after")
    def _days_are_days(self) -> Schedule:
        for key in self.weekly:
            try:
                days_of(key)
            except ValueError:
                raise PydanticCustomError(
                    "weekday",
                    "{key} is no day; use mon tue wed thu fri sat sun, or a range such as mon-thu",
                    {"key": key},
                ) from None
        return self

    @cached_property
    def spans(self) -> tuple[tuple[Span, ...], ...]:
        """Hours of each weekday, Monday first."""
        week: dict[str, list[Span]] = {day: [] for day in DAYS}
        for key, spans in self.weekly.items():
            for day in days_of(key):
                week[day] += [span_minutes(text) for text in spans]
        return tuple(tuple(sorted(week[day])) for day in DAYS)

    def closed_on(self, day: date) -> str | None:
        """Name the reason why a day is closed whatever its weekly hours, or None."""
        if day.isoformat() in self.days_off or day.isoformat()[5:] in self.days_off:
            return "day off"
        if self.holidays is not None:
            name = _calendar(self.holidays.country, self.holidays.region).get(day)
            return str(name) if name else None
        return None

    def local(self, now: datetime, company_zone: str) -> datetime:
        """Return a moment in the schedule's own time zone."""
        return now.astimezone(ZoneInfo(self.timezone or company_zone))


def time_zones() -> tuple[str, ...]:
    """List the time zones to offer: those named after a place, and UTC."""
    places = sorted(name for name in _zones() if "/" in name and not name.startswith(("Etc/", "posix", "right")))
    return (*places, "UTC")


def holiday_countries() -> tuple[str, ...]:
    """List the countries whose holidays are known, by their two letters."""
    import holidays

    return tuple(code for code in holidays.list_supported_countries() if len(code) == 2)  # the rest are other names


@lru_cache(maxsize=32)
def holiday_regions(country: str) -> dict[str, str]:
    """Return the regions of a country that have holidays of their own: what the settings call each, and its name."""
    import holidays

    codes = holidays.list_supported_countries().get(country, [])
    aliases = getattr(holidays.country_holidays(country), "subdivisions_aliases", {}) if codes else {}
    names = {code: name for name, code in reversed(aliases.items())}
    return {code: names.get(code, code) for code in codes}
