"""How things are written on a page."""

from __future__ import annotations

from local.house import House
from web import looks


# Callers never come to an end, and a process lives for weeks.
def test_no_more_numbers_are_remembered_than_are_good(web_house: House) -> None:
    with web_house.app.test_request_context("/"):
        for number in range(looks.MOST_SPACED + 50):
            assert looks.phone(f"+34600{number:06}").startswith("+34 600 ")
    assert looks._spaced.cache_info().currsize == looks.MOST_SPACED
