"""The address book: what the settings list in it, who is found, and what is searched."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

from sqlalchemy import Engine, select

from calls.contacts import AT_ONCE, Changes, Entry, find, found, listed, load_settings, put
from calls.tables import contacts
from config.company import Company, Contact
from tests.details.rows import AZAHAR, MORENO, PRADO
from tests.moments import at

NOW = at("2026-11-24 10:30")
LATER = NOW + timedelta(days=1)


def with_contacts(company: Company, *entries: tuple[str, str, str | None]) -> Company:
    """A company of the same people with other contacts."""
    known = tuple(Contact(number=number, name=name, employee=employee) for number, name, employee in entries)
    return Company(company="Acme", country="ES", numbers=company.numbers, employees=company.employees, contacts=known)


def everybody(engine: Engine) -> dict[str, Entry]:
    with engine.connect() as connection:
        return {entry.number: entry for entry in listed(connection)}


# "the settings' `contacts:` are loaded into it" (issue 3, part 2).
def test_the_contacts_of_the_settings_are_in_the_book(sample: Company, engine: Engine) -> None:
    assert load_settings(engine, sample, NOW) == Changes(added=3, changed=0)
    with engine.connect() as connection:
        moreno = Entry(number=MORENO, name="Talleres Moreno", employee="eva", source="settings")
        assert find(connection, MORENO) == moreno
        assert find(connection, PRADO) == Entry(number=PRADO, name="Clínica Dental Prado", source="settings")
        assert find(connection, "+34999999999") is None
        assert found(connection, [MORENO, "+34999999999"]) == {MORENO: moreno}


def test_loading_them_again_writes_nothing(sample: Company, engine: Engine) -> None:
    load_settings(engine, sample, NOW)
    assert load_settings(engine, sample, LATER) == Changes(added=0, changed=0)
    with engine.connect() as connection:
        assert set(connection.scalars(select(contacts.c.updated_at))) == {NOW}


def test_what_the_settings_list_no_more_goes_and_what_they_list_anew_comes(sample: Company, engine: Engine) -> None:
    load_settings(engine, sample, NOW)
    new = with_contacts(sample, (MORENO, "Moreno e Hijos", None), ("+34600222009", "Nuevo", "ana"))
    assert load_settings(engine, new, LATER) == Changes(added=1, changed=1, removed=2)
    assert {entry.name for entry in everybody(engine).values()} == {"Moreno e Hijos", "Nuevo"}


def test_imported_contacts_stay_when_the_settings_know_nothing_of_them(sample: Company, engine: Engine) -> None:
    theirs = Entry(number="+34600333001", name="Imported")
    put(engine, [theirs], {}, NOW)
    load_settings(engine, with_contacts(sample), NOW)
    assert everybody(engine) == {theirs.number: theirs}


# Decided here: what the settings list belongs to the settings.
def test_the_settings_replace_an_imported_contact_and_take_it_with_them(sample: Company, engine: Engine) -> None:
    put(engine, [Entry(number=MORENO, name="Imported", company="Taller")], {}, NOW)
    assert load_settings(engine, sample, NOW) == Changes(added=2, changed=1)
    assert everybody(engine)[MORENO] == Entry(number=MORENO, name="Talleres Moreno", employee="eva", source="settings")
    load_settings(engine, with_contacts(sample), NOW)
    assert everybody(engine) == {}


def test_an_import_that_did_not_see_the_settings_coming_leaves_them_alone(sample: Company, engine: Engine) -> None:
    load_settings(engine, sample, NOW)
    put(engine, [Entry(number=MORENO, name="Imported")], {}, NOW)
    assert everybody(engine)[MORENO].name == "Talleres Moreno"


def test_several_processes_may_start_at_once(sample: Company, engine: Engine) -> None:
    many = with_contacts(sample, *((f"+34600{n:06}", f"Contact {n}", None) for n in range(AT_ONCE * 2 + 7)))
    start, faults = Barrier(2), []

    def load() -> None:
        start.wait()
        try:
            load_settings(engine, many, NOW)
        except Exception as fault:
            faults.append(fault)

    threads = [Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(everybody(engine)) == AT_ONCE * 2 + 7


def test_the_book_is_searched_by_number_name_and_company(sample: Company, engine: Engine) -> None:
    load_settings(engine, sample, NOW)
    put(engine, [Entry(number="+34600333001", name="100% Clima", company="Prado_Sur")], {}, NOW)
    with engine.connect() as connection:
        assert [entry.number for entry in listed(connection, "moreno")] == [MORENO]
        assert [entry.number for entry in listed(connection, "222002")] == [AZAHAR]
        assert [entry.name for entry in listed(connection, "prado")] == ["100% Clima", "Clínica Dental Prado"]
        assert [entry.name for entry in listed(connection, "0% c")] == ["100% Clima"]
        assert [entry.name for entry in listed(connection, "o_s")] == ["100% Clima"]
        assert [entry.name for entry in listed(connection, "%a%")] == []
        assert len(listed(connection, limit=2)) == 2
