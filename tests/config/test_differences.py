"""What a change of the settings means, in words for an administrator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from config.changes import changes
from config.differences import differences
from config.editing import Document
from config.source import read
from config.splices import same
from tests.config.test_editing_any_change import changed, values

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")
BEFORE = read(SAMPLE).document


def english(text: str, **filled: object) -> str:
    return text % filled if filled else text


def said(*changed: tuple[tuple[Any, ...], Any]) -> list[str]:
    """What is said of changes to the sample: the title and the sentences of each part."""
    document = Document.read(SAMPLE)
    for path, value in changed:
        document.remove(path) if value is ... else document.put(path, value)
    return in_words(document)


def in_words(document: Document) -> list[str]:
    found = differences(BEFORE, read(document.text).document, english)
    return [f"{each.title}: {sentence}" for each in found for sentence in each.sentences]


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (
            ("groups", "sales", "no_answer"),
            "voicemail",
            "Group Ventas: When nobody answers: now voicemail (was: forwarded to the mobile of Ana Ruiz).",
        ),
        (
            ("groups", "sales", "no_answer", "forward_to_mobile"),
            "luis",
            "Group Ventas: When nobody answers: now forwarded to the mobile of Luis Ortega (was: forwarded to the "
            "mobile of Ana Ruiz).",
        ),
        (("groups", "sales", "members"), ["ana", "luis", "eva"], "Group Ventas: Members, added: Eva Martín."),
        (("groups", "sales", "members"), ["luis"], "Group Ventas: Members, removed: Ana Ruiz."),
        (
            ("groups", "sales", "members"),
            ["luis", "ana"],
            "Group Ventas: Members, in another order: Luis Ortega, Ana Ruiz.",
        ),
        (
            ("groups", "administration", "ring_seconds"),
            30,
            "Group Administración: Seconds that a member is rung: now 30 (was: 20, by default).",
        ),
        (
            ("schedules", "office", "weekly", "fri"),
            ["09:00-14:00"],
            "Schedule office: Hours on Friday: now 09:00-14:00 (was: 09:00-15:00).",
        ),
        (
            ("schedules", "office", "weekly", "sat"),
            ["10:00-12:00"],
            "Schedule office: Hours on Saturday: now 10:00-12:00 (was: not set).",
        ),
        (
            ("menus", "main", "choices", "2"),
            {"employee": "eva", "no_answer": {"group": "support"}},
            "Menu main: Key 2: now rings Eva Martín; no answer: group Soporte (was: menu support).",
        ),
        (
            ("numbers", "+34910000001", "closed"),
            ...,
            "Number Principal (+34910000001): Out of hours: now the call ends, by default (was: forwarded to "
            "+34910000999).",
        ),
        (
            ("numbers", "+34910000001", "record"),
            False,
            "Number Principal (+34910000001): Calls are recorded: now no (was: yes).",
        ),
        (
            ("numbers", "+34910000002", "responsible"),
            {"no_answer": "voicemail"},
            "Number Directo (+34910000002): The responsible employee is rung first: now yes; When the responsible "
            "employee does not answer: voicemail (was: not set).",
        ),
        (
            ("forwarding", "accept", "outside"),
            "press_1",
            "Forwarding: Whoever picks up at an outside number: now must press 1 (was: need not press anything).",
        ),
        (("blocked",), [], "Block list: Block list, removed: +34900000000."),
        (
            ("contacts", 2),
            {"number": "+34600222003", "name": "Prado", "employee": "eva"},
            "Contacts: Contacts, added: Prado (+34600222003), responsible: Eva Martín.",
        ),
        (("company",), "Acme", "Company: Name of the company: now Acme (was: Acme Ibérica)."),
        (("groups", "sales"), ..., "Group Ventas: Removed."),
        (("groups", "sales", "colour"), "red", "Group Ventas: colour: now red (was: not set)."),
        (("groups", "support", "hold", "odd", "er"), 1, "Group Soporte: hold.odd.er: now 1 (was: not set)."),
    ],
)  # fmt: skip
def test_a_change_in_words(path: tuple[Any, ...], value: Any, sentence: str) -> None:
    assert sentence in said((path, value))


def test_a_new_entry_is_shown_with_all_that_is_in_it() -> None:
    entry = {
        "name": "Compras",
        "members": ["eva"],
        "no_answer": {"forward": "+34911222444"},
        "hold": {"max_minutes": 5},
    }
    assert said((("groups", "buying"), entry)) == [
        "Group Compras: Added.",
        "Group Compras: Name: Compras.",
        "Group Compras: Members: Eva Martín.",
        "Group Compras: When nobody answers: forwarded to +34911222444.",
        "Group Compras: Minutes that a caller waits at most: 5.",
    ]


def test_a_section_that_goes_or_comes_as_a_whole_is_told_entry_by_entry() -> None:
    assert said((("menus",), ...)) == ["Menu main: Removed.", "Menu support: Removed."]
    without = {key: value for key, value in BEFORE.items() if key != "schedules"}
    assert [each.title for each in differences(without, BEFORE, english)] == ["Schedule office"]
    two = {**BEFORE, "schedules": {"one": {"weekly": {}}, "two": {"weekly": {}}}}
    assert [each.key for each in differences(without, two, english)] == ["one", "two"]


def test_an_entry_that_is_renamed_is_one_change_whatever_names_it() -> None:
    document = Document.read(SAMPLE)
    document.rename("employees", "ana", "anna")
    document.put(("employees", "anna", "mobile"), "+34600111999")
    assert in_words(document) == [
        "Employee Ana Ruiz: Renamed: anna (was: ana).",
        "Employee Ana Ruiz: Mobile: now +34600111999 (was: +34600111222).",
    ]


def test_a_default_that_is_written_down_is_told_as_it_is() -> None:
    assert said((("groups", "administration", "ring_seconds"), 20)) == [
        "Group Administración: Seconds that a member is rung: now 20 (was: 20, by default)."
    ]


def test_a_default_that_is_no_longer_written_down_holds_all_the_same() -> None:
    assert said((("groups", "support", "hold", "max_minutes"), ...)) == [
        "Group Soporte: Minutes that a caller waits at most: now 10, by default (was: 10)."
    ]
    assert said((("groups", "sales", "ring_seconds"), 30), (("groups", "support", "hold"), ...)) == [
        "Group Ventas: Seconds that a member is rung: now 30 (was: 20).",
        "Group Soporte: Minutes that a caller waits at most: now 10, by default (was: 10).",
        "Group Soporte: Key with which a waiting caller leaves a message: now not set (was: 1).",
        "Group Soporte: After waiting in vain: now voicemail, by default (was: voicemail).",
    ]


def test_two_of_one_name_are_told_apart_by_their_keys() -> None:
    second = {"name": "Luis Ortega", "extension": "109"}
    assert said((("employees", "luis2"), second), (("groups", "sales", "members"), ["ana", "luis2"])) == [
        "Employee Luis Ortega (luis2): Added.",
        "Employee Luis Ortega (luis2): Name: Luis Ortega.",
        "Employee Luis Ortega (luis2): Extension: 109.",
        "Group Ventas: Members, added: Luis Ortega (luis2).",
        "Group Ventas: Members, removed: Luis Ortega (luis).",
    ]


def test_a_name_that_goes_over_to_another_entry_comes_with_the_keys() -> None:
    names = {"sales": "Soporte", "support": "Ventas"}
    assert said(*((("groups", key, "name"), name) for key, name in names.items())) == [
        "Group Soporte (sales): Name: now Soporte (was: Ventas).",
        "Group Ventas (support): Name: now Ventas (was: Soporte).",
    ]


def test_what_names_a_renamed_entry_of_a_shared_name_is_accounted_for() -> None:
    document = Document.read(SAMPLE)
    document.put(("groups", "support", "name"), "Ventas")
    document.rename("employees", "ana", "anna")
    found = differences(BEFORE, read(document.text).document, english)
    assert ("groups", "sales", "members", 0) in next(each for each in found if each.key == "anna").paths


def test_texts_that_are_no_settings_differ_as_a_whole() -> None:
    assert [each.sentences for each in differences(None, BEFORE, english)] == [
        ("The text cannot be read as settings, so what differs cannot be said.",)
    ]


def test_the_same_settings_do_not_differ() -> None:
    assert differences(BEFORE, read("# other comments\n" + SAMPLE).document, english) == ()


def settle(before: Any, after: Any) -> None:
    """Hold what is promised of any two documents."""
    found = differences(before, after, english)
    assert bool(found) == (not same(before, after))
    assert all(each.sentences and each.title for each in found)
    paths = [path for each in found for path in each.paths]
    for change in changes(before, after):
        least = [path for path in paths if path == change.path[: len(path)] or change.path == path[: len(change.path)]]
        assert least, change


@hypothesis_settings(max_examples=150, deadline=None)
@given(changed(SAMPLE))
def test_no_change_of_the_sample_is_left_out(case: tuple[Document, Any]) -> None:
    settle(BEFORE, case[1])
    settle(case[1], BEFORE)


@hypothesis_settings(max_examples=200, deadline=None)
@given(values, values)
def test_no_difference_of_any_two_documents_is_left_out(one: Any, other: Any) -> None:
    settle(read(Document.read("{}").text).document, one)
    settle(one, other)
