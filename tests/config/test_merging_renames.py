"""An entry that was renamed is the same entry: what the other has changed of it meanwhile goes with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings

from config.differences import differences
from config.editing import Document
from config.loader import examine
from config.merging import Side, merge
from config.renames import moved
from config.source import read
from config.splices import same
from tests.config.test_editing_any_change import changed

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")
RING = ("groups", "sales", "ring_seconds")
SIDES: tuple[Side, ...] = ("mine", "theirs")


def edited(*puts: tuple[tuple[Any, ...], Any], text: str = SAMPLE) -> str:
    document = Document.read(text)
    for path, value in puts:
        document.remove(path) if value is ... else document.put(path, value)
    return document.text


def renamed(new: str, text: str = SAMPLE, old: str = "sales", section: str = "groups") -> str:
    document = Document.read(text)
    document.rename(section, old, new)
    return document.text


def sound(text: str) -> dict[str, Any]:
    """The groups of a text that has no errors."""
    assert [str(problem) for problem in examine(text)[1] if problem.level == "error"] == []
    found: dict[str, Any] = read(text).document["groups"]
    return found


def sentences(before: str, after: str) -> list[str]:
    found = differences(read(before).document, read(after).document, lambda text, **v: text % v if v else text)
    return [sentence for each in found for sentence in each.sentences]


@pytest.mark.parametrize("prefer", SIDES)
def test_what_was_published_of_a_group_goes_with_it_when_the_draft_renames_it(prefer: Side) -> None:
    theirs = edited((RING, 45), (("menus", "main", "choices", "7"), {"group": "sales"}))
    both = merge(SAMPLE, renamed("ventas"), theirs)
    assert both.overlaps == ()
    assert both.text(prefer) == renamed("ventas", theirs)
    assert sentences(SAMPLE, both.without_mine) == [
        "Seconds that a member is rung: now 45 (was: 20).",
        "Key 7: now group Ventas (was: not set).",
    ]


@pytest.mark.parametrize("prefer", SIDES)
def test_what_the_draft_changes_of_a_group_goes_with_it_when_it_was_renamed_meanwhile(prefer: Side) -> None:
    mine = edited((RING, 45), (("menus", "main", "choices", "7"), {"group": "sales"}))
    both = merge(SAMPLE, mine, renamed("ventas"))
    assert both.overlaps == ()
    assert both.text(prefer) == renamed("ventas", mine)
    assert sentences(SAMPLE, both.without_mine) == ["Renamed: ventas (was: sales)."]


def test_the_same_rename_by_both_is_no_conflict_and_no_news() -> None:
    both = merge(SAMPLE, renamed("ventas"), renamed("ventas", edited((RING, 45))))
    assert both.overlaps == ()
    assert both.text() == renamed("ventas", edited((RING, 45)))
    assert sentences(SAMPLE, both.without_mine) == ["Seconds that a member is rung: now 45 (was: 20)."]


@pytest.mark.parametrize(("prefer", "key"), [("mine", "ventas"), ("theirs", "vendite")])
def test_two_new_keys_of_one_group_are_somebodys_decision(prefer: Side, key: str) -> None:
    mine = renamed("ventas", edited((("groups", "sales", "extension"), "201")))
    both = merge(SAMPLE, mine, renamed("vendite", edited((RING, 45))))
    assert [(one.before, one.after, other.after) for one, other in both.overlaps] == [("sales", "ventas", "vendite")]
    found = sound(both.text(prefer))
    assert [*found] == [key, "support", "administration", "afterhours"]
    assert (found[key]["ring_seconds"], found[key]["extension"]) == (45, "201")
    assert read(both.text(prefer)).document["menus"]["main"]["choices"]["1"] == {"group": key}
    assert sentences(both.text("theirs"), both.text("mine")) == ["Renamed: ventas (was: vendite)."]


def test_two_who_exchange_what_they_rename_lose_no_group() -> None:
    mine = renamed("two", renamed("one"), old="support")
    theirs = renamed("one", renamed("two"), old="support")
    both = merge(SAMPLE, mine, theirs)
    assert len(both.overlaps) == 2
    assert {key: group["name"] for key, group in sound(both.text("mine")).items()}["one"] == "Ventas"
    assert {key: group["name"] for key, group in sound(both.text("theirs")).items()}["one"] == "Soporte"


@pytest.mark.parametrize(("prefer", "names"), [("mine", {"Ventas"}), ("theirs", {"Ventas", "Otras"})])
def test_a_key_that_another_group_has_got_meanwhile_is_somebodys_decision(prefer: Side, names: set[str]) -> None:
    other = {"name": "Otras", "members": ["eva"], "no_answer": "voicemail"}
    both = merge(SAMPLE, renamed("ventas"), edited((("groups", "ventas"), other)))
    assert both.overlaps
    assert {group["name"] for group in sound(both.text(prefer)).values()} & {"Ventas", "Otras"} == names


def without_sales() -> str:
    return edited(
        (("groups", "sales"), ...),
        (("menus", "main", "choices", "1"), ...),
        (("numbers", "+34910000001", "group"), "support"),
    )


@pytest.mark.parametrize("mine_renames", [True, False])
def test_a_group_that_one_renames_and_the_other_removes_is_somebodys_decision(mine_renames: bool) -> None:
    texts = (renamed("ventas"), without_sales())
    both = merge(SAMPLE, *(texts if mine_renames else reversed(texts)))
    assert both.overlaps
    renames, removes = SIDES if mine_renames else (SIDES[1], SIDES[0])
    assert sound(both.text(renames))["ventas"] == read(SAMPLE).document["groups"]["sales"]
    assert {"ventas", "sales"}.isdisjoint(sound(both.text(removes)))


def test_a_group_that_is_kept_against_its_removal_is_kept_whole() -> None:
    kept = sound(merge(SAMPLE, edited((RING, 45)), without_sales()).text("mine"))["sales"]
    assert kept == read(SAMPLE).document["groups"]["sales"] | {"ring_seconds": 45}


@pytest.mark.parametrize(
    ("path", "mine", "theirs"),
    [
        (("menus", "main", "choices", "1"), {"employee": "ana"}, {"voicemail": "sales"}),
        (("groups", "sales", "no_answer"), {"employee": "eva", "no_answer": "voicemail"}, {"group": "support"}),
        (("menus", "main", "prompt"), {"play": "https://example.com/a.mp3"}, {"say": "Hola."}),
        (
            ("numbers", "+34910000001", "closed"),
            {"forward": "+34910000998"},
            {"forward": "+34910000999", "accept": "none"},
        ),
    ],
)
def test_a_destination_and_a_prompt_are_one_setting(path: tuple[str, ...], mine: Any, theirs: Any) -> None:
    both = merge(SAMPLE, edited((path, mine)), edited((path, theirs)))
    assert [(one.path, one.after, other.after) for one, other in both.overlaps] == [(path, mine, theirs)]
    assert Document.read(both.text("mine")).get(path) == mine
    assert Document.read(both.text("theirs")).get(path) == theirs


@hypothesis_settings(max_examples=100, deadline=None)
@given(changed(SAMPLE))
def test_a_rename_comes_with_whatever_the_other_does(case: tuple[Document, Any]) -> None:
    other = case[0].text
    groups = read(other).document.get("groups")
    assume(isinstance(groups, dict) and "sales" in groups and "ventas" not in groups)
    wanted = read(renamed("ventas", other)).document
    assert same(read(merge(SAMPLE, renamed("ventas"), other).text()).document, wanted)
    assert same(read(merge(SAMPLE, other, renamed("ventas")).text()).document, wanted)


def test_what_has_the_key_already_gives_way() -> None:
    for order in ("ab", "ba"):
        before = {"groups": {key: {"name": key} for key in order}}
        assert moved(before, [("groups", "a", "b")]) == {"groups": {"b": {"name": "a"}}}
