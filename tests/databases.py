"""Databases with their tables: SQLite always, PostgreSQL where POSTGRES_TEST_URL names a server.

A test that takes `engine` runs on both. The PostgreSQL database is made once for each test process, and emptied for
each test.
"""

from __future__ import annotations

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from calls.database import connect
from calls.tables import metadata
from calls.upgrade import upgrade
from local.house import empty_database
from tests.not_run import tell

VARIABLE = "POSTGRES_TEST_URL"
NOT_TESTED = f"PostgreSQL is not tested: {VARIABLE} is not set"

BOTH = ("sqlite", "postgresql")

_names = count(1)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once what was not tested, before pytest's own summary."""
    tell(
        terminalreporter,
        NOT_TESTED,
        "PostgreSQL was NOT tested",
        "that need it were skipped. `make test-postgres` runs them where PostgreSQL is installed, "
        "POSTGRES_TEST_URL=postgresql://… make test on a server of yours.",
    )


@cache
def shared_database() -> str:
    """The address of one that all tests of this process share, for those that ask nothing of what is in it."""
    folder = TemporaryDirectory(prefix="ringpath-")
    atexit.register(folder.cleanup)
    return migrated(f"sqlite:///{folder.name}/calls.sqlite")


def migrated(url: str) -> str:
    """Make a database as a release does; a SQLite file is a copy of one that was made before."""
    file = make_url(url).database
    if make_url(url).drivername == "sqlite" and file is not None and not Path(file).exists():
        Path(file).write_bytes(_released())
        return url
    return _upgraded(url)


def _upgraded(url: str) -> str:
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return url


@cache
def _released() -> bytes:
    with TemporaryDirectory(prefix="ringpath-") as folder:
        file = Path(folder) / "calls.sqlite"
        _upgraded(f"sqlite:///{file}")
        return file.read_bytes()


@contextmanager
def new_postgres() -> Iterator[str]:
    """The address of a PostgreSQL database without anything in it; skips the test where there is no server."""
    given = os.environ.get(VARIABLE)
    if not given:
        pytest.skip(NOT_TESTED)
    address, name = make_url(given).set(drivername="postgresql+psycopg"), f"ringpath_{os.getpid()}_{next(_names)}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a database of a kind, without anything in it."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/new-{next(_names)}.sqlite"
    else:
        with new_postgres() as url:
            yield url


@contextmanager
def tables_are_away(engine: Engine, *names: str) -> Iterator[None]:
    """Let everything that needs some tables fail, as with a database that is being moved."""
    with engine.begin() as connection:
        for name in names:
            connection.execute(text(f"ALTER TABLE {name} RENAME TO {name}_elsewhere"))
    yield
    with engine.begin() as connection:
        for name in names:
            connection.execute(text(f"ALTER TABLE {name}_elsewhere RENAME TO {name}"))


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    with new_postgres() as url:
        yield migrated(url)


@pytest.fixture
def postgres_url(_postgres: str) -> str:
    """The address of a PostgreSQL database with its tables, and nothing in them."""
    engine = connect(_postgres)
    with engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    engine.dispose()
    return _postgres


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with its tables, of each kind."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return empty_database(tmp_path)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """A database with its tables, of each kind."""
    found = connect(database)
    yield found
    found.dispose()
