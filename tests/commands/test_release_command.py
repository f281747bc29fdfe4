"""`flask release`: before a new version takes calls; repeated, from two hosts at once, and on a newer database."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from calls import users
from calls.database import connect
from calls.migrated import head, troubles
from calls.upgrade import upgrade
from commands import create_app
from config.trouble import english
from tests.commands.desk import VARIABLES
from tests.databases import BOTH, new_database
from tests.moments import ROOT, SAMPLE


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """A database without anything in it, which the environment names."""
    with new_database(request.param, tmp_path) as url:
        for name, value in (VARIABLES | {"DATABASE_URL": url}).items():
            monkeypatch.setenv(name, value)
        engine = connect(url)
        yield engine
        engine.dispose()


def release() -> tuple[int, str]:
    """Run it here; the exit code, and what it said."""
    done = create_app().test_cli_runner().invoke(args=["release"])
    return done.exit_code, done.output


def test_the_first_release_makes_the_tables_and_loads_the_contacts(empty: Engine) -> None:
    code, said = release()
    assert code == 0, said
    database, settings, contacts, _ = said.splitlines()
    assert database == f"database at {head()}, was at nothing"
    assert settings == "settings: revision 1"
    assert contacts.endswith("0 changed, 0 removed")
    assert troubles(empty) == ()


def test_a_repeated_release_changes_nothing(empty: Engine) -> None:
    release()
    code, said = release()
    assert (code, said.splitlines()[:-1]) == (
        0,
        [f"database at {head()}", "settings: revision 1", "contacts: 0 added, 0 changed, 0 removed"],
    )


# On a host without a terminal this is the only way in: the log of the release.
def test_the_first_administrator_is_made_by_a_link_until_there_are_users(empty: Engine) -> None:
    said = release()[1].splitlines()[-1]
    assert re.fullmatch(
        r"there are no users yet; this address makes the first administrator: https://phone\.example\.com/welcome/\S+",
        said,
    )
    with empty.begin() as connection:
        users.add(connection, "eva", roles=["administrator"], now=datetime.now(UTC))
    assert "welcome" not in release()[1]


def test_a_file_that_is_not_what_is_published_is_pointed_out(
    empty: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release()
    file = tmp_path / "changed.yaml"
    file.write_text(SAMPLE.read_text("utf-8") + "# a change\n", "utf-8")
    monkeypatch.setenv("COMPANY_FILE", str(file))
    code, said = release()
    assert code == 0
    assert f"settings: revision 1; {file} is another: `flask company import {file}` publishes it" in said


# Once settings are published, the file is not needed any more, right or wrong.
def test_a_file_that_is_gone_keeps_no_release_from_what_is_published(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    release()
    monkeypatch.setenv("COMPANY_FILE", "nowhere.yaml")
    assert release()[0] == 0


def test_a_first_release_without_right_settings_is_refused(empty: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_FILE", "nowhere.yaml")
    code, said = release()
    assert code == 3
    assert "the settings are not right.\nthere is no file nowhere.yaml" in said


def test_a_release_from_an_earlier_version_says_so(empty: Engine) -> None:
    upgrade(empty, "0001")
    assert f"database at {head()}, was at 0001" in release()[1]


def test_two_releases_at_once_are_one(empty: Engine) -> None:
    command = [sys.executable, "-m", "flask", "--app", "commands", "release"]
    environ = os.environ | {"FLASK_SKIP_DOTENV": "1"}
    both = [
        subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert troubles(empty) == ()
    with empty.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar() == 1


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(empty: Engine) -> None:
    upgrade(empty)
    with empty.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    code, said = release()
    assert code == 3
    assert said.splitlines()[-1] == (
        "Error: the database is at migration 9999, which is newer than this version of the app: "
        "deploy a version that knows it"
    )
    assert english(troubles(empty)) == "at migration 9999, which is newer than this version of the app"


def test_a_database_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (VARIABLES | {"DATABASE_URL": "postgresql://me:secret@127.0.0.1:1/none"}).items():
        monkeypatch.setenv(name, value)
    code, said = release()
    assert code == 3
    assert "the database cannot be brought up to date: " in said
    assert "secret" not in said
