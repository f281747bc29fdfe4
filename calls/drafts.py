"""The one draft of the settings, on which everybody works who changes them: saved by whoever read it last.

A draft is saved with the version that it was read with; of two people who read the same the second is told, and nothing
is overwritten. Every function raises StoreError when SQL refuses.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from calls.revisions import MOST_OF_AN_AUTHOR
from calls.tables import drafts

THE_ONE = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A document that is not published; `base` is the revision it was made from, None where there was none."""

    document: str
    base: int | None
    version: int
    author: str
    saved_at: datetime


class Overtaken(Exception):
    """Somebody else has saved, published or discarded the draft meanwhile; `draft` is what there is now, or None."""

    def __init__(self, draft: Draft | None) -> None:
        super().__init__(f"{draft.author} saved the draft meanwhile" if draft else "the draft is gone")
        self.draft = draft


def read(connection: Connection) -> Draft | None:
    """Return the draft, None when there is none."""
    columns = (drafts.c.document, drafts.c.base, drafts.c.version, drafts.c.author, drafts.c.saved_at)
    row = connection.execute(select(*columns).where(drafts.c.id == THE_ONE)).first()
    return None if row is None else Draft(**row._mapping)


def save(
    connection: Connection, document: str, *, version: int | None, base: int | None, author: str, now: datetime
) -> int:
    """Save the draft that was read with a version (None: there was none) and return its new version.

    Raises Overtaken when that is not the draft any more. It is saved when the caller's transaction is committed.
    """
    values = {"document": document, "base": base, "author": author[:MOST_OF_AN_AUTHOR], "saved_at": now}
    number = secrets.randbelow(1_000_000_000) if version is None else version + 1  # no draft has one of an earlier one
    saved = (
        _begun(connection, values | {"version": number})
        if version is None
        else _changed(connection, values | {"version": number}, version)
    )
    if not saved:
        raise Overtaken(read(connection))
    return number


def discard(connection: Connection, version: int | None) -> None:
    """Remove the draft that was read with a version; raises Overtaken when that is not the draft any more."""
    gone = delete(drafts).where(drafts.c.id == THE_ONE, drafts.c.version == version)
    if version is None or connection.execute(gone).rowcount != 1:
        draft = read(connection)
        if draft is not None or version is not None:
            raise Overtaken(draft)


def _begun(connection: Connection, values: dict[str, Any]) -> bool:
    """Make the draft unless there is one, for whose transaction PostgreSQL and SQLite wait here."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(drafts)
    statement = insert.values(id=THE_ONE, **values).on_conflict_do_nothing(index_elements=[drafts.c.id])
    return connection.scalar(statement.returning(drafts.c.id)) is not None


def _changed(connection: Connection, values: dict[str, Any], version: int) -> bool:
    here = (drafts.c.id == THE_ONE, drafts.c.version == version)
    return connection.execute(update(drafts).where(*here).values(**values)).rowcount == 1
