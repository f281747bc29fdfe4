"""Calls within somebody's reach: those of some employees, whatever else is asked for."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from sqlalchemy import Engine, text

from calls.call_sheets import AT_ONCE, written
from calls.database import connect
from calls.details import CallDetails
from calls.filters import MOST_APART
from calls.listing import Filter, Key, every, page
from calls.missed import called_back, missed, not_called_back
from tests.details.plans import noted, plan
from tests.details.rows import MORENO, PRADO, STRANGER, a_call, ids, on_file
from tests.details.test_listing_pages import paged
from tests.moments import MADRID, at

NOW = at("2026-11-24 18:00")
SALES = frozenset({"ana", "luis"})
MANY = frozenset({f"e{number}" for number in range(MOST_APART + 10)} | SALES)


@pytest.fixture
def a_day(engine: Engine) -> list[CallDetails]:
    """Calls of everybody and nobody, some of which begin in the same second; the newest first."""
    dice = Random(3)
    owners = ["ana", "luis", "eva", None]
    calls = [
        a_call(f"2026-11-24 10:{dice.randrange(20):02}", dice.choice(["missed", "answered"]), employee=owner)
        for owner in owners * 20
    ]
    on_file(engine, *calls)
    return sorted(calls, key=lambda call: (call.started_at, call.id), reverse=True)


REACHES = {
    "everybody": (None, {"ana", "luis", "eva", None}),
    "one": (frozenset({"eva"}), {"eva"}),
    "a department": (SALES, {"ana", "luis"}),
    "a large department": (MANY, {"ana", "luis"}),
    "nobody": (frozenset[str](), set[str]()),
}


@pytest.mark.parametrize(("employees", "owners"), REACHES.values(), ids=REACHES)
def test_pages_hold_the_calls_of_a_reach_once_and_in_order(
    employees: frozenset[str] | None, owners: set[str | None], engine: Engine, a_day: list[CallDetails]
) -> None:
    expected = ids(call for call in a_day if call.employee in owners)
    seen, place = list[str](), None
    pages = []
    while True:
        found = paged(engine, Filter(employees=employees), 7, before=place)
        pages.append(found)
        seen += ids(found.calls)
        place = found.older
        if place is None:
            break
    assert seen == expected
    for newer, older in pairwise(pages):
        assert paged(engine, Filter(employees=employees), 7, after=older.newer).calls == newer.calls
    assert ids(every(engine, Filter(employees=employees))) == expected[::-1]


def test_a_reach_narrows_what_a_filter_names_and_never_widens_it(engine: Engine, a_day: list[CallDetails]) -> None:
    wanted = Filter(employee="ana", outcomes=("missed",), employees=SALES)
    assert {call.employee for call in paged(engine, wanted, 100).calls} == {"ana"}
    assert paged(engine, Filter(employee="eva", employees=SALES), 100).calls == ()
    assert paged(engine, Filter(employee="eva", employees=frozenset({"ana"})), 100).calls == ()
    some = paged(engine, Filter(outcomes=("missed",), employees=SALES), 100).calls
    assert ids(some) == ids(call for call in a_day if call.employee in SALES and call.outcome == "missed")


def test_the_file_holds_the_reach_and_no_more(engine: Engine, a_day: list[CallDetails]) -> None:
    lines = list(written(engine, Filter(employees=SALES), MADRID))
    assert len(lines) == 1 + 40
    assert [line for line in lines if ",eva," in line] == []


# "A stream: no transaction as long as the list": whoever reads slowly holds no connection.
def test_a_file_that_is_read_slowly_holds_no_connection(engine: Engine) -> None:
    on_file(engine, *(a_call("2026-11-24 10:30") for _ in range(AT_ONCE + 1)))
    lines = written(engine, Filter(), MADRID)
    for place, _ in enumerate(lines):
        if place in {0, 1, AT_ONCE, AT_ONCE + 1}:
            assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_name_is_looked_for_in_the_book_and_in_the_crm(engine: Engine) -> None:
    by_crm = a_call("2026-11-24 10:30", contact_name="Talleres Moreno 100%")
    by_book = a_call("2026-11-24 10:29", caller=PRADO)
    on_file(engine, by_crm, by_book, a_call("2026-11-24 10:28", contact_name="Azahar"))
    assert ids(paged(engine, Filter(called="moreno"), 9).calls) == [by_crm.id]
    assert ids(paged(engine, Filter(called="moreno", named=frozenset({PRADO})), 9).calls) == [by_crm.id, by_book.id]
    assert paged(engine, Filter(called="Mor%no"), 9).calls == ()  # a letter like any other
    assert ids(paged(engine, Filter(called="100%"), 9).calls) == [by_crm.id]


PLANS = {
    "one employee": (Filter(employees=frozenset({"ana"})), "calls_by_employee", 1),
    "his caller": (Filter(employees=frozenset({"ana"}), caller=MORENO), "calls_by_caller", 1),
    "a department": (Filter(employees=SALES), "calls_by_employee", 2),
    "a department's missed calls": (Filter(employees=SALES, outcomes=("missed",)), "calls_by_employee", 2),
    "a department's number": (Filter(employees=SALES, number="+34910000001"), "calls_by_employee", 2),
    "a department's caller": (Filter(employees=SALES, caller=MORENO), "calls_by_caller", 1),
    "a large department": (Filter(employees=MANY), "calls_by_time", 1),
    "a name": (Filter(called="moreno", named=frozenset({MORENO})), "calls_by_time", 1),
}


@pytest.mark.parametrize(("wanted", "index", "searches"), PLANS.values(), ids=PLANS)
def test_sqlite_reads_a_reach_off_an_index_that_is_in_order(
    wanted: Filter,
    index: str,
    searches: int,
    lite: Engine,
) -> None:
    for place in ({}, {"before": Key(NOW, "CA")}, {"after": Key(NOW, "CA")}):
        found = plan(lite, lambda connection, place=place: page(connection, wanted, 50, **place))
        looked = [line for line in found if line.startswith(("SCAN calls", "SEARCH calls"))]
        assert len(looked) == searches, found
        assert all(f"USING INDEX {index}" in line for line in looked), found


def test_sqlite_looks_at_nothing_where_nothing_may_be_seen(lite: Engine) -> None:
    found = plan(lite, lambda connection: page(connection, Filter(employees=frozenset()), 50))
    with lite.connect() as connection:
        assert page(connection, Filter(employees=frozenset()), 50).calls == ()
    assert [line for line in found if line.startswith("SEARCH")] == []


# Four branches, each read off the index of the employees; never the whole table, and sorted no further than the page.
def test_postgresql_merges_a_department_from_the_index_of_the_employees(postgres_url: str) -> None:
    engine = connect(postgres_url)
    owners = [f"e{number}" for number in range(40)]
    dice = Random(7)
    on_file(engine, *(a_call(f"2026-11-{1 + n % 20:02} 10:30", employee=dice.choice(owners)) for n in range(2000)))
    with engine.begin() as connection:
        connection.execute(text("ANALYZE calls"))
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # 2000 rows are read at once otherwise
        with noted(engine) as statements:
            page(connection, Filter(employees=frozenset({"e1", "e2", "e3"})), 50)
        (sql, given), *_ = statements
        said = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {sql}", given)]
    engine.dispose()
    assert len([line for line in said if "calls_by_employee" in line]) == 3, said
    assert [line for line in said if "Seq Scan" in line] == []


def test_missed_calls_are_those_of_the_reach(engine: Engine) -> None:
    on_file(
        engine,
        a_call("2026-11-24 10:00", caller=MORENO, employee="ana"),
        a_call("2026-11-24 11:00", caller=MORENO, employee="eva"),
        a_call("2026-11-24 12:00", caller=PRADO, employee="luis"),
        a_call("2026-11-24 12:30", caller=PRADO, outcome="answered", employee="eva"),
        a_call("2026-11-24 13:00", caller=STRANGER),
    )
    since = at("2026-11-01 00:00")
    with engine.connect() as connection:
        both = missed(connection, since, employees=SALES)
        assert [(entry.caller, entry.times, entry.employee) for entry in both] == [(MORENO, 1, "ana")]
        everybody = missed(connection, since)
        assert [(entry.caller, entry.times) for entry in everybody] == [(STRANGER, 1), (MORENO, 2)]
        assert missed(connection, since, employees=frozenset()) == []


def test_a_call_back_at_the_moment_of_the_call_settles_it(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:00", caller=MORENO))
    called_back(engine, MORENO, at("2026-11-24 10:00"), "Ana Ruiz")
    with engine.connect() as connection:
        assert missed(connection, at("2026-11-01 00:00")) == []


def test_a_call_back_that_was_noted_by_mistake_is_taken_back(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:00", caller=MORENO))
    called_back(engine, MORENO, NOW, "Ana Ruiz")
    with engine.connect() as connection:
        assert missed(connection, at("2026-11-01 00:00")) == []
    not_called_back(engine, MORENO, NOW)
    with engine.connect() as connection:
        assert len(missed(connection, at("2026-11-01 00:00"))) == 1
