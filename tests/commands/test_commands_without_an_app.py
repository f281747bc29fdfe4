"""What the commands about calls say when the app is not set up: one sentence, exit code 3, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from calls.database import connect
from calls.upgrade import downgrade, head
from commands.blocked import blocked
from commands.calls import calls
from commands.contacts import contacts
from tests.commands.desk import Desk

COMMANDS: list[tuple[click.Group, tuple[str, ...]]] = [
    (calls, ("list",)),
    (calls, ("show", "CA1")),
    (calls, ("export",)),
    (calls, ("file", "--failed")),
    (calls, ("reconcile",)),
    (calls, ("missed",)),
    (calls, ("called-back", "+34600000001")),
    (contacts, ("import", "-")),
    (contacts, ("export",)),
    (contacts, ("list",)),
    (blocked, ("list",)),
    (blocked, ("add", "+34600000001")),
    (blocked, ("remove", "+34600000001")),
]

everywhere = pytest.mark.parametrize(("group", "words"), COMMANDS, ids=[" ".join(words) for _, words in COMMANDS])


def refused(desk: Desk, words: tuple[str, ...]) -> str:
    done = desk.run(*words)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith("Error: ")
    return done.stderr


@everywhere
def test_a_database_without_its_tables_is_told(
    group: click.Group, words: tuple[str, ...], desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    said = refused(desk(group), words)
    assert said == f"Error: the database is not up to date (it is at nothing, not {head()}): run flask release\n"


@everywhere
def test_an_environment_that_is_not_complete_is_told(
    group: click.Group, words: tuple[str, ...], desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_desk = desk(group)
    monkeypatch.delenv("PUBLIC_URL")
    monkeypatch.setenv("PROVIDER", "nobody")
    said = refused(at_desk, words)
    assert "PUBLIC_URL is missing" in said
    assert "PROVIDER should be one of" in said


def test_a_database_of_an_earlier_version_is_told(desk: Any) -> None:
    at_desk = desk(calls)
    downgrade(at_desk.engine, "0001")
    assert "it is at 0001" in refused(at_desk, ("list",))


def test_settings_that_are_not_right_are_told(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at_desk = desk(calls)
    monkeypatch.setenv("COMPANY_FILE", str(tmp_path / "none.yaml"))
    assert "there is no file" in refused(at_desk, ("list",))


def test_a_database_that_does_not_answer_is_told(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at_desk = desk(calls)
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:1/none")
    said = refused(at_desk, ("list",))
    assert "the database does not do what was asked: " in said
    assert "Connection refused" in said
    assert "secret" not in said


def test_a_database_that_is_locked_is_told(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    at_desk = desk(blocked)
    monkeypatch.setattr("calls.database.CONNECT_WITHIN", 0)
    other = connect(str(at_desk.engine.url))
    with other.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        assert "database is locked" in refused(at_desk, ("add", "+34600000001"))
    other.dispose()
