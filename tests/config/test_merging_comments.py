"""Comments that nobody disputes outlast the merging of a draft with a newer revision."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.merged_lines import comments, merged_lines
from config.merging import merge

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")
NOTED = SAMPLE.replace("groups:\n", "groups:   # our departments\n").replace("ring_seconds: 20", "ring_seconds: 22")


def test_comments_of_the_draft_come_along() -> None:
    both = merge(SAMPLE, NOTED, SAMPLE.replace("company: Acme", "company: Beta").replace("# Rules for", "# Laws of"))
    assert both.text() == NOTED.replace("company: Acme", "company: Beta").replace("# Rules for", "# Laws of")
    assert both.lost == ()


def test_comments_of_the_draft_come_along_also_where_the_values_are_the_others() -> None:
    theirs = SAMPLE.replace("ring_seconds: 20", "ring_seconds: 40")
    both = merge(SAMPLE, NOTED, theirs)
    assert both.text("theirs") == theirs.replace("groups:\n", "groups:   # our departments\n")
    assert both.text("mine") == NOTED


@pytest.mark.parametrize("extra", ["", "# ours\n"])
def test_a_comment_that_both_have_changed_is_the_published_one_and_the_loss_is_told(extra: str) -> None:
    mine, theirs = (SAMPLE.replace("# Rules for every forward", words) for words in ("# Mine", "# Theirs"))
    both = merge(SAMPLE, extra + mine, theirs)
    assert both.text() == extra + theirs
    assert len(both.lost) == 1
    assert both.lost[0].startswith("# Mine: it is dialled")


def test_a_value_comes_also_where_the_comment_beside_it_was_changed() -> None:
    theirs = SAMPLE.replace("ring_seconds: 25                  # short", "ring_seconds: 25                  # brief")
    both = merge(SAMPLE, SAMPLE.replace("ring_seconds: 25 ", "ring_seconds: 26 "), theirs)
    assert both.text() == theirs.replace("ring_seconds: 25 ", "ring_seconds: 26 ")
    assert both.lost == ()


def test_lines_are_never_taken_at_the_cost_of_a_value() -> None:
    base = "company: A\ngroups:\n  one: {}\n"
    mine, theirs = base + "  two: &x {a: 1} # ours\n", base.replace("groups:", "groups: &x") + "country: ES\n"
    text = merge(base, mine, theirs).text()
    assert "country: ES" in text
    assert "two:" in text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1 # one\n#two\nb: c#d\n", ["# one", "#two"]),
        ("a: \"x # no\"\nb: '# no' # yes\nc: |\n  # no\n", ["# yes"]),
        ("# [broken\na: [1 # two\n", ["# [broken", "# two"]),
        ("a: 'ñ # no' # año\n##\n# \n", ["# año"]),
    ],
)
def test_what_a_comment_is(text: str, found: list[str]) -> None:
    assert sorted(comments(text).elements()) == sorted(found)


lines = st.lists(st.sampled_from("abcd"), max_size=8).map(lambda words: "".join(f"{word}\n" for word in words))


@hypothesis_settings(max_examples=300, deadline=None)
@given(lines, lines)
def test_what_only_one_has_changed_is_taken(base: str, other: str) -> None:
    assert merged_lines(base, other, base) == other
    assert merged_lines(base, base, other) == other
    assert merged_lines(base, other, other) == other


@hypothesis_settings(max_examples=300, deadline=None)
@given(lines, lines, lines)
def test_changes_on_either_side_of_what_nobody_has_changed_both_come(base: str, mine: str, theirs: str) -> None:
    rock = "".join(f"rock {n}\n" for n in range(5))
    assert merged_lines(base + rock, mine + rock, base + rock + theirs) == mine + rock + theirs
