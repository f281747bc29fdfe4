"""Connections that hold up nobody but whoever asks: under gunicorn's gevent all requests of a process share one thread.

SQLite waits for another writer inside its own code, and with it would wait every caller of the process. A PostgreSQL
that is frozen, while its machine still says that all is well, would be waited for without an end.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self, TypeVar

GLANCE = 0.02
"""Seconds between two attempts to write to a file that somebody else is writing to."""

BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_BUSY_RECOVERY})
"""When waiting helps. Who has read what somebody has changed since (SQLITE_BUSY_SNAPSHOT) must begin anew."""

Result = TypeVar("Result")


def in_turn(attempt: Callable[[], Result], seconds: float) -> Result:
    """Do something with an SQLite file as soon as nobody else writes to it.

    Raises what it raises after that many seconds of pauses: on a busy machine, where all take longer, later.
    """
    for _ in range(round(seconds / GLANCE)):
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in BUSY:
                raise
        time.sleep(GLANCE)
    return attempt()


def file_factory(seconds: float) -> type[sqlite3.Connection]:
    """Make the class of connections that wait so long for their turn to write; SQLite's own time-out must be 0."""

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, parameters: Any = (), /) -> Self:
            in_turn(lambda: sqlite3.Cursor.execute(self, sql, parameters), seconds)
            return self

        def executemany(self, sql: str, parameters: Any, /) -> Self:
            # all at once, because an iterator could not be gone through again
            every = [*parameters]
            in_turn(lambda: sqlite3.Cursor.executemany(self, sql, every), seconds)
            return self

    class Connection(sqlite3.Connection):
        def cursor(self, *_: Any) -> sqlite3.Cursor:  # type: ignore[override]
            return sqlite3.Connection.cursor(self, Cursor)

        def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
            return self.cursor().execute(sql, parameters)  # by itself it would make a cursor that does not wait

        def commit(self) -> None:
            in_turn(lambda: sqlite3.Connection.commit(self), seconds)

    return Connection


def server_connect(seconds: float) -> Callable[..., Any]:
    """Make the function that connects to a PostgreSQL whose every answer must come within some seconds."""
    import psycopg  # only where there is a PostgreSQL
    from psycopg import errors

    class Connection(psycopg.Connection[Any]):
        patience: float | None = seconds

        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, self.patience if timeout is None else timeout)
            except errors._WaitTimeout:
                self.pgconn.finish()  # a late answer must not be taken for that of the next question
                raise psycopg.OperationalError(f"no answer in {seconds:g} s") from None

    return Connection.connect


@contextmanager
def with_all_the_time(connection: Any) -> Iterator[None]:
    """Wait, inside, for whatever such a PostgreSQL answers as long as it takes: to migrate many rows takes minutes."""
    connection.patience = None
    try:
        yield
    finally:
        del connection.patience
