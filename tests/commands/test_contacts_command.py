"""`flask contacts import|export|list`: the address book in a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from calls.contacts import load_settings
from commands.contacts import contacts
from config.company import Company
from tests.commands.desk import Desk
from tests.details.rows import AZAHAR, MORENO, PRADO
from tests.moments import at

GOOD = "number,name,company,employee\n+34 600 333 001,Ana López,Acme,eva\n"
BAD = "number;name;fax;employee\n600333002;Berta;1;eva\n+34600333003;;2;evva\n+34600333004;Carlos;3;\n"


@pytest.fixture
def at_desk(desk: Any, sample: Company) -> Desk:
    """At the terminal, with the contacts of the sample's settings."""
    found: Desk = desk(contacts)
    load_settings(found.engine, sample, at("2026-11-24 08:00"))
    return found


def file(desk: Desk, text: str, encoding: str = "utf-8") -> str:
    path: Path = desk.folder / "contacts.csv"
    path.write_text(text, encoding)
    return str(path)


def test_contacts_are_imported_and_it_is_said_how_many(at_desk: Desk) -> None:
    path = file(at_desk, GOOD)
    assert at_desk.lines("import", path) == [f"{path}: 1 added, 0 changed, 0 unchanged"]
    assert at_desk.lines("import", path) == [f"{path}: 0 added, 0 changed, 1 unchanged"]
    assert at_desk.json("list", "acme") == [
        {"number": "+34600333001", "name": "Ana López", "company": "Acme", "employee": "eva", "source": "import"}
    ]


# "CSV import with a report of bad rows" (issue 3, part 2).
def test_bad_rows_are_named_and_the_others_are_taken(at_desk: Desk) -> None:
    path = file(at_desk, BAD)
    done = at_desk.run("import", path)
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        'line 2: number = "600333002": write it in international format, for example +34910000001: +, country code,'
        " number; a spreadsheet takes the + away unless the column is formatted as text",
        'line 3: name = "": a contact needs a name',
        'line 3: employee = "evva": no such employee in the settings; write the key of one; did you mean eva?',
        "columns that are not used: fax; those that are: number, name, company, employee",
        f"{path}: 1 added, 0 changed, 0 unchanged, 2 rows not taken",
    ]
    assert [entry["name"] for entry in at_desk.json("list", "Carlos")] == ["Carlos"]


def test_a_program_reads_the_report(at_desk: Desk) -> None:
    done = at_desk.run("import", file(at_desk, BAD), "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["added"], report["unused"]) == (1, 1, ["fax"])
    assert [(problem["line"], problem["path"]) for problem in report["problems"]] == [
        (2, "number"),
        (3, "name"),
        (3, "employee"),
    ]


def test_a_dry_run_writes_nothing(at_desk: Desk) -> None:
    path = file(at_desk, GOOD)
    assert at_desk.lines("import", path, "--dry-run") == [
        f"{path}: 1 added, 0 changed, 0 unchanged; a dry run: nothing was written"
    ]
    assert at_desk.lines("list", "acme") == ["No contacts."]


def test_what_is_piped_in_is_read(at_desk: Desk) -> None:
    done = at_desk.run("import", "-", typed=GOOD.encode())
    assert (done.exit_code, done.stdout) == (0, "<stdin>: 1 added, 0 changed, 0 unchanged\n")


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("a,b\n", "utf-8", "line 1: should name the columns, number, name, company, employee; number, name is missing"),
        (GOOD, "utf-16", 'line 1: not UTF-8 text; save the file as "CSV UTF-8"'),
    ],
)
def test_a_file_that_is_no_table_is_refused(text: str, encoding: str, said: str, at_desk: Desk) -> None:
    done = at_desk.run("import", file(at_desk, text, encoding))
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_file_that_is_not_there_is_refused(at_desk: Desk) -> None:
    assert at_desk.run("import", str(at_desk.folder / "none.csv")).exit_code == 2


def test_a_problem_does_not_command_the_terminal(at_desk: Desk) -> None:
    done = at_desk.run("import", file(at_desk, "number,name,\x1b[2J\n+34600333001,Ana,\n1\x1b[2J,Ana,\n"))
    assert "\x1b" not in done.stdout


# "export (round trip)".
@pytest.mark.parametrize("separator", [",", ";"])
def test_what_is_exported_is_imported_as_it_was(separator: str, at_desk: Desk) -> None:
    at_desk.lines("import", file(at_desk, GOOD))
    path = str(at_desk.folder / "out.csv")
    assert at_desk.lines("export", "--output", path, "--separator", separator) == []
    assert at_desk.lines("import", path) == [f"{path}: 0 added, 0 changed, 4 unchanged"]
    assert Path(path).read_bytes().startswith(b"\xef\xbb\xbfnumber")
    assert at_desk.run("export", "--separator", separator).stdout_bytes == Path(path).read_bytes()


def test_contacts_are_listed_by_name(at_desk: Desk) -> None:
    assert at_desk.lines("list") == [
        "number        name                  company  responsible  from",
        f"{PRADO}  Clínica Dental Prado                        settings",
        f"{AZAHAR}  Floristería Azahar             Luis Ortega  settings",
        f"{MORENO}  Talleres Moreno                Eva Martín   settings",
    ]
    assert len(at_desk.lines("list", "AZAHAR")) == 2
