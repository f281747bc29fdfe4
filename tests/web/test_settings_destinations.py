"""Destinations in the settings' forms: what a place offers, and what a choice writes."""

from __future__ import annotations

import pytest

from config.editing import Document
from config.loader import read_text
from tests.moments import SAMPLE
from tests.web.sent import MAIN, changed, sent
from web.settings.forms.desk import Place
from web.settings.forms.destinations import SOMEBODY, allowed_at
from web.settings.forms.people import GroupForm
from web.settings.forms.rules import MenuForm


# What may stand at a place is read from the types of config.destinations.
@pytest.mark.parametrize(
    ("place", "word", "form"),
    [
        ((*MAIN, "closed"), "hold", "employee"),
        (("groups", "sales", "no_answer"), "continue", "voicemail"),
        (("menus", "main", "choices", "1"), "hold", "menu"),
        (("menus", "main", "choices", "1", "no_answer"), "repeat", "group"),
    ],
)
def test_a_place_offers_what_its_type_allows_and_nothing_else(place: Place, word: str, form: str) -> None:
    assert word not in allowed_at(place).words
    assert form in allowed_at(place).forms


def test_a_destination_after_an_employee_does_not_offer_another_employee() -> None:
    assert "employee" not in allowed_at(("menus", "main", "choices", "3", "no_answer")).forms
    assert "hold" in allowed_at(("groups", "sales", "no_answer")).words


@pytest.mark.parametrize(
    ("fields", "written"),
    [
        ({"no_answer": "voicemail"}, "voicemail"),
        ({"no_answer": "group:support"}, {"group": "support"}),
        ({"no_answer": "voicemail:ana"}, {"voicemail": "ana"}),
        ({"no_answer": "forward:", "no_answer__number": "910 000 999"}, {"forward": "+34910000999"}),
        (
            {"no_answer": "forward:", "no_answer__number": "910000999", "no_answer__accept": "press_1"},
            {"forward": "+34910000999", "accept": "press_1"},
        ),
        ({"no_answer": "forward_to_mobile:luis"}, {"forward_to_mobile": "luis"}),
        ({"no_answer": f"forward_to_mobile:{SOMEBODY}", "no_answer__who": "eva martín"}, {"forward_to_mobile": "eva"}),
        ({"no_answer": f"forward_to_mobile:{SOMEBODY}", "no_answer__who": "103"}, {"forward_to_mobile": "eva"}),
        ({"no_answer": f"group:{SOMEBODY}", "no_answer__who": "no such"}, {"group": "no such"}),
    ],
)
def test_every_form_of_destination_can_be_chosen(fields: dict[str, str], written: object) -> None:
    after = sent(GroupForm, ("groups", "sales"), **fields)
    assert Document.read(after).get(("groups", "sales", "no_answer")) == written


def test_a_key_rings_an_employee_and_says_what_follows() -> None:
    choices = {"keys-5": "employee:luis", "keys-5-no_answer": "group:support"}
    after = sent(MenuForm, ("menus", "main"), **kept_keys(), **choices)
    assert Document.read(after).get(("menus", "main", "choices", "5")) == {
        "employee": "luis",
        "no_answer": {"group": "support"},
    }


def test_of_a_nested_destination_only_the_inner_part_is_written() -> None:
    after = sent(MenuForm, ("menus", "main"), **kept_keys() | {"keys-3-no_answer": "voicemail"})
    assert changed(read_text(SAMPLE), after) == ['"3": {employee: ana, no_answer: voicemail}']


def test_a_key_that_is_not_used_any_more_is_taken_out() -> None:
    after = sent(MenuForm, ("menus", "main"), **kept_keys() | {"keys-4": ""})
    assert "4" not in Document.read(after).get(("menus", "main", "choices"))
    assert changed(read_text(SAMPLE), after) == []


def kept_keys() -> dict[str, str]:
    """The keys of the sample's main menu as its page sends them."""
    return {
        "keys-1": "group:sales",
        "keys-2": "menu:support",
        "keys-3": "employee:ana",
        "keys-3-no_answer": "forward_to_mobile",
        "keys-4": "forward:",
        "keys-4-number": "+34 911 22 23 33",
        "keys-9": "ask_extension",
        "keys-0": "repeat",
    }


def test_a_rule_that_cannot_be_shown_stays_when_another_employee_is_chosen() -> None:
    text = read_text(SAMPLE).replace('no_answer: forward_to_mobile}\n      "4"', 'no_answer: {odd: 1}}\n      "4"')
    keys = kept_keys() | {"keys-3": "employee:eva", "keys-3-no_answer": "as-written"}
    after = sent(MenuForm, ("menus", "main"), text, **keys)
    assert Document.read(after).get(("menus", "main", "choices", "3")) == {"employee": "eva", "no_answer": {"odd": 1}}
