"""CSV that people open in a spreadsheet: no cell runs as a formula, and what is read back is what was written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.problems import short
from config.spelling import listed

SEPARATORS = (",", ";")
MARK = "\ufeff"
"""What tells Excel that a file is UTF-8; without it the accents of names are spoilt when it saves."""

_LEAD = "=+\\-@\t\r\n＝＋－＠"
_STARTS = r"(^|[,;\t\r\n]\"*)"  # of a cell, also of one made by a spreadsheet that takes another separator for ours
_FORMULA = re.compile(rf"{_STARTS}('*[{_LEAD}])")
_ESCAPED = re.compile(rf"{_STARTS}'('*[{_LEAD}])")


class SheetProblem(Exception):
    """A file that is not a table we can read, or not from a `line` on."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(f"line {line}: {message}")
        self.message, self.line = message, line


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file where it begins, its cells by column, and what stands beyond the last column."""

    line: int
    cells: Mapping[str, str]
    beyond: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its rows, read as they are asked for, and the columns that nobody has a use for."""

    rows: Iterator[Row]
    unused: tuple[str, ...]


def safe(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run (OWASP, "CSV Injection"); `plain` takes it away.

    Telephone numbers get one too: a spreadsheet reads +34600222001 as a sum, and saves it without its plus.
    """
    return _FORMULA.sub(r"\1'\2", text)


def plain(text: str) -> str:
    """Take the apostrophes away that `safe` has put in."""
    return _ESCAPED.sub(r"\1\2", text)


def lines(header: Sequence[str], rows: Iterable[Sequence[str]], separator: str = ",") -> Iterator[str]:
    """Write a table, a piece at a time; the first begins with the mark of UTF-8."""
    yield MARK + _line(header, separator)
    for row in rows:
        yield _line([safe(cell) for cell in row], separator)


def _line(cells: Sequence[str], separator: str) -> str:
    written = io.StringIO()
    csv.writer(written, delimiter=separator).writerow(cells)
    return written.getvalue()


def read(data: bytes, columns: Sequence[str], needed: Sequence[str]) -> Sheet:
    """Read a table in UTF-8 whose first line names its columns, in any order and case, separated by , or ;.

    Raises SheetProblem, here when the file or its header is not right, from `rows` when the quotes do not match.
    """
    text = _decoded(data)
    first = text.partition("\n")[0]
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
    except csv.Error as fault:
        raise SheetProblem(_quotes(fault)) from None
    _check(header, columns, needed)
    unused = tuple(name for name in header if name and name not in columns)
    return Sheet(_rows(reader, header), unused)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise SheetProblem('not UTF-8 text; save the file as "CSV UTF-8"', line) from None


def _check(header: Sequence[str], columns: Sequence[str], needed: Sequence[str]) -> None:
    missing = [name for name in needed if name not in header]
    if missing:
        found = short(", ".join(header))
        raise SheetProblem(f"should name the columns, {listed(columns)}; {listed(missing)} is missing in {found}")
    twice = [name for name in columns if header.count(name) > 1]
    if twice:
        raise SheetProblem(f"names {listed(twice)} twice; keep one of them")


def _rows(reader: Iterator[list[str]], header: Sequence[str]) -> Iterator[Row]:
    while True:
        line: int = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader, None)
        except csv.Error as fault:
            raise SheetProblem(f"{_quotes(fault)}; nothing was read from here on", line) from None
        if cells is None:
            return
        values = [plain(cell.strip()) for cell in cells]
        if any(values):
            yield Row(line, dict(zip(header, values, strict=False)), tuple(filter(None, values[len(header) :])))


def _quotes(fault: csv.Error) -> str:
    return f"the quotes do not match ({fault})"
