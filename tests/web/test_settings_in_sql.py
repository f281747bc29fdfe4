"""What the settings' pages keep in SQL, in force at once: the block list and the address book."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from sqlalchemy import select

from calls import blocks, contacts
from calls.tables import contacts as book
from local.house import House
from tests.web.conftest import Browser
from web.access import Role


@pytest.fixture
def administrator(logged_in: Callable[..., Browser]) -> Browser:
    """An administrator at a browser."""
    return logged_in(Role.ADMINISTRATOR)


def test_a_caller_is_blocked_and_let_through_again(administrator: Browser, web_house: House) -> None:
    administrator.post("/settings/blocked/add", {"number": "900 123 123", "reason": "spam", "days": "2"})
    page = administrator.get("/settings/blocked").text
    assert "+34 900 123 123" in page
    assert "spam" in page
    with web_house.engine.connect() as connection:
        assert [each.number for each in blocks.listed(connection)] == ["+34900123123"]
    administrator.post("/settings/blocked/remove", {"number": "+34900123123"})
    with web_house.engine.connect() as connection:
        assert blocks.listed(connection) == []


def test_what_is_no_number_is_not_blocked(administrator: Browser, web_house: House) -> None:
    administrator.post("/settings/blocked/add", {"number": "nobody"})
    assert "no number that can be blocked" in administrator.get("/settings/blocked").text


def test_a_contact_is_added_to_the_address_book(administrator: Browser, web_house: House) -> None:
    fields = {"number": "600 333 444", "name": "Bar Luna", "employee": "Eva Martín"}
    assert administrator.post("/settings/contacts/book", fields).status_code == 303
    with web_house.engine.connect() as connection:
        entry = contacts.find(connection, "+34600333444")
    assert entry
    assert (entry.name, entry.employee) == ("Bar Luna", "eva")
    refused = administrator.post("/settings/contacts/book", fields | {"employee": "nobody"})
    assert "There is no such employee" in refused.text


def test_a_contact_of_the_settings_is_changed_there(administrator: Browser, web_house: House) -> None:
    contacts.load_settings(web_house.engine, web_house.company, web_house.clock.now())
    answer = administrator.post("/settings/contacts/book", {"number": "600 222 001", "name": "Otro"})
    assert answer.status_code == 422
    assert "The settings list this number; change it there." in answer.text
    assert "Talleres Moreno" in answer.text


def test_contacts_are_imported_and_exported_as_csv(administrator: Browser, web_house: House) -> None:
    sheet = b"number,name,employee\n+34600333444,=Bar Luna,ana\n12,Nobody,\n"
    trial = {"file": (BytesIO(sheet), "book.csv"), "dry_run": "y"}
    assert "This was a trial" in administrator.post("/settings/contacts/book/import", trial).text
    with web_house.engine.connect() as connection:
        assert connection.execute(select(book)).all() == []
    page = administrator.post("/settings/contacts/book/import", {"file": (BytesIO(sheet), "book.csv")}).text
    assert "1 added, 0 changed, 0 unchanged, 1 rows not taken" in page
    text = administrator.get("/settings/contacts/book.csv").text
    assert "'=Bar Luna" in text
    assert "=Bar Luna</th>" in administrator.get("/settings/contacts/book?q=luna").text
