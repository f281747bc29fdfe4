"""What is typed to ask why a call goes where it goes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from flows.question import UnclearError, entries_of, moment_of

MADRID = ZoneInfo("Europe/Madrid")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24 10:30", "2026-11-24T10:30:00+01:00"),
        ("2026-07-24T10:30", "2026-07-24T10:30:00+02:00"),
        ("2026-11-24T10:30+00:00", "2026-11-24T11:30:00+01:00"),
    ],
)
def test_a_moment_is_the_zones_unless_it_names_an_offset(text: str, moment: str) -> None:
    assert moment_of(text, MADRID).isoformat() == moment


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "24.12.2026", "0001-01-01T00:00+14:00"])
def test_what_is_no_moment_is_told(text: str) -> None:
    with pytest.raises(UnclearError) as unclear:
        moment_of(text, MADRID)
    assert unclear.value.value == text


def test_the_entry_that_no_telephone_can_send_is_told() -> None:
    assert entries_of("2, 9,101") == ("2", "9", "101")
    assert entries_of("-,2") == ("-", "2")
    with pytest.raises(UnclearError) as unclear:
        entries_of("2,9a,b")
    assert unclear.value.value == "9a"
