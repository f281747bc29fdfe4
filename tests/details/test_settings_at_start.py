"""How a process comes by its settings at its start: published ones, a file's, or what is left of either."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from calls import revisions
from calls.database import connect
from calls.revisions import Revision
from calls.settings import Settings
from config.loader import parse
from config.problems import SettingsError
from tests.databases import tables_are_away
from tests.details.conftest import FIRST, SECOND, THIRD
from tests.moments import ROOT
from tests.published import publish

NOWHERE = "postgresql://somebody:secret@127.0.0.1:1/none"


def history(engine: Engine) -> list[Revision]:
    with engine.connect() as connection:
        return revisions.history(connection, 100)


STARTS = """
import sys
from pathlib import Path
from calls.database import connect
from calls.settings import Settings
sys.stdin.readline()
print(Settings.of_database(connect(sys.argv[1]), Path(sys.argv[2])).number)
"""


# "The file is imported on the first start."
def test_the_file_is_the_first_revision(engine: Engine, of_database: Callable[[], Settings]) -> None:
    found = of_database()
    assert (found.company, found.number) == (parse(FIRST), 1)
    (written,) = history(engine)
    assert (written.author, written.comment) == ("file", "imported from company.yaml at the first start")


def test_what_is_published_wins_over_the_file(engine: Engine, file: Path, of_database: Callable[[], Settings]) -> None:
    publish(engine, FIRST)
    publish(engine, SECOND)
    file.unlink()
    found = of_database()
    assert (found.company.company, found.number) == ("Second", 2)


# Two web processes and a worker that start at once.
def test_processes_that_start_at_once_import_it_once(engine: Engine, file: Path) -> None:
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", STARTS, url, str(file)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    all_three = [subprocess.Popen(command, cwd=ROOT, text=True, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for process in all_three:
        process.stdin.write("now\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[0] for process in all_three] == ["1\n"] * 3
    assert len(history(engine)) == 1


def test_a_first_start_needs_settings_that_are_right(file: Path, of_database: Callable[[], Settings]) -> None:
    file.write_text("company: [", "utf-8")
    with pytest.raises(SettingsError):
        of_database()


# With SQL away at the start the app takes calls by the file, and says so aloud.
def test_without_sql_at_the_start_it_is_the_file_until_sql_answers(
    engine: Engine, of_database: Callable[[], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    publish(engine, SECOND)
    with tables_are_away(engine, "revisions"):
        found = of_database()
    assert (found.company.company, found.number) == ("First", None)
    (said,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert "SQL does not tell the settings" in said
    assert "company.yaml is used" in said
    assert found.refresh() is True
    assert (found.company.company, found.number) == ("Second", 1)
    assert found.of(parse(FIRST).revision) == parse(FIRST), "calls that began meanwhile"


def test_a_file_used_without_sql_is_imported_when_sql_is_there(
    engine: Engine, of_database: Callable[[], Settings]
) -> None:
    with tables_are_away(engine, "revisions"):
        found = of_database()
    assert found.refresh() is True
    assert (found.company.company, found.number) == ("First", 1)
    assert len(history(engine)) == 1


def test_a_server_that_is_away_hides_its_password(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = Settings.of_database(connect(NOWHERE), file)
    assert found.company.company == "First"
    assert "secret" not in caplog.text
    found.close()


# After a version that knew more: what this one refuses is said, and it goes by what it can use.
def test_a_revision_that_this_version_refuses_is_passed_over(
    engine: Engine, of_database: Callable[[], Settings], caplog: pytest.LogCaptureFixture
) -> None:
    publish(engine, FIRST)
    publish(engine, SECOND)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revisions SET document = 'colour: blue' WHERE number = 2")
    found = of_database()
    assert (found.company.company, found.number) == ("First", 1)
    assert [found.refresh() for _ in range(3)] == [False] * 3
    said = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    assert len(said) == 1
    assert "revision 2 of the settings is not right for this version of the app" in said[0]
    assert "colour" in said[0]
    publish(engine, THIRD)
    assert found.refresh() is True
    assert found.number == 3
