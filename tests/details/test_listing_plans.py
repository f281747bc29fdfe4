"""How SQLite finds the calls of a list and the missed ones: by an index, in order, whatever the filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from calls.database import connect
from calls.listing import Filter, Key, page
from calls.missed import called_back, missed
from calls.tables import metadata
from tests.details.rows import DIRECT, MORENO, a_call, on_file
from tests.moments import at

NOW = at("2026-11-24 12:00")


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Engine]:
    """SQLite with one call in it, and a call back."""
    engine = connect(f"sqlite:///{tmp_path}/calls.sqlite")
    metadata.create_all(engine)
    on_file(engine, a_call("2026-11-24 11:00", caller=MORENO))
    called_back(engine, MORENO, at("2026-11-24 10:00"), "by Ana")
    yield engine
    engine.dispose()


@contextmanager
def noted(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Every statement that is sent meanwhile."""
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        statements.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def plan(engine: Engine, ask: Callable[[Connection], object]) -> list[str]:
    """What SQLite does for each statement of a question."""
    with engine.connect() as connection:
        with noted(engine) as statements:
            ask(connection)
        rows = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in statements]
    return [row[-1] for found in rows for row in found]


LISTS = {
    "everything": (Filter(), "calls_by_time"),
    "a day": (Filter(since=at("2026-11-24 00:00"), until=NOW), "calls_by_time"),
    "a caller": (Filter(caller=MORENO), "calls_by_caller"),
    "withheld callers": (Filter(caller=""), "calls_by_caller"),
    "an employee": (Filter(employee="ana"), "calls_by_employee"),
    "an employee's missed calls": (Filter(employee="ana", outcomes=("missed",)), "calls_by_employee"),
    "a caller's calls to a number": (Filter(caller=MORENO, number=DIRECT), "calls_by_caller"),
    "a number": (Filter(number=DIRECT), "calls_by_number"),
    "an outcome": (Filter(outcomes=("blocked",)), "calls_by_outcome"),
    "several outcomes": (Filter(outcomes=("missed", "voicemail", "closed")), "calls_by_time"),
    "what is filed": (Filter(crm_state="filed"), "calls_by_time"),
}


@pytest.mark.parametrize(("wanted", "index"), LISTS.values(), ids=LISTS)
def test_a_page_is_read_off_an_index_that_is_in_order(wanted: Filter, index: str, lite: Engine) -> None:
    for place in ({}, {"before": Key(NOW, "CA")}, {"after": Key(NOW, "CA")}):
        found = plan(lite, lambda connection, place=place: page(connection, wanted, 50, **place))
        assert f"USING INDEX {index}" in found[0]
        assert "USE TEMP B-TREE FOR ORDER BY" not in found  # only those of one moment are sorted
        assert len([line for line in found if line.startswith(("SCAN", "SEARCH"))]) == 1


def test_the_calls_that_failed_are_found_among_millions_that_did_not(lite: Engine) -> None:
    found = plan(lite, lambda connection: page(connection, Filter(crm_state="failed", employee="ana"), 50))
    assert "SEARCH calls USING INDEX calls_to_file (crm_state=?)" in found


# "Missed calls: derived by query", which looks at the period it is asked for, and at the callers that it finds there.
def test_missed_calls_cost_what_the_period_holds_and_not_what_the_table_does(lite: Engine) -> None:
    found = plan(lite, lambda connection: missed(connection, NOW - timedelta(days=30), settled=True))
    looked = [line for line in found if line.startswith(("SCAN", "SEARCH"))]
    assert "SEARCH calls USING INDEX calls_by_time (started_at>?)" in looked
    assert "SEARCH calls USING INDEX calls_by_caller (caller=? AND started_at>?)" in looked
    assert [line for line in looked if "started_at" not in line and "(caller=?" not in line] == []
