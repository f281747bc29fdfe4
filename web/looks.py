"""How things are written on a page: moments, durations, numbers, names."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

import phonenumbers
from babel.dates import format_date, format_datetime, format_time
from flask import Flask
from markupsafe import Markup

from web.reception import here
from web.words import _, locale

MOST_SPACED = 10_000
"""Numbers whose spacing is remembered; callers never come to an end."""


def moment(at: datetime | None) -> str:
    """Write a day and time as the clocks at the company show it."""
    return "" if at is None else format_datetime(here().local(at), "d MMM y HH:mm", locale=locale())


def clock(at: datetime | None) -> str:
    """Write a time of the day."""
    return "" if at is None else format_time(here().local(at), "HH:mm:ss", locale=locale())


def day(at: datetime | date | None) -> str:
    """Write a day with its name."""
    if at is None:
        return ""
    on = here().local(at).date() if isinstance(at, datetime) else at
    return format_date(on, "EEE d MMM y", locale=locale())


def when(at: datetime | None) -> Markup:
    """Write a moment so that a program can read it as well."""
    if at is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), moment(at))


def duration(seconds: float | None) -> str:
    """Write seconds as a stopwatch shows them: 0:07, 1:05, 1:00:00."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def phone(number: str | None) -> str:
    """Space a number for reading; what is none stays as it is, and none at all was withheld."""
    return _spaced(number) if number else _("withheld")


@lru_cache(maxsize=MOST_SPACED)
def _spaced(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def employee(key: str | None) -> str:
    """Name an employee; one who is not in the settings any more by his key."""
    found = here().company.employees.get(key or "")
    return found.name if found else key or ""


def group(key: str | None) -> str:
    """Name a group."""
    found = here().company.groups.get(key or "")
    return found.name if found else key or ""


def number(key: str | None) -> str:
    """Name a number of ours."""
    found = here().company.numbers.get(key or "")
    return found.name if found else phone(key)


FILTERS = (moment, clock, day, when, duration, phone, employee, group, number)


def init_app(app: Flask) -> None:
    """Let templates write so too."""
    app.jinja_env.filters.update({each.__name__: each for each in FILTERS})
