"""How far a database has been migrated, without what migrates it: Alembic is 80 ms and 9 MB of a web process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from calls.database import StoreError, said
from calls.room import Refusal, refusal, why_nothing

MIGRATIONS = Path(__file__).parent / "migrations"

MEANWHILE = "calls wait in Redis to be put on file"


@cache
def known() -> tuple[str, ...]:
    """The migrations that this version of the app knows, in order: their numbers end the names of their files."""
    return tuple(sorted(file.stem.rpartition("_")[2] for file in (MIGRATIONS / "versions").glob("*_[0-9]*.py")))


def head() -> str:
    """The newest of them."""
    return known()[-1]


def current(engine: Engine) -> str:
    """The last migration that the database has, "" when it has none; raises StoreError."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return ""
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def refuses(engine: Engine) -> str | None:
    """Say why a database that is up to date takes nothing, None when it does."""
    try:
        why = why_nothing(engine)
    except StoreError as error:
        return f"out of reach ({said(error)}); {MEANWHILE}"
    return told(why) if why else None


def told(why: Refusal) -> str:
    """Say it, what it means, and what to do."""
    return f"{why.said}; {MEANWHILE}: {why.remedy}"


def problem(engine: Engine) -> str | None:
    """Say what keeps the database from being used, None when it is up to date."""
    try:
        has = current(engine)
    except StoreError as error:
        why = refusal(error)
        return told(why) if why else f"out of reach ({said(error)}); {MEANWHILE}"
    if has == head():
        return None
    if has and has not in known():
        return f"at migration {has}, which is newer than this version of the app"
    return f"at migration {has or 'none'} instead of {head()}: run `flask release`"
