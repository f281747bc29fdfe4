"""The database brought up to date."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from calls.migrated import MIGRATIONS, current, head
from calls.patience import BUSY, with_all_the_time

__all__ = ["current", "downgrade", "head", "upgrade"]

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at how far a database is

LOCK = 0x52494E47
"""Of PostgreSQL's advisory locks ours, so that two releases at once do not run the same migration."""


OTHERS_TAKE = 60
"""Seconds for which an SQLite file is waited for that another release has; a PostgreSQL is waited for without end."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the migrations that the database lacks; safe to repeat, and from several processes at once.

    Raises StoreError; a migration that fails leaves the database as it was before it.
    """
    until = time.monotonic() + OTHERS_TAKE
    while True:
        try:
            return _upgrade(engine, to)
        except OperationalError as error:  # after the seconds for which any writer waits for another
            if getattr(error.orig, "sqlite_errorcode", None) not in BUSY or time.monotonic() > until:
                raise


def _upgrade(engine: Engine, to: str) -> None:
    with _alone(engine) as connection:
        command.upgrade(_config(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Take migrations back, down to one that is kept ("base": all)."""
    with _alone(engine) as connection:
        command.downgrade(_config(connection), to)


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction in which nobody else migrates, and that may take its time, its end too."""
    with engine.connect() as connection, with_all_the_time(connection.connection.driver_connection), connection.begin():
        _lock(connection)
        yield connection


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin only before the first change
