"""Nothing that was typed or chosen is lost without a word: what goes with a choice, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.conftest import Browser
from tests.web.filled import Fields, settings_form
from tests.web.settings_forms import Draft, ana, changed, draft, opened, version

__all__ = ["ana", "draft"]

MAIN = ("numbers", "+34910000001")


@pytest.mark.parametrize(
    ("page", "off", "on", "place"),
    [
        ("numbers/entry/+34910000001", {"schedule": ""}, {"schedule": "office"}, (*MAIN, "closed")),
        ("groups/entry/support", {"no_answer": "voicemail"}, {"no_answer": "hold"}, ("groups", "support", "hold")),
        ("numbers/entry/+34910000001", {"responsible": []}, {"responsible": "y"}, (*MAIN, "responsible")),
        ("blocked", {"auto_block": []}, {"auto_block": "y"}, ("auto_block",)),
    ],
)
def test_what_went_with_a_choice_comes_back_with_it(
    ana: Browser, draft: Draft, page: str, off: Fields, on: Fields, place: tuple[str, ...]
) -> None:
    before = draft().get(place)
    assert before
    changed(ana, page, **off)
    assert draft().get(place) is None
    told = "Taken out, because it has no effect any more" in ana.get(f"/settings/{page}").text
    assert told == (place[-1] in ("closed", "hold"))  # the others were switched off themselves
    changed(ana, page, **on)
    assert draft().get(place) == before
    assert "Brought back as it is published" in ana.get(f"/settings/{page}").text


def test_what_is_typed_with_a_choice_wins_over_what_is_published(ana: Browser, draft: Draft) -> None:
    page, place = "groups/entry/support", ("groups", "support", "hold")
    before = draft().get(place)
    changed(ana, page, no_answer="voicemail")
    changed(ana, page, no_answer="hold", max_minutes="7")
    assert draft().get(place) == before | {"max_minutes": 7}
    changed(ana, "numbers/entry/+34910000001", schedule="")
    changed(ana, "numbers/entry/+34910000001", schedule="office", closed="voicemail")
    assert draft().get(("numbers", "+34910000001", "closed")) == "voicemail"


def test_hours_without_a_day_are_asked_about_and_stay_on_the_page(ana: Browser, draft: Draft) -> None:
    page = "schedules/entry/office"
    before = draft().text
    times = opened(ana, page).fields["weekly-times"]
    assert times[-1] == ""
    answer = changed(ana, page, weekly__times=[*times[:-1], "10:00-13:00"])
    assert f"Row {len(times)}: choose the day of these hours." in answer.text
    assert settings_form(answer.text).fields["weekly-times"][-2:] == ["10:00-13:00", ""]
    assert draft().text == before
    days = opened(ana, page).fields["weekly-first"]
    answer = changed(ana, page, weekly__times=["08:00-09:00", *times[1:]], weekly__first=["", *days[1:]])
    assert "Row 1: choose the day" in answer.text


def test_a_row_of_hours_without_its_day_goes(ana: Browser, draft: Draft) -> None:
    page = "schedules/entry/office"
    days = opened(ana, page).fields["weekly-first"]
    assert changed(ana, page, weekly__first=["", *days[1:]]).status_code == 303
    assert list(draft().get(("schedules", "office", "weekly"))) == ["fri"]


@pytest.mark.parametrize("key", ["", ".", "..", "a/b", "ñandú", "x" * 200, "-x"])
def test_no_entry_is_given_a_key_that_no_address_could_hold(ana: Browser, draft: Draft, key: str) -> None:
    before = draft().text
    answer = ana.post("/settings/groups/rename/sales", {"version": version(ana), "key": key})
    assert answer.headers["Location"] == "/settings/groups/entry/sales"
    assert "A key begins with a letter" in ana.get("/settings/groups/entry/sales").text
    assert draft().text == before


@pytest.mark.parametrize("key", ["", "..", "12", "+" + "3" * 300])
def test_no_number_is_given_a_key_that_is_none(ana: Browser, draft: Draft, key: str) -> None:
    before = draft().text
    ana.post("/settings/numbers/rename/+34910000002", {"version": version(ana), "key": key})
    assert "This is no telephone number" in ana.get("/settings/numbers/entry/+34910000002").text
    assert ana.post("/settings/numbers/new", {"version": version(ana), "name": "x", "number": key}).status_code == 422
    assert draft().text == before


@pytest.mark.parametrize("seconds", ["9" * 5000, "٣", "²", "-5", "1e3"])
def test_what_is_no_number_of_seconds_is_kept_for_the_check(ana: Browser, draft: Draft, seconds: str) -> None:
    assert changed(ana, "groups/entry/sales", ring_seconds=seconds).status_code == 303
    assert str(draft().get(("groups", "sales", "ring_seconds"))) == seconds
    assert "must be a whole number from 5 to 120" in ana.get("/settings/groups/entry/sales").text


@pytest.mark.parametrize(("typed", "kept"), [("5,5", 5.5), ("1000", 1000), ("1.0", 1), ("nan", "nan"), ("inf", "inf")])
def test_an_amount_is_a_number_or_kept_for_the_check(ana: Browser, draft: Draft, typed: str, kept: Any) -> None:
    changed(ana, "forwarding", minimum_balance=typed)
    assert draft().get(("forwarding", "minimum_balance")) == kept
    refused = "must be a number, 0 or more" in ana.get("/settings/forwarding").text
    assert refused == isinstance(kept, str)


@pytest.mark.parametrize(("typed", "either"), [("1.000", "1000 or 1.0"), ("12,500", "12500 or 12.5")])
def test_an_amount_that_can_be_read_in_two_ways_is_asked_about(
    ana: Browser, draft: Draft, typed: str, either: str
) -> None:
    before = draft().text
    assert f"Write {either}: this can be read as either." in changed(ana, "forwarding", minimum_balance=typed).text
    assert draft().text == before


def test_a_menu_of_a_name_that_makes_no_key_says_by_which_it_is_known(ana: Browser) -> None:
    answer = ana.post("/settings/menus/new", {"version": version(ana), "name": "Отдел продаж"})
    assert answer.headers["Location"] == "/settings/menus/entry/menu"
    assert "Отдел продаж is in the draft, with the key menu" in ana.get("/settings/menus/entry/menu").text


def test_a_new_number_says_why_its_route_is_not_drawn_while_the_draft_has_faults(ana: Browser) -> None:
    changed(ana, "groups/entry/sales", ring_seconds="400")
    ana.post("/settings/numbers/new", {"version": version(ana), "name": "Nueva", "number": "910 000 044"})
    assert "then its route is drawn here" in ana.get("/settings/numbers/entry/+34910000044").text
    changed(ana, "groups/entry/sales", ring_seconds="20")
    page = ana.get("/settings/numbers/entry/+34910000044").text
    assert "then its route is drawn here" not in page
    assert "<svg" in page.partition("map-heading")[2]
