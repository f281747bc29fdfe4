"""Revisions of the settings: numbered, checked, whole; of two who publish at once one is overtaken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from calls import contacts, revisions
from calls.database import connect
from calls.revisions import MOST_OF_AN_AUTHOR, Overtaken, check
from calls.tables import revisions as table
from config.loader import parse
from config.problems import SettingsError
from tests.calls.companies import acme
from tests.moments import OPEN, at
from tests.published import publish

NOW = at(OPEN)
SETTINGS = "# ours\n" + acme()
OTHER = acme(company="Other")
THIRD = acme(company="Third")


def numbers(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return [each.number for each in revisions.history(connection, 100)]


def test_what_is_published_is_kept_as_it_was_written(engine: Engine) -> None:
    with engine.begin() as connection:
        number = revisions.publish(connection, check(SETTINGS), author="eva", comment="First", now=NOW, base=None)
    with engine.connect() as connection:
        found = revisions.revision(connection, 1)
        assert found == revisions.newest(connection) == revisions.with_digest(connection, parse(SETTINGS).revision)
    assert found is not None
    assert (number, found.number, found.document) == (1, 1, SETTINGS)
    assert (found.author, found.comment, found.published_at) == ("eva", "First", NOW)
    assert found.digest == parse(SETTINGS).revision


def test_where_nothing_is_published_nothing_is_found(engine: Engine) -> None:
    with engine.connect() as connection:
        assert revisions.newest(connection) is None
        assert revisions.newest_number(connection) is None
        assert revisions.revision(connection, 1) is None
        assert revisions.with_digest(connection, "0" * 12) is None
        assert revisions.history(connection, 10) == []


# Publishing checks first (DESIGN section 4).
@pytest.mark.parametrize("document", ["", "company: [", acme(groups={"sales": {"members": ["nobody"]}})])
def test_settings_with_errors_are_not_published(engine: Engine, document: str) -> None:
    publish(engine, SETTINGS)
    with pytest.raises(SettingsError):
        publish(engine, document)
    assert numbers(engine) == [1]


@pytest.mark.parametrize("base", [None, 1, 3])
def test_who_has_not_built_upon_the_newest_is_told_what_that_is(engine: Engine, base: int | None) -> None:
    publish(engine, SETTINGS)
    publish(engine, OTHER, author="luis")
    with pytest.raises(Overtaken, match="revision 2 was published meanwhile, by luis") as told, engine.begin() as there:
        revisions.publish(there, check(THIRD), author="eva", comment="", now=NOW, base=base)
    assert told.value.newest is not None
    assert (told.value.newest.number, told.value.newest.document) == (2, OTHER)
    assert numbers(engine) == [2, 1]


# "Atomic": both have seen the same newest one, and write at the same time.
def test_of_those_who_publish_at_once_one_is_overtaken(engine: Engine) -> None:
    publish(engine, SETTINGS)
    engines = [connect(engine.url.render_as_string(hide_password=False)) for _ in range(4)]
    start, seen = Barrier(len(engines)), list[int]()

    def one(mine: Engine) -> int | None:
        start.wait()
        try:
            with mine.begin() as connection:
                return revisions.publish(connection, check(OTHER), author="eva", comment="", now=NOW, base=1)
        except Overtaken as other:
            seen.append(other.newest.number if other.newest else 0)
            return None

    with ThreadPoolExecutor(len(engines)) as pool:
        done = list(pool.map(one, engines))
    for each in engines:
        each.dispose()
    assert sorted(done, key=str) == [2, None, None, None]
    assert seen == [2, 2, 2]
    assert numbers(engine) == [2, 1]


def test_what_is_not_committed_is_not_published(engine: Engine) -> None:
    publish(engine, acme(contacts=[]))
    document = acme(contacts=[{"number": "+34600222001", "name": "Moreno"}])
    with engine.connect() as connection:
        assert revisions.publish(connection, check(document), author="eva", comment="", now=NOW, base=1) == 2
        connection.rollback()
    with engine.connect() as connection:
        assert contacts.listed(connection) == []
    assert numbers(engine) == [1]


# Contacts that the settings list are in the book as soon as those are in force.
def test_the_contacts_come_with_the_settings(engine: Engine) -> None:
    publish(engine, acme(contacts=[{"number": "+34600222001", "name": "Moreno", "employee": "eva"}]))
    with engine.connect() as connection:
        assert [(each.name, each.employee) for each in contacts.listed(connection)] == [("Moreno", "eva")]
    publish(engine, acme(contacts=[{"number": "+34600222002", "name": "Gil"}]))
    with engine.connect() as connection:
        assert [each.name for each in contacts.listed(connection)] == ["Gil"]


def test_the_history_is_read_in_pages_without_the_documents(engine: Engine) -> None:
    for n in range(5):
        publish(engine, acme(company=f"Company {n}"), comment=f"Change {n}")
    with engine.connect() as connection:
        first = revisions.history(connection, 3)
        rest = revisions.history(connection, 3, before=first[-1].number)
        whole = revisions.revision(connection, 5)
    assert [each.number for each in (*first, *rest)] == [5, 4, 3, 2, 1]
    assert whole is not None
    assert first[0] == replace(whole, document="")


def test_the_same_settings_may_come_again_and_the_newest_of_them_is_found(engine: Engine) -> None:
    for document in (SETTINGS, OTHER, SETTINGS):
        publish(engine, document)
    with engine.connect() as connection:
        found = revisions.with_digest(connection, parse(SETTINGS).revision)
    assert found is not None
    assert found.number == 3


# PostgreSQL takes no NUL into a text, and no name is longer than its column.
def test_odd_names_and_comments_are_taken(engine: Engine) -> None:
    publish(engine, SETTINGS, author="x" * 300 + "\0", comment="a\0b\udcff\nc")
    with engine.connect() as connection:
        found = revisions.newest(connection)
    assert found is not None
    assert (found.author, found.comment) == ("x" * MOST_OF_AN_AUTHOR, "ab?\nc")


def test_no_number_is_given_twice(engine: Engine) -> None:
    for n in range(3):
        publish(engine, acme(company=f"Company {n}"))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(table)) == 3
        published = [each.published_at for each in revisions.history(connection, 9)]
    assert published[0] - published[-1] < timedelta(minutes=1)
