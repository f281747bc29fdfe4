"""Whether what keeps calls takes anything: a database that answers may be read-only, or have no room on its disk.

Nothing is written to find out. A PostgreSQL does not tell how full its disk is; what it refused for that is in the log.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from functools import partial
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import Engine, text

from calls.database import READ_ONLY as READ_ONLY_CODE
from calls.database import StoreError
from config.trouble import Trouble

ROOM = 1_000_000
"""Bytes that there must be: some hundred records, or half a minute of a recording."""

MEANWHILE = "calls wait in Redis to be put on file"

_calls_wait = partial(Trouble, meanwhile=MEANWHILE)

READ_ONLY_SERVER = _calls_wait(
    code="database_read_only",
    text="read-only",
    remedy="let DATABASE_URL name the primary, or have its default_transaction_read_only off",
)
READ_ONLY = _calls_wait(
    code="database_file_read_only",
    text="read-only",
    remedy="let our user write to the file and its folder, on a disk that is not read-only",
)
NO_ROOM = _calls_wait(code="database_full", text="without room on its disk", remedy="make room there")
UNWRITABLE = _calls_wait(code="database_unwritable", text="not to be written to (%(said)s)", remedy="see to that")

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})

SHUT = frozenset({errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR})
"""A disk, a folder, or a place where there can be none: below a file, or in what only looks like files (/proc)."""

UNKNOWN = frozenset({errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS})
"""What a file system says that gives no room beforehand, or a C library that does not ask it by other means."""

SQLITE = {
    sqlite3.SQLITE_FULL: NO_ROOM,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_IOERR_WRITE: NO_ROOM,  # a quota that is used up, or a file that may not be as long
}
POSTGRES = {"53100": NO_ROOM, READ_ONLY_CODE: READ_ONLY_SERVER}
"""By the codes of SQLite and PostgreSQL (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""


def refusal(error: StoreError) -> Trouble | None:
    """Tell why a database took nothing; None when it is for another reason."""
    origin = getattr(error, "orig", None)
    code = getattr(origin, "sqlite_errorcode", None)
    if code is not None:
        return SQLITE.get(code) or SQLITE.get(code & 0xFF)
    return POSTGRES.get(getattr(origin, "sqlstate", None) or "")


def why_nothing(engine: Engine) -> Trouble | None:
    """See whether a database takes anything, without writing; None when it does. Raises StoreError."""
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            off = connection.scalar(text("SELECT current_setting('transaction_read_only')")) == "off"
        return None if off else READ_ONLY_SERVER
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("PRAGMA user_version = 0")  # which it is, and which is taken back
    except StoreError as error:
        if getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            return None  # somebody else is writing just now
        if found := refusal(error):
            return found
        raise
    return why_no_file(Path(engine.url.database or "").parent)


def why_no_file(folder: Path) -> Trouble | None:
    """See whether a folder, which need not be there yet, takes another file; None when it does."""
    try:
        here = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        with TemporaryFile(prefix="ringpath-", dir=here) as file:
            _takes(file.fileno(), ROOM)
    except OSError as error:
        return _why(error)
    return None


def _why(error: OSError) -> Trouble:
    if error.errno in FULL:
        return NO_ROOM
    if error.errno in SHUT:
        return READ_ONLY
    return UNWRITABLE.of(said=os.strerror(error.errno or 0))


def _takes(file: int, size: int) -> None:
    """Give a file its room on the disk; raises OSError."""
    try:
        os.posix_fallocate(file, 0, size)
    except (AttributeError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in UNKNOWN:
            raise
        os.write(file, bytes(size))  # macOS has no such function
