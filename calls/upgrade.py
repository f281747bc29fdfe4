"""The database brought up to date, and how far it is."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from calls.database import StoreError, said

MIGRATIONS = Path(__file__).parent / "migrations"

logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every look at how far a database is

LOCK = 0x52494E47
"""Of PostgreSQL's advisory locks ours, so that two releases at once do not run the same migration."""


def upgrade(engine: Engine, to: str = "head") -> None:
    """Run the migrations that the database lacks; safe to repeat, and from several processes at once.

    Raises StoreError; a migration that fails leaves the database as it was before it.
    """
    with engine.begin() as connection:
        _lock(connection)
        command.upgrade(_config(connection), to)


def downgrade(engine: Engine, to: str) -> None:
    """Take migrations back, down to one that is kept ("base": all)."""
    with engine.begin() as connection:
        _lock(connection)
        command.downgrade(_config(connection), to)


def head() -> str:
    """The newest migration that this version of the app knows."""
    return _scripts().get_current_head() or ""


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def current(engine: Engine) -> str:
    """The last migration that the database has, "" when it has none."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the driver would begin only before the first change


def problem(engine: Engine) -> str | None:
    """Say what keeps the database from being used, None when it is up to date."""
    try:
        has = current(engine)
    except StoreError as error:
        return f"out of reach ({said(error)}); calls wait in Redis to be put on file"
    if has == head():
        return None
    if has and has not in {script.revision for script in _scripts().walk_revisions()}:
        return f"at migration {has}, which is newer than this version of the app"
    return f"at migration {has or 'none'} instead of {head()}: run `flask release`"
