"""A draft is brought onto a newer revision where the two do not speak of the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings

from config.changes import changes
from config.editing import Document
from config.merging import merge
from config.source import read
from config.splices import same
from tests.config.test_editing_any_change import changed

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")
RING = ("groups", "sales", "ring_seconds")


def with_change(path: tuple[Any, ...], value: Any) -> str:
    document = Document.read(SAMPLE)
    document.put(path, value)
    return document.text


def test_changes_of_different_places_both_stay() -> None:
    theirs = with_change(("company",), "Acme").replace("# Rules for every forward", "# New words")
    both = merge(SAMPLE, with_change(RING, 30), theirs)
    assert both.overlaps == ()
    assert both.text() == theirs.replace("    ring_seconds: 20", "    ring_seconds: 30")


def test_a_place_that_both_have_changed_is_somebodys_decision() -> None:
    both = merge(SAMPLE, with_change(RING, 30), with_change(RING, 40))
    assert [(mine.after, theirs.after) for mine, theirs in both.overlaps] == [(30, 40)]
    assert Document.read(both.text("mine")).get(RING) == 30
    assert Document.read(both.text("theirs")).get(RING) == 40


def test_the_same_change_by_both_is_no_conflict_and_no_news() -> None:
    both = merge(SAMPLE, with_change(RING, 30), with_change(RING, 30))
    assert both.overlaps == ()
    assert both.without_mine == SAMPLE


def test_an_entry_that_one_has_removed_and_the_other_changed_is_somebodys_decision() -> None:
    document = Document.read(SAMPLE)
    document.remove(("groups", "sales"))
    both = merge(SAMPLE, with_change(RING, 30), document.text)
    assert len(both.overlaps) == 1
    assert Document.read(both.text("theirs")).get(("groups", "sales")) is None


@hypothesis_settings(max_examples=100, deadline=None)
@given(changed(SAMPLE), changed(SAMPLE))
def test_what_does_not_overlap_is_all_there(one: tuple[Document, Any], other: tuple[Document, Any]) -> None:
    mine, theirs = one[0].text, other[0].text
    both = merge(SAMPLE, mine, theirs)
    assume(not both.overlaps)
    merged, before = read(both.text()).document, read(SAMPLE).document
    for document in (one[1], other[1]):
        for change in changes(before, document):
            assert same(_at(merged, change.path), change.after if change.after else _at(document, change.path))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value
