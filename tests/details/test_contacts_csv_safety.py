"""CSV that a spreadsheet opens: nothing in it runs, and it is read back as it was written."""

from __future__ import annotations

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calls.sheets import MARK, SheetProblem, lines, plain, read, safe

TEXT = st.text(
    st.sampled_from(list("=+-@'\"\t\r\n,; a1＝＋－＠é")) | st.characters(exclude_categories=["Cs"]), max_size=12
)


# OWASP, "CSV Injection": cells that begin with = + - @ tab or CR are formulas for a spreadsheet; in some of them so are
# their full-width forms, and a cell can be made to begin within ours by the other separator.
@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "x;=1", "x,=1", 'x;"=1', "x\n@y"]
)
def test_a_formula_is_made_text(text: str) -> None:
    assert "'" in safe(text)
    assert plain(safe(text)) == text


@pytest.mark.parametrize("text", ["", "Ana", "a=b", "a - b", "'tis", "1+1", "x, y; z", "Ana @ home", "it's"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text
    assert plain(text) == text


# A spreadsheet takes +34600222001 for a sum, and saves 34600222001.
def test_a_telephone_number_is_made_text_too() -> None:
    assert safe("+34600222001") == "'+34600222001"


@given(TEXT)
def test_any_text_comes_back(text: str) -> None:
    assert plain(safe(text)) == text


@given(TEXT)
def test_no_cell_begins_with_a_formula_whatever_separates_them(text: str) -> None:
    first, *others = re.split(r"[,;\t\r\n]", safe(text))
    assert not re.match(r"[=+\-@＝＋－＠]", first)
    assert [cell for cell in others if re.match(r'"*[=+\-@＝＋－＠]', cell)] == []


@given(st.lists(st.tuples(TEXT, TEXT)), st.sampled_from([",", ";"]))
def test_any_table_is_written_and_read_back(rows: list[tuple[str, str]], separator: str) -> None:
    written = "".join(lines(("number", "name"), rows, separator))
    assert written.startswith(MARK + f"number{separator}name\r\n")
    read_by_others = list(csv.reader(io.StringIO(written[1:], newline=""), delimiter=separator))
    assert [tuple(map(plain, row)) for row in read_by_others[1:]] == rows
    ours = read(written.encode(), ("number", "name"), ("number",))
    stripped = [(number.strip(), name.strip()) for number, name in rows]
    found = [(row.cells["number"], row.cells["name"]) for row in ours.rows]
    if not any("'" in number + name or {*number + name} & {"\t", "\r", "\n"} for number, name in rows):
        assert found == [pair for pair in stripped if any(pair)]


def test_rows_know_their_lines_also_after_line_breaks_in_a_cell() -> None:
    sheet = read(b'number,name\n1,"two\nlines"\n\n2,b\n', ("number", "name"), ("number",))
    assert [(row.line, row.cells["number"]) for row in sheet.rows] == [(2, "1"), (5, "2")]


def test_quotes_that_do_not_match_end_the_reading_and_say_where() -> None:
    sheet = read(b'number,name\n1,a\n2,"b\n3,c\n', ("number", "name"), ("number",))
    assert next(sheet.rows).cells == {"number": "1", "name": "a"}
    with pytest.raises(SheetProblem, match=r"line 3: the quotes do not match .*nothing was read from here on"):
        next(sheet.rows)


UNREADABLE = {
    "an empty file": (b"", "line 1: should name the columns, number, name; number is missing"),
    "no header": (b"+34600000001,Ana\n", "line 1: should name the columns"),
    "a column twice": (b"number,name,Number\n", "line 1: names number twice"),
    "another encoding": (
        "number,name\n1,Peña\n".encode("cp1252"),
        'line 2: not UTF-8 text; save the file as "CSV UTF-8"',
    ),
    "UTF-16": ("number,name\n".encode("utf-16"), "line 1: not UTF-8 text"),
    "a broken header": (b'number,"name\n1,2\n', "line 1: the quotes do not match"),
}


@pytest.mark.parametrize(("data", "said"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_table_is_refused_with_what_would_be_right(data: bytes, said: str) -> None:
    with pytest.raises(SheetProblem, match=re.escape(said)):
        read(data, ("number", "name"), ("number",))
