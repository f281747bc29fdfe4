"""The revisions of a database as companies; the file for the first start, and for when the database is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from calls import revisions
from calls.database import AllTaken, StoreError, said
from calls.revisions import Overtaken, Revision
from config.company import Company
from config.loader import read_text
from config.problems import SettingsError

log = logging.getLogger("ringpath.settings")

MOST_TRIED = 5
"""Revisions that are tried at a start, newest first, when this version of the app refuses what is in force."""

Parse = Callable[[str], Company]


class Published(NamedTuple):
    """A company, the number of the revision that it is (None: of a file, or of a test), its document's characters."""

    company: Company
    number: int | None
    size: int = 0


class Archive:
    """Reads and parses; complains once of what fails. `away` when SQL, or the file that it wants, has just failed."""

    def __init__(self, engine: Engine, file: Path, parse: Parse) -> None:
        self.engine = engine
        self._file, self._parse = file, parse
        self._refused: set[int] = set()
        self.away = False

    def first(self) -> Published | None:
        """Return what is in force, else the newest that this version can use; None when SQL does not tell.

        Raises SettingsError when the file is to be imported, and not right.
        """
        try:
            found = self._in_force()
            with self.engine.connect() as connection:
                older = revisions.history(connection, MOST_TRIED, before=found.number)
            for number in (found.number, *(each.number for each in older)):
                published = self._usable(number)
                if published is not None:
                    return published
        except StoreError as error:
            self.away = True
            log.error(  # noqa: TRY400 - a trace adds nothing to what SQL said
                "SQL does not tell the settings (%s): %s is used, and what was published is not, until it does",
                said(error),
                self._file,
            )
        return None

    def of_file(self) -> Published:
        """Return the company of the file; raises SettingsError."""
        return Published(self._parse(read_text(self._file)), None)

    def other_than(self, number: int | None) -> Published | None:
        """Return the revision in force, None when it is the one that is known, or cannot be had."""
        try:
            with self.engine.connect() as connection:
                newest = revisions.newest_number(connection)
            known = newest is not None and newest in {number, *self._refused}
            found = None if known else self._in_force()
        except AllTaken as error:
            log.warning("the settings are looked for again in a second: %s", said(error))
            return None
        except StoreError as error:
            self._complain(f"SQL does not tell the settings ({said(error)}): those that are known stay in force")
            return None
        except SettingsError as error:
            self._complain(f"{self._file} cannot be imported:\n{error}")
            return None
        self.away = False
        return self._read(found) if found else None

    def with_digest(self, digest: str) -> Published | None:
        """Return the newest revision of this digest, None when there is none, or it cannot be had."""
        try:
            with self.engine.connect() as connection:
                found = revisions.with_digest(connection, digest)
        except StoreError as error:
            log.warning("revision %s of the settings cannot be read (%s)", digest, said(error))
            return None
        return self._read(found) if found else None

    def _in_force(self) -> Revision:
        """Return the newest revision; the file is made the first one when there is none.

        Raises StoreError, and SettingsError when the file is not right.
        """
        with self.engine.connect() as connection:
            found = revisions.newest(connection)
        while found is None:
            checked = revisions.check(read_text(self._file), examined=lambda text: (self._parse(text), []))
            try:
                with self.engine.begin() as connection:
                    comment = f"imported from {self._file.name} at the first start"
                    now = datetime.now(UTC)
                    revisions.publish(connection, checked, author="file", comment=comment, now=now, base=None)
                    found = revisions.newest(connection)
            except Overtaken as other:  # another process that started at once
                found = other.newest
        return found

    def _usable(self, number: int) -> Published | None:
        with self.engine.connect() as connection:
            found = revisions.revision(connection, number)
        return self._read(found) if found else None

    def _read(self, found: Revision) -> Published | None:
        try:
            return Published(self._parse(found.document), found.number, len(found.document))
        except SettingsError as error:
            self._refused.add(found.number)
            log.error(  # noqa: TRY400 - a trace adds nothing
                "revision %d of the settings is not right for this version of the app, and not used:\n%s",
                found.number,
                error,
            )
            return None

    def _complain(self, message: str) -> None:
        if not self.away:
            log.error(message)
        self.away = True
