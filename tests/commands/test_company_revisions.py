"""`flask company import`, `export`, `history`, `rollback`, and which settings the other commands go by."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import Engine

from calls import contacts, revisions
from commands import create_app
from commands.calls import calls
from tests.calls.companies import MAIN, acme, number
from tests.commands.desk import Desk
from tests.moments import OPEN, SAMPLE
from tests.published import publish

FIRST = "# as written\r\n" + acme(numbers=number(greeting={"say": "Hola."}))
SECOND = acme(company="Second")
BROKEN = acme(groups={"sales": {"members": ["nobody"]}})


@pytest.fixture
def engine(desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch) -> Engine:
    """The database that the commands find; nothing is published in it."""
    monkeypatch.setattr(getpass, "getuser", lambda: "olga")
    return desk(calls).engine


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], str]:
    """Write a settings file: written(document) → its path."""

    def write(document: str) -> str:
        file = tmp_path / "acme.yaml"
        file.write_bytes(document.encode())
        return str(file)

    return write


def company(*words: str, typed: str | None = None) -> Result:
    return create_app().test_cli_runner().invoke(args=["company", *words], input=typed)


def said(*words: str) -> str:
    """What a command says that succeeds."""
    done = company(*words)
    assert done.exit_code == 0, done.output
    return done.output


def newest(engine: Engine) -> revisions.Revision:
    with engine.connect() as connection:
        found = revisions.newest(connection)
    assert found is not None
    return found


def test_a_file_is_published_with_its_author_and_a_comment(engine: Engine, written: Callable[[str], str]) -> None:
    file = written(FIRST)
    assert said("import", file, "--comment", "Hello") == f"{file} is published as revision 1.\n"
    found = newest(engine)
    assert (found.number, found.document, found.author, found.comment) == (1, FIRST, "olga", "Hello")
    assert said("import", written(SECOND)).endswith("is published as revision 2.\n")
    assert newest(engine).comment == "imported from acme.yaml"


def test_the_same_document_again_is_not_published(engine: Engine, written: Callable[[str], str]) -> None:
    file = written(FIRST)
    said("import", file)
    assert said("import", file) == f"{file} is in force already, as revision 1: nothing to do.\n"
    assert newest(engine).number == 1


def test_what_is_piped_in_is_published(engine: Engine) -> None:
    assert company("import", "-", typed=SECOND).exit_code == 0
    assert newest(engine).document == SECOND


@pytest.mark.parametrize("document", [BROKEN, "company: [", ""])
def test_a_file_with_errors_is_not_published(engine: Engine, written: Callable[[str], str], document: str) -> None:
    publish(engine, FIRST)
    done = company("import", written(document))
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: the settings are not right, and nothing was published.\n")
    assert newest(engine).number == 1


def test_a_file_that_is_not_there_is_told(engine: Engine) -> None:
    done = company("import", "none.yaml")
    assert done.exit_code == 1
    assert "there is no file none.yaml" in done.stderr


def test_warnings_are_told_and_keep_nothing_from_being_published(engine: Engine, written: Callable[[str], str]) -> None:
    odd = acme(groups={"spare": {"name": "Spare", "members": ["ana"], "no_answer": "hang_up"}})
    lines = said("import", written(odd)).splitlines()
    assert len(lines) == 2
    assert "warning" in lines[0]
    assert newest(engine).number == 1


# Two people at once: the second is told, and nothing is overwritten.
def test_who_is_overtaken_is_told_by_whom(
    engine: Engine, written: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(engine, FIRST)
    real = revisions.publish

    def later(connection: object, *arguments: object, **more: object) -> int:
        monkeypatch.setattr(revisions, "publish", real)
        publish(engine, acme(company="Third"), author="luis")
        return real(connection, *arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(revisions, "publish", later)
    done = company("import", written(SECOND))
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: revision 2 was published meanwhile, by luis: look at it, ")
    assert newest(engine).number == 2


def test_the_contacts_of_a_published_file_are_in_the_book(engine: Engine, written: Callable[[str], str]) -> None:
    said("import", written(acme(contacts=[{"number": "+34600222001", "name": "Moreno"}])))
    with engine.connect() as connection:
        assert [each.name for each in contacts.listed(connection)] == ["Moreno"]


def test_what_is_in_force_is_written_as_it_was_published(
    engine: Engine, tmp_path: Path, written: Callable[[str], str]
) -> None:
    said("import", written(FIRST))
    publish(engine, SECOND)
    assert company("export").stdout_bytes == SECOND.encode()
    file = tmp_path / "out.yaml"
    said("export", "1", "--output", str(file))
    assert file.read_bytes() == FIRST.encode()


@pytest.mark.parametrize("words", [("export", "7"), ("rollback", "7")])
def test_a_revision_that_is_none_is_told(engine: Engine, words: tuple[str, ...]) -> None:
    publish(engine, FIRST)
    done = company(*words)
    assert (done.exit_code, done.output) == (1, "Error: there is no revision 7\n")


def test_where_nothing_is_published_it_is_said(engine: Engine) -> None:
    assert company("export").output == "Error: nothing is published yet\n"
    assert said("history").startswith("Nothing is published yet")
    assert said("history", "--json") == "[]\n"


def test_the_history_tells_who_published_what_when_and_why(engine: Engine) -> None:
    publish(engine, FIRST, comment="At first")
    publish(engine, SECOND, author="luis", comment="Then \x1b[31m")
    header, second, first = said("history").splitlines()
    assert header.split() == ["number", "published", "by", "comment"]
    assert second.split()[0] == "2"
    assert second.split()[3:5] == ["luis", "Then"]
    assert "\x1b" not in second
    assert first.endswith("At first")
    assert len(said("history", "--limit", "1").splitlines()) == 2
    listed = json.loads(said("history", "--json"))
    assert [each["number"] for each in listed] == [2, 1]
    assert listed[0].keys() == {"number", "digest", "author", "published_at", "comment"}


def test_a_rollback_publishes_the_old_document_as_a_new_revision(engine: Engine) -> None:
    publish(engine, FIRST)
    publish(engine, SECOND)
    assert said("rollback", "1") == "The settings of revision 1 are published again, as revision 3.\n"
    found = newest(engine)
    assert (found.number, found.document, found.author, found.comment) == (3, FIRST, "olga", "back to revision 1")
    said("rollback", "2", "--comment", "Oh no")
    assert newest(engine).comment == "Oh no"


def test_a_rollback_to_what_is_in_force_does_nothing(engine: Engine) -> None:
    publish(engine, FIRST)
    assert said("rollback", "1") == "The settings of revision 1 are in force: nothing to do.\n"
    assert newest(engine).number == 1


# What was right for an earlier version of the app may not be for this one.
def test_a_rollback_checks_again(engine: Engine) -> None:
    publish(engine, FIRST)
    publish(engine, SECOND)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revisions SET document = 'colour: blue' WHERE number = 1")
    done = company("rollback", "1")
    assert done.exit_code == 1
    assert "colour" in done.stderr
    assert newest(engine).number == 2


@pytest.mark.parametrize("words", [("import", str(SAMPLE)), ("export",), ("history",), ("rollback", "1")])
def test_without_a_database_it_is_said(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/new.sqlite")
    done = company(*words)
    assert done.exit_code == 3
    assert "run flask release" in done.output


# Commands go by what is published; a file that is named, or the only one there is, comes in its place.
def test_a_call_is_explained_by_what_is_published(engine: Engine, written: Callable[[str], str]) -> None:
    publish(engine, acme(numbers=number(greeting={"say": "Hola."})))
    words = ("explain", "--to", MAIN, "--at", OPEN)
    assert "The greeting is played" in said(*words)
    assert "The greeting is played" not in said(*words, "--file", written(SECOND))
    publish(engine, SECOND)
    assert "The greeting is played" not in said(*words)


# What is proved is what callers meet: not the file that was imported a year ago.
def test_what_is_checked_is_what_is_published(
    engine: Engine, written: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(BROKEN)
    monkeypatch.setenv("COMPANY_FILE", file)
    assert company("check").exit_code == 1, "nothing is published: it is the file that will be imported"
    publish(engine, FIRST)
    publish(engine, SECOND)
    done = company("check")
    assert done.exit_code == 0
    assert done.stdout.endswith("\nrevision 2: no problems\n")
    assert done.stderr == f"{file} is another, and was not checked: `flask company check {file}` does that\n"
    assert "flask phone --to " in done.stdout, "which goes by what is published too"
    assert company("check", file).output.endswith(f"{file}: 1 error\n")


def test_a_file_that_is_in_force_needs_no_remark(
    engine: Engine, written: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANY_FILE", written(FIRST))
    publish(engine, FIRST)
    done = company("check", "--json")
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout)["settings"] == "revision 1"
    monkeypatch.setenv("COMPANY_FILE", "nowhere.yaml")
    assert company("check").stderr == ""


# An earlier version may have published what this one refuses.
def test_published_settings_that_are_not_right_any_more_are_told(
    engine: Engine, written: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPANY_FILE", written(FIRST))
    publish(engine, FIRST)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revisions SET document = ?", (BROKEN,))
    done = company("check")
    assert done.exit_code == 1
    assert done.stdout.endswith("\nrevision 1: 1 error\n")


def test_calls_are_listed_by_what_is_published(
    engine: Engine, desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(engine, SECOND)
    monkeypatch.setenv("COMPANY_FILE", "nowhere.yaml")
    assert Desk(calls, engine, Path()).run("list").exit_code == 0


def test_without_an_answer_from_the_database_a_file_is_used_and_that_is_said(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    for words in (("explain", "--to", MAIN, "--at", OPEN), ("check",)):
        done = company(*words)
        assert done.exit_code == 0
        assert done.stderr.startswith("The database does not tell what is published (")
        assert "secret" not in done.stderr


def test_looking_for_a_database_makes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPANY_FILE", str(SAMPLE))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/folder/none.sqlite")
    done = company("explain", "--to", MAIN, "--at", OPEN)
    assert (done.exit_code, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []
