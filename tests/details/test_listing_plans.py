"""How SQLite finds the calls of a list and the missed ones: by an index, in order, whatever the filter."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from calls.listing import Filter, Key, page
from calls.missed import missed
from tests.details.plans import plan
from tests.details.rows import DIRECT, MORENO
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
