"""What SQL keeps for an employee follows his key, and nobody inherits it (DESIGN section 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from calls import contacts, revisions, users
from calls.contacts import Entry
from calls.employees import keys_in_use
from calls.renamed import renamed_since
from calls.tables import contacts as book
from config.editing import Document
from tests.calls.companies import acme
from tests.details.rows import a_call, on_file
from tests.moments import OPEN, at
from tests.published import publish

NOW = at(OPEN)
ONE, TWO, THREE = (("employees", key) for key in ("one", "two", "three"))
FIRST = acme(contacts=[{"number": "+34600222009", "name": "Gil", "employee": "ana"}])


@pytest.fixture
def firm(engine: Engine) -> Engine:
    """A published company with logins and an address book."""
    publish(engine, FIRST)
    with engine.begin() as connection:
        for name, employee in (("a", "ana"), ("a2", "ana"), ("l", "luis"), ("x", None)):
            users.add(connection, name, roles=(), employee=employee, now=NOW)
    entries = [Entry(number=f"+3460022200{n}", name="X", employee=key) for n, key in enumerate(("ana", "luis", None))]
    contacts.put(engine, entries, {}, NOW)
    return engine


def edited(text: str, renames: dict[str, str], *puts: tuple[tuple[Any, ...], Any]) -> str:
    document = Document.read(text)
    for old, new in renames.items():
        document.rename("employees", old, new)
    for path, value in puts:
        document.remove(path) if value is ... else document.put(path, value)
    return document.text


def logins(engine: Engine) -> dict[str, str | None]:
    with engine.connect() as connection:
        return {user.name: user.employee for user in users.every(connection)}


def responsible(engine: Engine) -> list[str | None]:
    with engine.connect() as connection:
        return list(connection.scalars(select(book.c.employee).order_by(book.c.number)))


def test_logins_and_contacts_follow_a_renamed_employee(firm: Engine) -> None:
    publish(firm, edited(FIRST, {"ana": "ana-ruiz"}))
    assert logins(firm) == {"a": "ana-ruiz", "a2": "ana-ruiz", "l": "luis", "x": None}
    assert responsible(firm) == ["ana-ruiz", "luis", None, "ana-ruiz"]


def test_several_renames_at_once_are_told_apart(firm: Engine) -> None:
    publish(firm, edited(FIRST, {"ana": "one", "luis": "two"}))
    assert logins(firm) == {"a": "one", "a2": "one", "l": "two", "x": None}


@pytest.mark.parametrize("kept", ["extension", "mobile", "crm_user"])
def test_whoever_is_changed_besides_is_known_by_his_name_and_what_is_only_his(engine: Engine, kept: str) -> None:
    whole = {"name": "Pía", "extension": "109", "mobile": "+34600111999", "crm_user": 9, "department": "sales"}
    publish(engine, acme(employees={"pia": whole}))
    with engine.begin() as connection:
        users.add(connection, "p", roles=(), employee="pia", now=NOW)
    publish(engine, acme(employees={"pia-gil": {"name": "Pía", kept: whole[kept], "department": "support"}}))
    assert logins(engine) == {"p": "pia-gil"}


def test_a_rename_that_is_rolled_back_is_followed_back(firm: Engine) -> None:
    publish(firm, edited(FIRST, {"ana": "ana-ruiz"}))
    publish(firm, FIRST)
    assert logins(firm) == {"a": "ana", "a2": "ana", "l": "luis", "x": None}
    assert responsible(firm) == ["ana", "luis", None, "ana"]


@pytest.mark.parametrize(
    "text",
    [
        edited(FIRST, {"ana": "ana-ruiz"}, (("employees", "ana-ruiz", "name"), "Pepe")),
        edited(
            acme(employees={"ana": None}, groups={"sales": {"members": ["luis"]}}),
            {},
            (("employees", "anna"), {"name": "Ana"}),
        ),
        acme(employees={"ana": None}, groups={"sales": {"members": ["luis"]}}),
    ],
    ids=["another name", "the name and no more", "gone"],
)
def test_where_it_is_not_sure_who_somebody_is_his_login_belongs_to_nobody(
    firm: Engine, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    publish(firm, text)
    assert logins(firm) == {"a": None, "a2": None, "l": "luis", "x": None}
    assert responsible(firm)[:2] == ["ana", "luis"]
    assert "2 logins belong to nobody now" in caplog.text
    publish(firm, FIRST)
    assert logins(firm)["a"] is None


def test_of_two_who_look_like_the_one_that_is_gone_neither_is_taken_for_him(engine: Engine) -> None:
    twin = {"name": "Twin", "department": "sales"}
    publish(engine, acme(employees={"one": twin}))
    with engine.begin() as connection:
        users.add(connection, "t", roles=(), employee="one", now=NOW)
    publish(engine, acme(employees={"two": twin, "three": twin}))
    assert logins(engine) == {"t": None}


def test_of_two_that_are_gone_neither_is_taken_for_the_one_who_looks_like_both(engine: Engine) -> None:
    twin = {"name": "Twin", "department": "sales"}
    publish(engine, acme(employees={"one": twin, "two": twin}))
    with engine.begin() as connection:
        users.add(connection, "t", roles=(), employee="one", now=NOW)
    publish(engine, acme(employees={"three": twin}))
    assert logins(engine) == {"t": None}


# A call that is settled late is still of whoever took part: by the renames since it began, and no earlier ones.
def test_renames_since_a_call_began_are_followed(engine: Engine) -> None:
    documents = (FIRST, edited(FIRST, {"ana": "one"}), edited(FIRST, {"ana": "two", "luis": "three"}), FIRST)
    hour = timedelta(hours=1)
    for base, document in enumerate(documents):
        checked = revisions.check(document)
        with engine.begin() as connection:
            now = NOW + base * hour
            revisions.publish(connection, checked, author="eva", comment="", now=now, base=base or None)
    with engine.connect() as connection:
        since = [renamed_since(connection, NOW + (hours + 0.5) * hour) for hours in range(4)]
    assert since == [
        {("employees", "ana"): "ana", ("employees", "luis"): "luis", **dict.fromkeys([ONE, TWO], "ana"), THREE: "luis"},
        {ONE: "ana", TWO: "ana", ("employees", "luis"): "luis", THREE: "luis"},
        {TWO: "ana", THREE: "luis"},
        {},
    ]


def test_keys_that_sql_names_are_in_use(firm: Engine) -> None:
    on_file(firm, a_call("2026-11-24 11:00", employee="pepe"))
    with firm.connect() as connection:
        assert keys_in_use(connection, ["ana", "ana-2", "luis", "pepe", "eva", ""]) == {"ana", "luis", "pepe"}
