"""How far a database has been migrated, without what migrates it: Alembic is 80 ms and 9 MB of a web process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from calls.database import StoreError, said
from calls.room import MEANWHILE, refusal, why_nothing
from config.trouble import Trouble, Troubles

MIGRATIONS = Path(__file__).parent / "migrations"

AWAY = Trouble(code="database_away", text="out of reach (%(said)s)", meanwhile=MEANWHILE)
NEWER = Trouble(code="database_newer", text="at migration %(has)s, which is newer than this version of the app")
EMPTY = Trouble(code="database_empty", text="at migration none instead of %(wants)s", remedy="run `flask release`")
BEHIND = Trouble(code="database_behind", text="at migration %(has)s instead of %(wants)s", remedy="run `flask release`")


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


def refuses(engine: Engine) -> Troubles:
    """Say why a database that is up to date takes nothing."""
    try:
        why = why_nothing(engine)
    except StoreError as error:
        why = AWAY.of(said=said(error))
    return (why,) if why else ()


def troubles(engine: Engine) -> Troubles:
    """Say what keeps the database from being used; nothing when it is up to date."""
    try:
        has = current(engine)
    except StoreError as error:
        return (refusal(error) or AWAY.of(said=said(error)),)
    if has == head():
        return ()
    if has and has not in known():
        return (NEWER.of(has=has),)
    return (BEHIND.of(has=has, wants=head()) if has else EMPTY.of(wants=head()),)
