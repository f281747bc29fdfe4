"""How SQLite finds the calls of a list and the missed ones: by an index, in order, whatever the filter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from calls.filters import MOST_APART
from calls.listing import Filter, Key, page
from calls.missed import missed
from tests.details.plans import noted, plan
from tests.details.rows import DIRECT, MORENO, a_call, on_file
from tests.moments import at

NOW = at("2026-11-24 12:00")


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


OPEN = {
    "everybody's": (None, "calls_by_outcome (outcome=? AND started_at>?)"),
    "one's own": (frozenset({"ana"}), "calls_by_employee (employee=? AND started_at>?)"),
    "a department's": (frozenset({"ana", "luis"}), "calls_by_employee (employee=? AND started_at>?)"),
    "a large department's": (
        frozenset(f"e{n}" for n in range(MOST_APART + 1)),
        "calls_by_outcome (outcome=? AND started_at>?)",
    ),
}


# Now asks every few seconds: of the calls of 30 days it must meet no more than the missed ones, or those of the reach.
@pytest.mark.parametrize(("reach", "index"), OPEN.values(), ids=OPEN)
def test_who_waits_is_found_by_the_outcomes_or_the_reach(
    reach: frozenset[str] | None, index: str, lite: Engine
) -> None:
    on_file(lite, a_call(NOW - timedelta(hours=1), employee="ana"))
    found = plan(lite, lambda connection: missed(connection, NOW - timedelta(days=30), employees=reach))
    looked = [line for line in found if line.startswith(("SCAN calls", "SEARCH calls"))]
    assert looked[0] == f"SEARCH calls USING INDEX {index}"
    assert [line for line in looked[1:] if "calls_by_caller (caller=? AND started_at" not in line] == []


def test_who_is_settled_is_not_read(lite: Engine) -> None:
    for number in range(50):
        caller = f"+3460000{number:04}"
        on_file(lite, a_call("2026-11-25 10:00", caller=caller), a_call("2026-11-25 11:00", "answered", caller=caller))
    with lite.connect() as connection, noted(lite) as statements:
        assert missed(connection, at("2026-11-25 00:00")) == []
    assert len(statements) == 1
