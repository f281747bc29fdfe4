"""Numbers as people write them."""

from __future__ import annotations

import pytest

from config.telephone import typed


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+34600222001", "+34600222001"),
        ("+34 600 22-20.01", "+34600222001"),
        ("600 222 001", "+34600222001"),
        ("(91) 000 00 01", "+34910000001"),
        ("0044 20 7946 0018", "+442079460018"),
        ("Eva", None),
        ("", None),
        ("+", None),
        ("12", None),
        ("+١٢٣٤٥٦٧", None),
        ("+266696687", None),
    ],
)
def test_a_number_is_read_as_people_of_the_country_write_it(text: str, number: str | None) -> None:
    assert typed(text, "ES") == number
