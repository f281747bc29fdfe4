"""Migrations: from nothing and from every earlier one, with rows, there and back, on both databases.

They walk whatever migrations there are, so that a new one is proved by being there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Engine, MetaData, insert, inspect, select, text, types

from calls import ledger
from calls.database import StoreError, connect
from calls.migrated import MIGRATIONS, current, head, known, troubles
from calls.tables import metadata
from calls.upgrade import _lock, downgrade, upgrade
from config.trouble import english
from tests.databases import BOTH, new_database
from tests.details.rows import a_call

REVISIONS = [script.revision for script in reversed(list(ScriptDirectory(str(MIGRATIONS)).walk_revisions()))]
"""Every migration, the first one first."""

NOTHING = "base"


# The web tells how far a database is by the names of these files, without Alembic.
def test_the_migrations_are_numbered_in_their_order() -> None:
    assert list(known()) == REVISIONS
    assert head() == ScriptDirectory(str(MIGRATIONS)).get_current_head()


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database without anything in it."""
    with new_database(request.param, tmp_path) as url:
        engine = connect(url)
        yield engine
        engine.dispose()


def tables(engine: Engine) -> MetaData:
    """The tables that there are, as the database describes them."""
    found = MetaData()
    found.reflect(engine)
    return found


VALUES: list[tuple[type[types.TypeEngine[Any]], Any]] = [
    (types.Boolean, True),
    (types.DateTime, datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
    (types.JSON, [{"code": "arrived", "t": 1}]),
    (types.String, "0"),
    (types.Integer, 7),
]


def value(column: Column[Any]) -> Any:
    """Something that a column may hold."""
    return next(value for kind, value in VALUES if isinstance(column.type, kind))


def fill(engine: Engine) -> None:
    """Put a row into each table, with a value in every column."""
    for name, table in tables(engine).tables.items():
        if name != "alembic_version":
            with engine.begin() as connection:
                connection.execute(insert(table).values({column.name: value(column) for column in table.columns}))


def rows(engine: Engine) -> dict[str, dict[str, Any]]:
    """What stands in each table that has a row."""
    found: dict[str, dict[str, Any]] = {}
    with engine.connect() as connection:
        for name, table in tables(engine).tables.items():
            row = connection.execute(select(table)).first()
            if row is not None and name != "alembic_version":
                found[name] = dict(row._mapping)
    return found


def are_kept(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> None:
    """Every row is there, and what its columns held, as far as there are such columns still."""
    assert before.keys() <= after.keys()
    for name, row in before.items():
        assert {column: row[column] for column in row if column in after[name]} == {
            column: after[name][column] for column in row if column in after[name]
        }, name


def test_there_are_migrations_in_one_line() -> None:
    assert REVISIONS[0] == "0001"
    assert REVISIONS[-1] == head()
    assert sorted(REVISIONS) == REVISIONS


def test_an_empty_database_is_brought_up_to_date(empty: Engine) -> None:
    assert english(troubles(empty)) == f"at migration none instead of {head()}: run `flask release`"
    upgrade(empty)
    assert (current(empty), troubles(empty)) == (head(), ())
    assert {*inspect(empty).get_table_names()} == {*metadata.tables, "alembic_version"}


# What the app writes and reads, and what the migrations made, is one thing.
def test_models_and_migrations_agree(empty: Engine) -> None:
    upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_tables_that_differ_are_told_apart(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("DROP INDEX calls_to_file"))
        connection.execute(text("ALTER TABLE calls ADD COLUMN surplus INTEGER"))
    with empty.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), metadata)
    assert sorted(difference[0] for difference in found) == ["add_index", "remove_column"]


# "upgrade from an empty database and from the previous migration both work" (issue 3): from each, with rows in it.
@pytest.mark.parametrize("start", REVISIONS)
def test_from_every_earlier_migration_nothing_is_lost(empty: Engine, start: str) -> None:
    upgrade(empty, start)
    fill(empty)
    before = rows(empty)
    assert before
    upgrade(empty)
    assert current(empty) == head()
    are_kept(before, rows(empty))
    with empty.begin() as connection:  # and the app works with it
        ledger.write(connection, a_call("2026-11-24 10:30"))
        for table in metadata.sorted_tables:
            connection.execute(select(table)).all()


@pytest.mark.parametrize("end", [NOTHING, *REVISIONS[:-1]])
def test_migrations_can_be_taken_back_and_made_again(empty: Engine, end: str) -> None:
    upgrade(empty)
    fill(empty)
    full = rows(empty)
    downgrade(empty, end)
    assert current(empty) == ("" if end == NOTHING else end)
    left = rows(empty)
    are_kept(left, full)
    assert left.keys() == tables(empty).tables.keys() - {"alembic_version"}, "no row was lost but with its table"
    assert bool(left) == (end != NOTHING)
    upgrade(empty)
    assert troubles(empty) == ()
    are_kept(left, rows(empty))


def test_bringing_it_up_to_date_again_changes_nothing(empty: Engine) -> None:
    upgrade(empty)
    fill(empty)
    before = rows(empty)
    upgrade(empty)
    assert rows(empty) == before


def test_several_at_once_run_each_migration_once(empty: Engine) -> None:
    engines = [connect(empty.url.render_as_string(hide_password=False)) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(upgrade, engine) for engine in engines]:
            done.result(60)
    for engine in engines:
        engine.dispose()
    assert troubles(empty) == ()


# Another release has the file for longer than any other writer would: its migrations are many, or the machine is slow.
def test_a_release_waits_for_another_longer_than_writers_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, tries = f"sqlite:///{tmp_path}/calls.sqlite", 0
    monkeypatch.setattr("calls.database.CONNECT_WITHIN", 0.04)
    engine, other = connect(url), connect(url)
    holding = other.connect()
    holding.exec_driver_sql("BEGIN IMMEDIATE")

    def counted(connection: Connection) -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            holding.close()
        _lock(connection)

    monkeypatch.setattr("calls.upgrade._lock", counted)
    upgrade(engine)
    assert (tries, troubles(engine)) == (3, ())
    engine.dispose()
    other.dispose()


SLOW = """
from alembic import op

revision, down_revision = "9999", "{head}"

def upgrade():
    op.execute("SELECT pg_sleep(1)")  # as an index of many rows takes its time
"""


# Whoever calls waits for no answer longer than some seconds (calls.patience); a migration waits until it is done.
def test_a_migration_may_take_longer_than_anybody_else_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_url: str
) -> None:
    patient = connect(postgres_url)
    monkeypatch.setattr("calls.database.FROZEN_AFTER", 0.5)
    theirs = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (theirs / "versions" / "slow_9999.py").write_text(SLOW.format(head=head()))
    engine = connect(postgres_url)
    with monkeypatch.context() as patched:
        patched.setattr("calls.upgrade.MIGRATIONS", theirs)
        upgrade(engine)
    assert current(patient) == "9999"
    with patient.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": head()})
    with engine.connect() as connection, pytest.raises(StoreError, match="no answer in"):
        connection.execute(text("SELECT pg_sleep(1)"))
    engine.dispose()
    patient.dispose()


HALF = """
import sqlalchemy as sa
from alembic import op

revision, down_revision = "9999", "{head}"

def upgrade():
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("calls", sa.Column("half", sa.Integer()))
    op.execute("DELETE FROM calls")
    raise RuntimeError("in the middle")
"""


# A migration that fails leaves the database as it was before it.
def test_a_migration_that_fails_leaves_no_half_of_itself(
    empty: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(empty)
    fill(empty)
    before = rows(empty)
    theirs = shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    (theirs / "versions" / "half_9999.py").write_text(HALF.format(head=head()))
    monkeypatch.setattr("calls.upgrade.MIGRATIONS", theirs)
    with pytest.raises(RuntimeError, match="in the middle"):
        upgrade(empty)
    assert current(empty) == head()
    assert rows(empty) == before
    assert "half" not in inspect(empty).get_table_names()
