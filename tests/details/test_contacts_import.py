"""The address book taken in from CSV: good rows are taken, bad ones reported; and written out again."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from calls.contact_sheets import Imported, take, written
from calls.contacts import AT_ONCE, Entry, find, listed, load_settings, one_line, put
from calls.tables import contacts
from config.company import Company
from config.record import UNSEEN
from tests.details.rows import MORENO, PRADO
from tests.moments import at

NOW = at("2026-11-24 10:30")
A, B = "+34600333001", "+34600333002"


@pytest.fixture
def book(engine: Engine, sample: Company) -> Engine:
    """A book that holds the contacts of the sample's settings."""
    load_settings(engine, sample, NOW)
    return engine


def imported(book: Engine, company: Company, text: str, *, when: datetime = NOW, dry_run: bool = False) -> Imported:
    return take(book, company, text.encode(), when, dry_run=dry_run)


def entry(book: Engine, number: str) -> Entry | None:
    with book.connect() as connection:
        return find(connection, number)


def told(report: Imported) -> list[str]:
    return [str(problem) for problem in report.problems]


FILES = {
    "commas": f"number,name,company,employee\n{A},Ana López,Acme,eva\n",
    "semicolons": f"number;name;company;employee\r\n{A};Ana López;Acme;eva\r\n",
    "any order and case": f"Employee,NAME, company ,Number\neva,Ana López,Acme,{A}\n",
    "the mark of UTF-8": f"\ufeffnumber,name,company,employee\n{A},Ana López,Acme,eva\n",
    "quotes": f'"number","name","company","employee"\n"{A}","Ana López","Acme","eva"\n',
    "spaces and brackets": "number,name,company,employee\n +34 (600) 333-001 , Ana\u00a0 López ,Acme,eva\n",
    "an escaped number": f"number,name,company,employee\n'{A},Ana López,Acme,eva\n",
    "characters nobody sees": f"number,name,company,employee\n\u202a{A}\u202c,Ana\u200b López\u200f,Acme,\u2060eva\n",
    "more columns": f"id,number,name,fax,company,employee\n1,{A},Ana López,,Acme,eva\n",
    "empty lines": f"number,name,company,employee\n\n,,,\n{A},Ana López,Acme,eva\n\n",
}


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_a_table_is_read_however_it_is_written(text: str, book: Engine, sample: Company) -> None:
    report = imported(book, sample, text)
    assert (report.added, report.problems) == (1, ())
    assert entry(book, A) == Entry(number=A, name="Ana López", company="Acme", employee="eva")


def test_columns_may_be_missing_but_for_the_number_and_the_name(book: Engine, sample: Company) -> None:
    imported(book, sample, f"name,number\nAna,{A}\n")
    assert entry(book, A) == Entry(number=A, name="Ana")


def test_columns_that_nobody_has_a_use_for_are_named(book: Engine, sample: Company) -> None:
    assert imported(book, sample, f"number,name,employe\n{A},Ana,eva\n").unused == ("employe",)


# "CSV import with a report of bad rows" (issue 3, part 2): line, column, the bad value, what would be right.
BAD = {
    "a national number": ("600333001,Ana,,", 'line 2: number = "600333001": write it in international format'),
    "what a spreadsheet made of it": (
        "34600333001,Ana,,",
        "a spreadsheet takes the + away unless the column is formatted as text",
    ),
    "no number": (",Ana,,", 'line 2: number = "": write it in international format, for example +34910000001'),
    "no name": (f"{A},,,", 'line 2: name = "": a contact needs a name'),
    "a name without end": (f"{A},{'x' * 201},,", "201 characters; at most 200"),
    "a company without end": (f"{A},Ana,{'x' * 201},", "line 2: company = "),
    "a name that rings the bell": (f"{A},A\x07na,,", 'line 2: name = "A na": holds a character that cannot be shown'),
    "NUL, which PostgreSQL refuses": (f"{A},A\x00na,,", "holds a character that cannot be shown"),
    "an employee who is none": (
        f"{A},Ana,,evva",
        'line 2: employee = "evva": no such employee in the settings; write the key of one; did you mean eva?',
    ),
    "a name where the key belongs": (f"{A},Ana,,Eva Martín", "no such employee in the settings"),
    "more cells than columns": (f"{A},Ana, Sons,,x", "line 2: more cells than the header names"),
}


@pytest.mark.parametrize(("row", "said"), BAD.values(), ids=BAD)
def test_a_row_that_is_not_right_is_reported_and_the_others_are_taken(
    row: str, said: str, book: Engine, sample: Company
) -> None:
    report = imported(book, sample, f"number,name,company,employee\n{row}\n{B},Berta,,\n")
    assert [said in line for line in told(report)] == [True]
    assert (report.added, report.refused) == (1, 1)
    assert entry(book, A) is None
    assert entry(book, B) == Entry(number=B, name="Berta")


def test_everything_that_is_wrong_with_a_row_is_said(book: Engine, sample: Company) -> None:
    report = imported(book, sample, "number,name,employee\n600,,nobody\n")
    assert [problem.path for problem in report.problems] == ["number", "name", "employee"]
    assert report.refused == 1


def test_of_a_number_that_stands_twice_the_first_counts(book: Engine, sample: Company) -> None:
    report = imported(book, sample, f"number,name\n{A},Ana\n{B},Berta\n+34 600 333 001,Another\n")
    assert told(report) == [f'line 4: number = "{A}": stands in line 2 too, and the first one counts; keep one of them']
    assert (report.added, entry(book, A)) == (2, Entry(number=A, name="Ana"))


def test_what_stands_before_broken_quotes_is_taken(book: Engine, sample: Company) -> None:
    report = imported(book, sample, f'number,name\n{A},Ana\n{B},"Berta\n')
    assert report.added == 1
    assert "line 3: the quotes do not match" in told(report)[0]


def test_importing_again_changes_what_has_changed(book: Engine, sample: Company) -> None:
    imported(book, sample, f"number,name,company\n{A},Ana,Acme\n{B},Berta,\n")
    report = imported(book, sample, f"number,name\n{A},Ana\n{B},Berta\n", when=at("2026-11-25 10:00"))
    assert (report.added, report.changed, report.unchanged) == (0, 1, 1)
    assert entry(book, A) == Entry(number=A, name="Ana")
    with book.connect() as connection:
        times = dict(connection.execute(select(contacts.c.number, contacts.c.updated_at)).all())
    assert (times[A], times[B]) == (at("2026-11-25 10:00"), NOW)


def test_a_dry_run_says_the_same_and_writes_nothing(book: Engine, sample: Company) -> None:
    text = f"number,name\n{A},Ana\n{B},\n{MORENO},Another\n"
    dry = imported(book, sample, text, dry_run=True)
    assert entry(book, A) is None
    assert imported(book, sample, text) == dry
    assert entry(book, A) is not None


def test_what_the_settings_list_is_changed_there(book: Engine, sample: Company) -> None:
    report = imported(book, sample, f"number,name,employee\n{MORENO},Moreno,eva\n{PRADO},Clínica Dental Prado,\n")
    said = f'line 2: number = "{MORENO}": the settings list this number as "Talleres Moreno"; change it there'
    assert told(report) == [said]
    assert (report.added, report.changed, report.unchanged) == (0, 0, 1)
    assert entry(book, PRADO) == Entry(number=PRADO, name="Clínica Dental Prado", source="settings")


def test_more_contacts_are_taken_than_one_transaction_holds(engine: Engine, sample: Company) -> None:
    rows = "".join(f"+34600{n:06},Contact {n}\n" for n in range(AT_ONCE * 2 + 1))
    assert imported(engine, sample, "number,name\n" + rows).added == AT_ONCE * 2 + 1
    assert entry(engine, "+34600001000") == Entry(number="+34600001000", name="Contact 1000")


# "export (round trip)".
@pytest.mark.parametrize("separator", [",", ";"])
def test_what_is_exported_is_imported_unchanged(separator: str, book: Engine, sample: Company) -> None:
    odd = [
        Entry(number=A, name='=HYPERLINK("http://x";"y")', company="-Hijos, S.L.", employee="eva"),
        Entry(number=B, name="'=no formula", company='A "quoted"; company'),
    ]
    put(book, odd, {}, NOW)
    with book.connect() as connection:
        text, before = "".join(written(connection, separator)), listed(connection)
    report = imported(book, sample, text)
    assert (report.added, report.changed, report.unchanged, report.problems) == (0, 0, 5, ())
    with book.begin() as connection:
        connection.execute(contacts.delete().where(contacts.c.source == "import"))
    assert imported(book, sample, text).added == 2
    with book.connect() as connection:
        assert listed(connection) == before


def test_an_export_begins_with_the_mark_of_utf_8_and_has_no_bare_formula(book: Engine) -> None:
    with book.connect() as connection:
        lines = list(written(connection))
    assert lines[0] == "\ufeffnumber,name,company,employee\r\n"
    assert f"'{MORENO},Talleres Moreno,,eva\r\n" in lines


LETTERS = st.characters(exclude_categories=["Cs", "Cc"]).filter(lambda letter: not UNSEEN.match(letter))
NAMES = st.text(LETTERS, min_size=1, max_size=20).map(one_line).filter(bool)


@given(names=st.lists(NAMES, max_size=5), separator=st.sampled_from([",", ";"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_any_name_survives_the_way_out_and_in(names: list[str], separator: str, book: Engine, sample: Company) -> None:
    with book.begin() as connection:
        connection.execute(contacts.delete())
    put(book, [Entry(number=f"+346003330{n:02}", name=name, company=name) for n, name in enumerate(names)], {}, NOW)
    with book.connect() as connection:
        text = "".join(written(connection, separator))
    report = imported(book, sample, text)
    assert (report.unchanged, report.problems) == (len(names), ())
