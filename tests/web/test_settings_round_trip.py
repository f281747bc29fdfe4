"""Opening any form of the settings and saving it as it is changes nothing, whatever the document is like."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from flask import Flask, render_template_string
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from config.editing import Document
from config.loader import read_text
from local.house import House
from tests.calls.random_companies import documents
from tests.moments import SAMPLE
from tests.web.filled import settings_form
from web.choosing import MOST_OPTIONS
from web.settings.forms.desk import Desk, Place
from web.settings.forms.form import SettingsForm
from web.settings.forms.sections import SECTIONS, SINGLES

PAGE = (
    '{% import "settings/form.html" as forms with context %}{% import "parts.html" as parts with context %}'
    "{{ forms.body(form, True, form.desk) }}"
)
ODD = ["x", "", 7, 2.5, True, None, [], {}, ["x"], {"y": 1}, {"say": "a", "play": "b"}, "2026-12-31", "1 : 2"]


def pages(text: str) -> Iterator[tuple[type[SettingsForm], Place]]:
    """Every form of a document."""
    desk = Desk(Document.read(text))
    for section in SECTIONS.values():
        yield from ((section.form, section.place(desk, key)) for key in section.keys(desk))
    yield from ((single.form, ()) for single in SINGLES.values())


def saved(app: Flask, form: type[SettingsForm], base: Place, text: str) -> str:
    """Open a form in a browser and send it as it is; gives the document afterwards."""
    document = Document.read(text)
    with app.test_request_context("/"):
        page = render_template_string(PAGE, form=form(Desk(document, base), "1"))
    fields = settings_form(page).fields
    with app.test_request_context("/", method="POST", data=MultiDict(fields)):
        form(Desk(document, base), "1").write(document)
    return document.text


def untouched(app: Flask, text: str, section: object = None) -> None:
    """Save every form of a document, or those of a section and of the company as a whole."""
    for form, base in pages(text):
        if section and base and base[0] != section:
            continue
        assert saved(app, form, base, text) == text, (form.__name__, base)


@pytest.fixture
def app(web_house: House) -> Flask:
    """The pages of the sample company."""
    return web_house.app


def test_the_sample_company_stays_as_it_is(app: Flask) -> None:
    untouched(app, read_text(SAMPLE))


@given(document=documents())
@settings(max_examples=8, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
def test_random_companies_stay_as_they_are(app: Flask, document: dict[str, Any]) -> None:
    untouched(app, yaml.safe_dump(document, allow_unicode=True))


# A document that somebody has written by hand may hold anything at any place.
@given(data=st.data())
@settings(max_examples=20, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_stands_at_any_place_stays(app: Flask, data: st.DataObject) -> None:
    document = Document.read(read_text(SAMPLE))
    place: Place = ()
    below = document.get(())
    while isinstance(below, dict | list) and below and (not place or data.draw(st.integers(0, 3))):
        steps = list(below) if isinstance(below, dict) else list(range(len(below)))
        place = (*place, data.draw(st.sampled_from(steps)))
        below = document.get(place)
    document.put(place, data.draw(st.sampled_from(ODD)))
    untouched(app, document.text, place[0])


# Chosen from a list, and none of those that it has.
@pytest.mark.parametrize("place", [("country",), ("holidays", "country"), ("holidays", "region"), ("timezone",)])
def test_a_choice_that_is_none_of_the_list_stays(app: Flask, place: Place) -> None:
    document = Document.read(read_text(SAMPLE))
    document.put(place if place == ("country",) else ("schedules", "office", *place), "2.5")
    untouched(app, document.text)


# What is typed by name: names that are keys, names or extensions of others too, with spaces, or the same twice.
NAMES = [
    "e0",
    "E1",
    "g1",
    "Group 1",
    "Person",
    "person",
    "Person (e1)",
    "Person  two ",
    " e2 ",
    "101",
    "Ana\nRuiz",
    "…",
]


@given(document=documents(), data=st.data())
@settings(max_examples=12, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))
def test_whoever_is_typed_by_name_stays_whatever_others_are_called(
    app: Flask, monkeypatch: pytest.MonkeyPatch, document: dict[str, Any], data: st.DataObject
) -> None:
    monkeypatch.setattr("web.settings.forms.desk.MOST_OPTIONS", data.draw(st.sampled_from([0, 4])))
    for entry in (*document["employees"].values(), *document["groups"].values()):
        entry["name"] = data.draw(st.sampled_from(NAMES))
    text = yaml.safe_dump(document, allow_unicode=True)
    untouched(app, text)
    desk = Desk(Document.read(text))
    for section in ("groups", "employees"):
        entries = desk.entries(section)
        assert {key: entries.found(name) for key, name in entries.names.items()} == {key: key for key in entries.values}


def test_a_mailbox_of_somebody_with_the_name_of_a_group_is_offered_with_the_key(app: Flask) -> None:
    document = yaml.safe_load(read_text(SAMPLE))
    document["employees"] |= {f"p{i}": {"name": f"Person {i}"} for i in range(MOST_OPTIONS + 1)}
    document["employees"]["p1"]["name"] = "Ventas"
    document["groups"]["support"]["hold"]["then"] = {"voicemail": "p1"}
    text = yaml.safe_dump(document, allow_unicode=True)
    with app.test_request_context("/"):
        form = SECTIONS["groups"].form(Desk(Document.read(text), ("groups", "support")), "1")
        fields = settings_form(render_template_string(PAGE, form=form)).fields
    assert fields["then-who"] == ["Ventas (p1)"]
    fields |= {"no_answer": ["voicemail:…"], "no_answer-who": ["ventas  (P1)"], "max_minutes": ["9"]}
    written = Document.read(text)
    with app.test_request_context("/", method="POST", data=MultiDict(fields)):
        SECTIONS["groups"].form(Desk(written, ("groups", "support")), "1").write(written)
    assert written.get(("groups", "support", "no_answer")) == {"voicemail": "p1"}


def test_lists_that_are_too_long_to_choose_from_are_typed_and_stay(app: Flask) -> None:
    document = yaml.safe_load(read_text(SAMPLE))
    many = {f"p{i}": {"name": f"Person {i // 2}", "mobile": f"+346{i:08}"} for i in range(MOST_OPTIONS + 1)}
    document["employees"] |= many
    document["groups"]["sales"]["no_answer"] = {"forward_to_mobile": "p7"}
    document["contacts"][0]["employee"] = "p8"
    text = yaml.safe_dump(document, allow_unicode=True)
    untouched(app, text)
    with app.test_request_context("/"):
        form = SECTIONS["groups"].form(Desk(Document.read(text), ("groups", "sales")), "1")
        page = render_template_string(PAGE, form=form)
    assert 'value="Person 3 (p7)" list="all-who"' in page
    assert page.count("Person 3 (p7)") == 3
