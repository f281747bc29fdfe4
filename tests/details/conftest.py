"""Databases with the tables in them: SQLite, and PostgreSQL where POSTGRES_TEST_URL names a server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from calls.database import connect
from calls.tables import metadata


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A database of this test process alone, on the server that POSTGRES_TEST_URL names."""
    given = os.environ.get("POSTGRES_TEST_URL")
    if not given:
        pytest.skip("PostgreSQL is not tested: POSTGRES_TEST_URL is not set")
    address, name = make_url(given).set(drivername="postgresql+psycopg"), f"ringpath_test_{os.getpid()}"
    server = create_engine(address, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield address.set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database."""
    lite = request.param == "sqlite"
    found = connect(f"sqlite:///{tmp_path}/calls.sqlite" if lite else request.getfixturevalue("postgres_url"))
    metadata.create_all(found)
    yield found
    metadata.drop_all(found)
    found.dispose()
