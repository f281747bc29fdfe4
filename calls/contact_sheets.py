"""The address book as a table: CSV in, with a report of the rows that are not right, and out again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from unicodedata import category

from pydantic_core import PydanticCustomError
from sqlalchemy import Connection, Engine

from calls import sheets
from calls.contacts import Entry, found, listed, one_line, put
from config.company import Company
from config.problems import Problem, short
from config.record import UNSEEN
from config.spelling import Guesses
from config.telephone import international

COLUMNS = ("number", "name", "company", "employee")
NEEDED = ("number", "name")
LONGEST = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What came of a file; the rows that `problems` name were not taken. `unused` are columns we have no use for."""

    added: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        """How many rows were not taken."""
        return len({problem.line for problem in self.problems})


def take(engine: Engine, company: Company, data: bytes, now: datetime, *, dry_run: bool = False) -> Imported:
    """Import a table of contacts: good rows are taken, the others reported; nothing is removed. Safe to repeat.

    Raises SheetProblem when it cannot be read at all, StoreError when SQL refuses.
    """
    sheet = sheets.read(data, COLUMNS, NEEDED)
    reading = _Reading(company)
    reading.read(sheet.rows)
    with engine.connect() as connection:
        before = found(connection, reading.entries)
    reading.leave_out_what_the_settings_say(before)
    new = [entry for number, entry in reading.entries.items() if before.get(number) != entry]
    if not dry_run:
        put(engine, new, before, now)
    added = sum(entry.number not in before for entry in new)
    return Imported(
        added=added,
        changed=len(new) - added,
        unchanged=len(reading.entries) - len(new),
        problems=tuple(sorted(reading.problems, key=lambda problem: problem.line or 0)),
        unused=sheet.unused,
    )


def written(connection: Connection, separator: str = ",") -> Iterator[str]:
    """Write the whole book, a line at a time; `take` reads it back as it is."""
    entries = listed(connection)
    rows = ([getattr(entry, column) or "" for column in COLUMNS] for entry in entries)
    return sheets.lines(COLUMNS, rows, separator)


class _Reading:
    """A table on its way to entries: those found, where each stands, and what is wrong with the others."""

    def __init__(self, company: Company) -> None:
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self._lines: dict[str, int] = {}
        self._company, self._guesses = company, Guesses()

    def read(self, rows: Iterator[sheets.Row]) -> None:
        """Take every row in; where the table breaks off, that is one more problem."""
        try:
            for raw in rows:
                cells = {column: one_line(UNSEEN.sub("", value)) for column, value in raw.cells.items()}
                row = replace(raw, cells=cells)
                faults = list(self._faults(row))
                if faults:
                    self.problems += faults
                else:
                    self._add(row)
        except sheets.SheetProblem as broken:
            self.problems.append(Problem(path="", message=broken.message, line=broken.line))

    def leave_out_what_the_settings_say(self, before: dict[str, Entry]) -> None:
        """Report rows that say something else than the settings; those that say the same are as good as taken."""
        for number, known in before.items():
            entry = self.entries[number]
            if known.source != "settings":
                continue
            if (entry.name, entry.company, entry.employee) != (known.name, known.company, known.employee):
                message = f"the settings list this number as {short(known.name)}; change it there"
                self.problems.append(_problem(self._lines[number], "number", number, message))
                del self.entries[number]
            else:
                self.entries[number] = known

    def _add(self, row: sheets.Row) -> None:
        cells = {column: row.cells.get(column) or None for column in COLUMNS}
        number, name = international(row.cells["number"]), row.cells["name"]
        if number in self._lines:
            message = f"stands in line {self._lines[number]} too, and the first one counts; keep one of them"
            self.problems.append(_problem(row.line, "number", number, message))
            return
        self._lines[number] = row.line
        self.entries[number] = Entry(number=number, name=name, company=cells["company"], employee=cells["employee"])

    def _faults(self, row: sheets.Row) -> Iterator[Problem]:
        if row.beyond:
            message = "more cells than the header names; a text with a separator in it stands in quotes"
            yield _problem(row.line, "", ", ".join(row.beyond), message)
        for column in COLUMNS:
            value = row.cells.get(column, "")
            message = _TESTS[column](self, value)
            if message:
                yield _problem(row.line, column, value, message)

    def _number(self, value: str) -> str:
        try:
            international(value)
        except PydanticCustomError as fault:
            eaten = value.isdigit() and "; a spreadsheet takes the + away unless the column is formatted as text"
            return fault.message() + (eaten or "")
        return ""

    def _name(self, value: str) -> str:
        return self._text(value) if value else "a contact needs a name"

    def _text(self, value: str) -> str:
        if any(category(character) == "Cc" for character in value):
            return "holds a character that cannot be shown; leave it out"
        return f"{len(value)} characters; at most {LONGEST}" if len(value) > LONGEST else ""

    def _employee(self, value: str) -> str:
        known = self._company.employees
        if not value or value in known:
            return ""
        return f"no such employee in the settings; write the key of one{self._guesses.meant(value, known)}"


_TESTS = {
    "number": _Reading._number,
    "name": _Reading._name,
    "company": _Reading._text,
    "employee": _Reading._employee,
}


def _problem(line: int, column: str, value: str, message: str) -> Problem:
    return Problem(path=column, value=short(value), message=message, line=line)
