"""What people type, made into what the settings hold; what cannot be made out stays as it is, for the check to name."""

from __future__ import annotations

import re
from datetime import date

import phonenumbers

from config.schedules import days_of


def line(text: str) -> str:
    """One line, without spaces around it."""
    return text.replace("\r", "").replace("\n", "").strip()


def lines(text: str) -> str:
    """Text with line breaks of one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def phone(text: str, country: str) -> str:
    """Make +34600111222 of "600 111 222", in the company's country, where it can be a number at all."""
    typed = line(text)
    if not typed or typed.startswith("sip"):
        return typed
    try:
        number = phonenumbers.parse("+" + typed[2:] if typed.startswith("00") else typed, country)
    except phonenumbers.NumberParseException:
        return typed
    if number.extension or not phonenumbers.is_possible_number(number):
        return typed
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def spaced(number: str) -> str:
    """Write an international number as people read it: +34 600 11 12 22."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def day_off(text: str) -> str:
    """Make 2026-12-31 of 31.12.2026 and 24.12 of 24/12: once, and every year."""
    typed = line(text)
    match = re.fullmatch(r"(\d{1,2})\s*[./-]\s*(\d{1,2})(?:\s*[./-]\s*(\d{4}))?\.?", typed)
    if match is None:
        return typed
    day, month, year = match.groups()
    if year is None:
        return f"{int(day):02}.{int(month):02}"
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return typed


def day_written(day: str) -> str:
    """Write a closed day as people do: 31.12.2026 for 2026-12-31."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", day)
    return ".".join(reversed(match.groups())) if match else day


_TIME = r"(\d{1,2})(?:[:.h](\d{2}))?h?"
_SPAN = re.compile(rf"{_TIME}\s*(?:-|–|—|to|a)\s*{_TIME}")


def spans(text: str) -> tuple[str, ...]:
    """Make ("09:00-14:00", "15:00-18:00") of "9-14, 15.00 – 18.00"."""
    parts = (part.strip() for part in re.split(r"[,;\n]", lines(text)))
    return tuple(_span(part) for part in parts if part)


def _span(text: str) -> str:
    match = _SPAN.fullmatch(text)
    if match is None:
        return text
    start, start_minutes, end, end_minutes = match.groups(default="00")
    return f"{int(start):02}:{start_minutes}-{int(end):02}:{end_minutes}"


def day_range(first: str, last: str) -> str:
    """Write the days of a row as the settings do: mon, or mon-thu."""
    return f"{first}-{last}" if last and last != first else first


def days(key: str) -> tuple[str, str] | None:
    """Return the first and the last day that a key of the weekly hours names, None when it names none."""
    try:
        named = days_of(key)
    except ValueError:
        return None
    return (named[0], named[-1] if "-" in key else "")


def key_of(name: str, taken: set[str], otherwise: str = "entry") -> str:
    """Make a key of a name: "Atención al cliente" is atencion-al-cliente; a digit follows where that is taken.

    A key has Latin letters (config.record.Name); of a name that has none it is `otherwise`.
    """
    from unicodedata import normalize

    plain = normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:36].strip("-") or otherwise
    tries = (key, *(f"{key}-{count}" for count in range(2, len(taken) + 3)))
    return next(each for each in tries if each not in taken)
