"""Reading YAML: what the file says, where it says so, and files that mean harm."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from config.source import MOST_BYTES, read

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")


def test_the_sample_reads_as_pyyaml_reads_it() -> None:
    assert read(SAMPLE).document == yaml.safe_load(SAMPLE)


def test_every_key_and_item_knows_its_line() -> None:
    source = read("a:\n  b: 1\n  c:\n  - x\n  - y: 2\n")
    assert source.lines == {"a": 1, "a.b": 2, "a.c": 3, "a.c.0": 4, "a.c.1": 5, "a.c.1.y": 5}


def test_a_path_without_a_line_has_that_of_what_it_is_in() -> None:
    assert read("a:\n  b: {c: 1}\n").line("a.b.x.y") == 2
    assert read("a: 1\n").line("elsewhere") is None


def test_plain_words_mean_what_yaml_makes_of_them() -> None:
    source = read("a: 12\nb: 1.5\nc: yes\nd: ~\ne: 2027-06-30\nf: text\ng: '12'\nh: !!str 12\n")
    values = {"a": 12, "b": 1.5, "c": True, "d": None, "e": date(2027, 6, 30), "f": "text", "g": "12", "h": "12"}
    assert source.document == values
    assert source.written == {"a": "12", "b": "1.5", "c": "yes", "d": "~", "e": "2027-06-30"}


def test_keys_are_taken_as_they_are_written() -> None:
    document = read("1: a\n+34910000001: b\nno: c\n0101: d\n").document
    assert document == {"1": "a", "+34910000001": "b", "no": "c", "0101": "d"}


@pytest.mark.parametrize("text", ["2026-02-31", "1" * 5000, "2001-12-14t21:59:43-99:99"])
def test_what_looks_like_a_value_and_is_none_stays_text(text: str) -> None:
    assert read(f"a: {text}\n").document == {"a": text}


def test_anchors_repeat_what_they_name() -> None:
    source = read("a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2\n")
    assert source.document == {"a": {"b": 1}, "c": {"b": 1}, "d": {"b": 1, "e": 2}}


def test_keys_may_be_anchors_and_aliases() -> None:
    assert read("&x a: &y b\n*y : *x\n").document == {"a": "b", "b": "a"}


def test_what_aliases_repeat_is_counted_where_it_is_repeated() -> None:
    item = "[" + ", ".join(["1"] * 999) + "]"
    assert read(f"a: &x {item}\nb: [{', '.join(['*x'] * 400)}]\n").problems == []
    assert read(f"a: &x {item}\nb: [{', '.join(['*x'] * 500)}]\n").problems != []


def test_a_merge_key_in_quotation_marks_is_a_key() -> None:
    assert read("a: {'<<': 1}\n").document == {"a": {"<<": 1}}


def test_a_key_beside_a_merge_wins_and_so_does_the_first_of_several() -> None:
    source = read("a: &x {b: 1, c: 1}\nd: &y {b: 2, e: 2}\nf: {<<: [*x, *y], c: 3}\n")
    assert source.document["f"] == {"b": 1, "e": 2, "c": 3}


def test_a_key_that_stands_twice_is_named_with_both_lines_and_the_first_is_kept() -> None:
    source = read("a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert source.document == {"a": {"b": 1, "c": 2}}
    (problem,) = source.problems
    assert (problem.path, problem.line) == ("a.b", 4)
    assert "first in line 2" in problem.message


def test_a_key_with_and_without_quotation_marks_stands_twice() -> None:
    assert [p.path for p in read('1: a\n"1": b\n').problems] == ["1"]


UNREADABLE = [
    ("a: [", 2, "not valid YAML: did not find expected node content (column 1)"),
    ("a: 1\nb: 'x", 2, "a quotation mark is not closed"),
    ("a: b: c", 1, "(column 5); put text that holds a colon in quotation marks"),
    ("a:\n\tb: 1", 2, "indent with spaces, not tabs"),
    ("a: @x", 1, "put text that starts with @"),
    ("a: *x", 1, "there is no &x above it"),
    ("a: &x [*x]", 1, "*x stands inside what it repeats"),
    ("? [a]\n: b", 1, "a key must be a word or a number"),
    ("a: &x [1]\n*x : b", 2, "a key must be a word or a number"),
    ("*x : b", 1, "a key must be a word or a number"),
    ("a: {<<: 1}", 1, "<< takes a mapping"),
    ("a: !!python/object:os.system x", 1, "is not known here; remove it"),
    ("a: 1\n---\nb: 2", 2, "a second document starts here"),
    ("a: \x00", None, "control characters are not allowed"),
    ("a: \ud800", None, "characters that no file can hold"),
    ("[" * 100_000, 1, "nested more than 40 levels deep"),
    ("a: " + "{a: " * 1000, 1, "nested more than 40 levels deep"),
]


@pytest.mark.parametrize(("text", "line", "words"), UNREADABLE, ids=[t[:20] for t, _, _ in UNREADABLE])
def test_unreadable(text: str, line: int | None, words: str) -> None:
    source = read(text)
    assert source.document is None
    (problem,) = source.problems
    assert problem.line == line
    assert words in problem.message
    assert "\n" not in problem.message


@pytest.mark.parametrize("repeat", ["b{0}: &b{0} [{1}]\n", "b{0}: &b{0} {{x: [{1}]}}\n"])
def test_aliases_cannot_spell_billions(repeat: str) -> None:
    lines = (repeat.format(i, ", ".join([f"*b{i - 1}"] * 10)) for i in range(1, 12))
    source = read("b0: &b0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(lines))
    assert source.document is None
    assert "more than 500000 values, counting what aliases" in source.problems[0].message


def test_merges_cannot_spell_billions() -> None:
    keys = ", ".join(f"k{i}: 1" for i in range(1000))
    merges = "".join(f"m{i}: {{<<: *x}}\n" for i in range(1000))
    assert read(f"x: &x {{{keys}}}\n{merges}").document is None


def test_a_file_beyond_the_limit_is_not_read() -> None:
    (problem,) = read("# " + "x" * MOST_BYTES).problems
    assert problem.message == "the file is larger than 4 MB"


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~"])
def test_an_empty_file_is_nothing(text: str) -> None:
    assert read(text).document is None
    assert read(text).problems == []
