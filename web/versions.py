"""What runs here: the app, the language, the database, the libraries that matter."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import Engine

from calls.database import StoreError
from calls.migrated import current, head
from config import release

LIBRARIES = ("flask", "sqlalchemy", "redis", "rq", "gunicorn", "gevent", "twilio", "phonenumbers", "holidays")
"""Those whose version somebody asks for first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Versions:
    """Each as it calls itself; the migration that the database has, None when it cannot be asked, and should have."""

    app: str
    python: str
    database: str
    migration: str | None
    newest: str
    libraries: dict[str, str]


def versions(engine: Engine) -> Versions:
    """Ask all of them."""
    try:
        migration = current(engine)
    except StoreError:
        migration = None
    known = getattr(engine.dialect, "server_version_info", None) or ()
    return Versions(
        app=release.version(),
        python=platform.python_version(),
        database=" ".join([_NAMES.get(engine.dialect.name, engine.dialect.name), ".".join(map(str, known))]).strip(),
        migration=migration,
        newest=head(),
        libraries={name: found for name in LIBRARIES if (found := _library(name))},
    )


_NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@cache
def _library(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
