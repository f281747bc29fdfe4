"""The address book: who calls from a number, and which employee is responsible for him. Raises StoreError.

What the settings list belongs to the settings: it replaces an imported contact of the same number, is not changed by
an import, and goes when the settings no longer list it. Imported contacts stay until they are imported anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from calls.tables import contacts
from config.company import Company

Source = Literal["settings", "import"]
Item = TypeVar("Item")

AT_ONCE = 500
"""Rows of one statement, and of one transaction of an import: SQLite has one writer at a time, and the end of a call
may wait for it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A known caller: his number (E.164), and the key of the employee who is responsible for him."""

    number: str
    name: str
    company: str | None = None
    employee: str | None = None
    source: Source = "import"


Book = Mapping[str, Entry]
"""The entries of some callers, by number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """How many entries were added, changed and removed."""

    added: int
    changed: int
    removed: int = 0


FIELDS = (contacts.c.number, contacts.c.name, contacts.c.company, contacts.c.employee, contacts.c.source)


def find(connection: Connection, number: str) -> Entry | None:
    """Tell who calls from a number (E.164)."""
    row = connection.execute(select(*FIELDS).where(contacts.c.number == number)).first()
    return None if row is None else _entry(row)


def found(connection: Connection, numbers: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of these numbers, by number."""
    entries: dict[str, Entry] = {}
    for some in batches(numbers):
        rows = connection.execute(select(*FIELDS).where(contacts.c.number.in_(some)))
        entries |= {row.number: _entry(row) for row in rows}
    return entries


def name_of(caller: str | None, name: str | None, book: Book) -> str:
    """Return what the CRM calls a caller, else the address book.

    Some CRMs name a new lead after his number; that is no name, and the number stands beside it.
    """
    entry = book.get(caller or "")
    named = name if name and not (caller and name.startswith(caller)) else ""
    return named or (entry.name if entry else "")


def listed(connection: Connection, search: str = "", *, limit: int | None = None) -> list[Entry]:
    """Return entries by name; `search` is a part of a number, a name or a company."""
    wanted = select(*FIELDS).order_by(contacts.c.name, contacts.c.number).limit(limit)
    if search:
        columns = (contacts.c.number, contacts.c.name, contacts.c.company)
        wanted = wanted.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
    return [_entry(row) for row in connection.execute(wanted)]


def load_settings(engine: Engine, company: Company, now: datetime) -> Changes:
    """Make the book hold what the settings list under `contacts`; safe to repeat, and from several processes."""
    with engine.begin() as connection:
        return take_settings(connection, company, now)


def take_settings(connection: Connection, company: Company, now: datetime) -> Changes:
    """Do so in the caller's transaction, so that settings come into force together with the book that they list."""
    wanted = {
        number: Entry(number=number, name=one_line(contact.name), employee=contact.employee, source="settings")
        for number, contact in company.known_callers.items()
    }
    ours = select(*FIELDS).where(contacts.c.source == "settings")
    before = {row.number: _entry(row) for row in connection.execute(ours)} | found(connection, wanted)
    removed = 0
    for some in batches(sorted(before.keys() - wanted.keys())):
        gone = delete(contacts).where(contacts.c.number.in_(some), contacts.c.source == "settings")
        removed += connection.execute(gone).rowcount
    changed = _changed(wanted.values(), before)
    for some in batches(changed):
        _write(connection, some, now)
    added = _count_new(changed, before)
    return Changes(added=added, changed=len(changed) - added, removed=removed)


def put(engine: Engine, entries: Collection[Entry], before: dict[str, Entry], now: datetime) -> Changes:
    """Write the entries that differ from those `before`. Imported ones leave what belongs to the settings alone."""
    changed = _changed(entries, before)
    for some in batches(changed):
        with engine.begin() as connection:
            _write(connection, some, now)
    added = _count_new(changed, before)
    return Changes(added=added, changed=len(changed) - added)


def _changed(entries: Iterable[Entry], before: dict[str, Entry]) -> list[Entry]:
    """Sort by number what differs, so that two that write at once lock the rows in the same order."""
    return sorted((e for e in entries if before.get(e.number) != e), key=lambda entry: entry.number)


def _count_new(entries: Iterable[Entry], before: dict[str, Entry]) -> int:
    return sum(entry.number not in before for entry in entries)


def _write(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Insert many rows by one statement, over those that may be replaced."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(contacts)
    new = insert.excluded
    statement = insert.on_conflict_do_update(
        index_elements=[contacts.c.number],
        set_={column.name: new[column.name] for column in contacts.c if column.name != "number"},
        where=or_(new.source == "settings", contacts.c.source == "import"),
    )
    connection.execute(statement, [asdict(entry) | {"updated_at": now} for entry in entries])


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut into lists of AT_ONCE."""
    rest = iter(items)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def one_line(text: str) -> str:
    """Make every run of spaces and line breaks one space."""
    return " ".join(text.split())


def _entry(row: Any) -> Entry:
    return Entry(**row._mapping)
