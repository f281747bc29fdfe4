"""What people type, and what the settings hold of it."""

from __future__ import annotations

import pytest

from web.settings.forms.typed import day_off, day_written, key_of, phone, spaced, spans


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("600 111 222", "+34600111222"),
        ("+34 600-111-222", "+34600111222"),
        ("0034600111222", "+34600111222"),
        ("+351 210 000 000", "+351210000000"),
        ("  ", ""),
        ("12", "12"),
        ("600111222 ext. 5", "600111222 ext. 5"),
        ("sip:pbx.example.com", "sip:pbx.example.com"),
        ("call me", "call me"),
    ],
)
def test_a_number_is_read_in_the_company_s_country_if_it_can_be_one(typed: str, kept: str) -> None:
    assert phone(typed, "ES") == kept
    assert phone(spaced(kept), "ES") == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("24.12", "24.12"), ("1/5", "01.05"), ("31-12-2026", "2026-12-31"), ("31.02.2026", "31.02.2026"), ("may", "may")],
)
def test_a_closed_day_is_read_as_it_stands_in_a_calendar(typed: str, kept: str) -> None:
    assert day_off(typed) == kept
    assert day_off(day_written(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9-14", ("09:00-14:00",)),
        ("9:30 – 14; 15.00-18h", ("09:30-14:00", "15:00-18:00")),
        ("22:00-24:00", ("22:00-24:00",)),
        ("morning, 15-18", ("morning", "15:00-18:00")),
        ("", ()),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, kept: tuple[str, ...]) -> None:
    assert spans(typed) == kept
    assert spans(", ".join(kept)) == kept


def test_a_key_is_made_of_any_name_and_is_never_taken() -> None:
    assert key_of("Atención al cliente", set()) == "atencion-al-cliente"
    assert key_of("Ventas", {"ventas", "ventas-2"}) == "ventas-3"
    assert key_of("日本", set()) == "entry"
    assert len(key_of("x" * 90, {"x" * 36})) <= 40
