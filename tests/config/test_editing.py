"""A settings file is edited by its values, and reads as if its author had done it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.draft import SECTIONS, sound
from config.editing import Document, EditError, UnreadableError
from config.loader import parse
from config.references import _references, names_of
from config.source import read
from tests.effort import calls_of

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")


def changed_lines(document: Document, before: str = SAMPLE) -> tuple[list[str], list[str]]:
    """The lines that are gone, and those that have come."""
    old, new = before.splitlines(), document.text.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def test_a_value_is_exchanged_and_its_comment_stays() -> None:
    document = Document.read(SAMPLE)
    document.put(("forwarding", "ring_seconds"), 20)
    assert changed_lines(document) == (
        ["  ring_seconds: 25                  # short enough that the mobile's own mailbox does not pick up"],
        ["  ring_seconds: 20                  # short enough that the mobile's own mailbox does not pick up"],
    )


def test_what_changes_nothing_leaves_the_text_alone() -> None:
    document = Document.read(SAMPLE)
    document.put(("forwarding", "ring_seconds"), 25)
    document.put(("groups", "sales"), document.get(("groups", "sales")))
    document.remove(("groups", "nobody"))
    assert document.text == SAMPLE


def test_of_an_entry_that_is_put_as_a_whole_only_the_difference_is_written() -> None:
    document = Document.read(SAMPLE)
    entry = document.get(("groups", "sales"))
    document.put(("groups", "sales"), entry | {"members": ["ana", "eva"], "no_answer": {"forward": "+34911222444"}})
    assert changed_lines(document) == (
        ["    members: [ana, luis]", "    no_answer: {forward_to_mobile: ana}"],
        ["    members: [ana, eva]", '    no_answer: {forward: "+34911222444"}'],
    )


def test_a_new_entry_stands_in_lines_of_its_own() -> None:
    document = Document.read(SAMPLE)
    devices = ["client:zoe"]
    document.put(("employees", "zoe"), {"name": "Zoé Gil", "extension": "105", "devices": devices, "crm_user": 9})
    assert changed_lines(document)[1] == [
        "  zoe:",
        "    name: Zoé Gil",
        '    extension: "105"',
        '    devices: ["client:zoe"]',
        "    crm_user: 9",
    ]
    assert "    crm_user: 21\n  zoe:\n" in document.text


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("Ana Ruiz", "Ana Ruiz"),
        ("+34600111222", '"+34600111222"'),
        ("101", '"101"'),
        ("yes", '"yes"'),
        ("24.12", '"24.12"'),
        ("2026-12-31", '"2026-12-31"'),
        ("a: b", '"a: b"'),
        ('say "hi"', '"say \\"hi\\""'),
        ("", '""'),
        (2.5, "2.5"),
        (True, "true"),
        (date(2027, 6, 30), "2027-06-30"),
        ({}, "{}"),
    ],
)
def test_text_gets_quotation_marks_where_yaml_would_not_take_it_as_text(value: Any, written: str) -> None:
    document = Document.read("a: 1\n")
    document.put(("a",), value)
    assert document.text == f"a: {written}\n"


def test_a_long_text_is_folded() -> None:
    document = Document.read(SAMPLE)
    document.put(("menus", "support", "prompt", "say"), "Para ventas, pulse uno. " * 8 + "Adiós.")
    assert max(map(len, document.text.splitlines())) <= 120
    assert "      say: >-\n        Para ventas," in document.text


def test_a_removed_entry_takes_the_comment_right_above_it_along() -> None:
    document = Document.read(SAMPLE)
    document.remove(("groups", "sales"))
    assert "Scenario 4a" not in document.text
    assert "groups:\n  # Not a forward: callers wait" in document.text


def test_the_last_key_of_a_mapping_can_be_removed() -> None:
    document = Document.read("groups:   # all\n  sales:\n    name: Ventas\nblocked: []\n")
    document.remove(("groups", "sales"))
    assert read(document.text).document == {"groups": {}, "blocked": []}


def test_an_item_of_a_list_is_removed_and_the_others_keep_their_comments() -> None:
    document = Document.read(SAMPLE)
    document.remove(("contacts", 1))
    assert changed_lines(document) == (
        ['  - {number: "+34600222002", name: Floristería Azahar, employee: luis}'],
        [],
    )


def test_what_is_missing_above_a_path_is_made() -> None:
    document = Document.read("company: Acme\n")
    document.put(("forwarding", "accept", "mobiles"), "none")
    document.put(("blocked", 0), "+34900000000")
    assert read(document.text).document == {
        "company": "Acme",
        "forwarding": {"accept": {"mobiles": "none"}},
        "blocked": ["+34900000000"],
    }


def test_a_path_through_a_text_is_refused() -> None:
    with pytest.raises(EditError, match=r"company\.name cannot stand here: above it there is \"Acme\""):
        Document.read("company: Acme\n").put(("company", "name"), 1)


def test_an_empty_file_can_be_filled() -> None:
    document = Document.read("# nothing yet\n")
    document.put(("company",), "Acme")
    assert document.text == "# nothing yet\ncompany: Acme\n"


@pytest.mark.parametrize("text", ["a: [1", "- 1\n", "just text", "a: 1\n---\nb: 2\n"])
def test_a_text_that_is_no_settings_file_says_so_when_it_is_edited_and_keeps_its_text(text: str) -> None:
    document = Document.read(text)
    assert document.text == text
    assert document.problem is not None
    with pytest.raises(UnreadableError):
        document.put(("company",), "Acme")
    with pytest.raises(UnreadableError):
        document.get(("company",))


def test_a_text_that_no_file_can_hold_is_refused() -> None:
    with pytest.raises(EditError, match="no file can hold"):
        Document.read("a: 1\n").put(("a",), "\ud800")


# Aliases

SHARED = "one: &both {a: 1}   # shared\ntwo: *both\nthree: 3\n"


def test_a_part_that_an_alias_repeats_is_not_changed_behind_its_back() -> None:
    document = Document.read(SHARED)
    with pytest.raises(EditError, match="repeated elsewhere in the file by its name \\(&both, line 1\\)"):
        document.put(("one", "a"), 2)
    with pytest.raises(EditError, match="repeated elsewhere"):
        document.remove(("one",))
    document.put(("three",), 4)
    assert document.text == SHARED.replace("3", "4")


def test_an_alias_itself_may_be_exchanged() -> None:
    document = Document.read(SHARED)
    document.put(("two", "a"), 2)
    assert document.text == "one: &both {a: 1}   # shared\ntwo: {a: 2}\nthree: 3\n"


def test_what_a_merge_adds_may_be_said_anew() -> None:
    document = Document.read("base: &base {a: 1, b: 2}\none:\n  <<: *base\n  c: 3\n")
    document.put(("one", "a"), 5)
    assert document.text == "base: &base {a: 1, b: 2}\none:\n  <<: *base\n  c: 3\n  a: 5\n"


# Names

COMPANY = parse(SAMPLE)
ENTRIES = [(s, key) for s in SECTIONS for key in getattr(COMPANY, s)]


@pytest.mark.parametrize(("section", "key"), ENTRIES)
def test_the_places_that_name_an_entry_are_those_that_the_check_knows(section: str, key: str) -> None:
    known = {
        path
        for path, name, sections in _references(sound(COMPANY, read(SAMPLE).document))
        if name == key and _meant(name, sections) == section
    }
    found = set(Document.read(SAMPLE).references(section, key))
    assert {path for path in found if not path.endswith("outgoing_number")} == known


def _meant(name: str, sections: tuple[str, ...]) -> str:
    return next(section for section in sections if name in getattr(COMPANY, section))


@pytest.mark.parametrize(("section", "key"), ENTRIES)
def test_everything_that_names_an_entry_follows_when_it_is_renamed(section: str, key: str) -> None:
    document = Document.read(SAMPLE)
    new = "+34910009999" if section == "numbers" else "renamed"
    named = document.references(section, key)
    document.rename(section, key, new)
    assert document.references(section, new) == tuple(
        p.replace(f"{section}.{key}.", f"{section}.{new}.") for p in named
    )
    assert document.references(section, key) == ()
    assert key not in getattr(parse(document.text), section)
    assert [line.partition("#")[2] for line in document.text.splitlines()] == [
        line.partition("#")[2] for line in SAMPLE.splitlines()
    ]


def test_a_mailbox_that_a_group_and_an_employee_could_mean_is_the_groups() -> None:
    document = {"groups": {"ana": {}}, "employees": {"ana": {}}, "numbers": {"+34": {"closed": {"voicemail": "ana"}}}}
    assert names_of(document, "groups", "ana") == (("numbers", "+34", "closed", "voicemail"),)
    assert names_of(document, "employees", "ana") == ()


def test_an_entry_called_like_a_key_is_no_reference() -> None:
    document = {"employees": {"group": "sales", "menu": {"name": "x"}}, "groups": {"sales": {}}}
    assert names_of(document, "groups", "sales") == ()


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(EditError, match="there is already a luis in employees"):
        Document.read(SAMPLE).rename("employees", "ana", "luis")


def edited(employees: int) -> int:
    """The calls that three edits of a company with so many employees take, and reading what became of it."""
    entry = (
        '  e{0}:\n    name: Person {0}\n    devices: ["client:e{0}"]\n    mobile: "+346{0:08}"\n    schedule: office\n'
    )
    added = "".join(entry.format(i) for i in range(employees))
    text = SAMPLE.replace("employees:\n", f"employees:\n{added}", 1)

    def work() -> None:
        document = Document.read(text)
        document.put(("employees", "e50", "mobile"), "+34600999999")
        document.put(("groups", "sales", "ring_seconds"), 30)
        document.remove(("employees", "e7"))
        assert read(document.text).document["employees"]["e50"]["mobile"] == "+34600999999"

    return calls_of(work)


def test_edits_of_a_company_ten_times_as_large_take_ten_times_the_work() -> None:
    assert edited(1000) < 12 * edited(100)
