"""The settings as numbered revisions: each the whole document as it was written; the newest is in force.

What is published was checked first, and takes a number that nobody else can have: of two who publish at once one is
overtaken.
Every function raises StoreError when SQL refuses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select
from sqlalchemy.dialects import postgresql, sqlite

from calls import employees
from calls.contacts import take_settings
from calls.tables import revisions
from config.company import Company
from config.loader import examine
from config.problems import Problem, SettingsError

Examined = tuple[Company | None, list[Problem]]
"""The company of a document, None when it has errors; and every problem."""

MOST_OF_AN_AUTHOR = 100
"""Characters of a name that are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """Who published what, when, and why. `document` is "" in a history, which does without."""

    number: int
    digest: str
    author: str
    published_at: datetime
    comment: str
    document: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A document without errors, and the company that it makes; check() makes them."""

    document: str
    company: Company


class Overtaken(Exception):
    """Somebody else has published meanwhile; `newest` is that revision, None when the one built upon is gone."""

    def __init__(self, newest: Revision | None) -> None:
        by = f"revision {newest.number} was published meanwhile, by {newest.author}" if newest else "there is none"
        super().__init__(by)
        self.newest = newest


HEADING = (
    revisions.c.number,
    revisions.c.digest,
    revisions.c.author,
    revisions.c.published_at,
    revisions.c.comment,
)
WHOLE = (*HEADING, revisions.c.document)


def check(document: str, *, examined: Callable[[str], Examined] = examine) -> Checked:
    """Check a document before its publishing; raises SettingsError when it has errors.

    It takes up to 1.5 s of computing: never within a transaction, which would keep others from SQL for as long.
    """
    company, problems = examined(document)
    if company is None:
        raise SettingsError(problems)
    return Checked(document=document, company=company)


def publish(
    connection: Connection, checked: Checked, *, author: str, comment: str, now: datetime, base: int | None
) -> int:
    """Publish a document made from the revision `base` (None: from nothing), and load the contacts that it lists.

    Logins and imported contacts follow whom it gives other keys, and calls later (calls.renamed). Returns its number.
    Raises Overtaken when `base` is not the newest. It takes effect when the caller's transaction is committed.
    """
    number = (base or 0) + 1
    values = {
        "number": number,
        "digest": checked.company.revision,
        "document": checked.document,
        "author": _storable(author)[:MOST_OF_AN_AUTHOR],
        "published_at": now,
        "comment": _storable(comment),
    }
    before = employees.earlier(connection, checked.company, base)  # read while nobody waits for us
    if newest_number(connection) != base or not _taken(connection, values):
        raise Overtaken(newest(connection))
    take_settings(connection, checked.company, now)
    employees.follow(connection, before, checked.document, checked.company, now)
    return number


def newest_number(connection: Connection) -> int | None:
    """Return the number of the revision in force, None when there is none."""
    found: int | None = connection.scalar(select(func.max(revisions.c.number)))
    return found


def newest(connection: Connection) -> Revision | None:
    """Return the revision in force, None when there is none."""
    return _first(connection, select(*WHOLE).order_by(revisions.c.number.desc()).limit(1))


def revision(connection: Connection, number: int) -> Revision | None:
    """Return a revision, None when there is none of this number."""
    return _first(connection, select(*WHOLE).where(revisions.c.number == number))


def with_digest(connection: Connection, digest: str) -> Revision | None:
    """Return the newest revision whose settings have this digest, None when there is none."""
    wanted = select(*WHOLE).where(revisions.c.digest == digest)
    return _first(connection, wanted.order_by(revisions.c.number.desc()).limit(1))


def history(connection: Connection, limit: int, before: int | None = None) -> list[Revision]:
    """Return the last revisions without their documents, newest first; `before` goes on from a number."""
    wanted = select(*HEADING).order_by(revisions.c.number.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(revisions.c.number < before)
    return [_revision(row) for row in connection.execute(wanted)]


def _taken(connection: Connection, values: dict[str, Any]) -> bool:
    """Take a number; False when somebody else has it, for whose transaction PostgreSQL and SQLite wait here."""
    insert = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(revisions).values(**values)
    statement = insert.on_conflict_do_nothing(index_elements=[revisions.c.number]).returning(revisions.c.number)
    return connection.scalar(statement) is not None


def _storable(text: str) -> str:
    """Leave out what a database takes into no text."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _first(connection: Connection, wanted: Select[Any]) -> Revision | None:
    row = connection.execute(wanted).first()
    return None if row is None else _revision(row)


def _revision(row: Any) -> Revision:
    return Revision(**row._mapping)
