"""Call details found and paged through by key: every call once, in order, whatever is written meanwhile."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import Engine

from calls.details import CallDetails
from calls.listing import AT_ONCE, WITHHELD, Filter, Key, Page, every, ids_that_begin_with, page
from tests.details.rows import DIRECT, MORENO, a_call, ids, on_file
from tests.moments import at

EVERYTHING = Filter()


def paged(engine: Engine, wanted: Filter, limit: int, **place: Key | None) -> Page:
    with engine.connect() as connection:
        return page(connection, wanted, limit, **place)


def fill(engine: Engine, total: int, seed: int = 1) -> list[CallDetails]:
    """Write calls of which several begin in the same second, in no order; return them newest first."""
    dice = Random(seed)
    start = at("2026-11-24 09:00")
    calls = [a_call(start + timedelta(seconds=dice.randrange(total // 3 + 1))) for _ in range(total)]
    on_file(engine, *calls)
    return sorted(calls, key=lambda call: (call.started_at, call.id), reverse=True)


def test_pages_hold_every_call_once_from_the_newest_to_the_oldest(engine: Engine) -> None:
    calls, seen, place = fill(engine, 50), [], None
    while True:
        found = paged(engine, EVERYTHING, 7, before=place)
        seen += ids(found.calls)
        place = found.older
        if place is None:
            break
    assert seen == ids(calls)


def test_the_way_back_leads_over_the_same_pages(engine: Engine) -> None:
    fill(engine, 30)
    pages = [paged(engine, EVERYTHING, 10)]
    while pages[-1].older:
        pages.append(paged(engine, EVERYTHING, 10, before=pages[-1].older))
    assert [len(found.calls) for found in pages] == [10, 10, 10]
    back = [pages[-1]]
    while back[-1].newer:
        back.append(paged(engine, EVERYTHING, 10, after=back[-1].newer))
    assert [ids(found.calls) for found in back] == [ids(found.calls) for found in reversed(pages)]


def test_the_first_page_has_nothing_newer_and_the_last_nothing_older(engine: Engine) -> None:
    fill(engine, 20)
    first = paged(engine, EVERYTHING, 10)
    assert first.newer is None
    assert first.older is not None
    last = paged(engine, EVERYTHING, 10, before=first.older)
    assert last.older is None
    assert paged(engine, EVERYTHING, 20).older is None


def test_a_call_that_comes_in_meanwhile_moves_nothing(engine: Engine) -> None:
    calls = fill(engine, 20)
    first = paged(engine, EVERYTHING, 10)
    on_file(engine, a_call("2026-11-24 12:00"))
    assert ids(paged(engine, EVERYTHING, 10, before=first.older).calls) == ids(calls[10:])


def test_there_are_no_pages_of_nothing(engine: Engine) -> None:
    assert paged(engine, EVERYTHING, 10) == Page(calls=())


def test_a_list_leaves_the_traces_out(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 10:30", trace=({"code": "greeting", "t": 1},)))
    assert paged(engine, EVERYTHING, 1).calls[0].trace == ()
    assert [call.trace for call in every(engine, EVERYTHING)] == [()]
    assert [call.trace for call in every(engine, EVERYTHING, traces=True)] == [({"code": "greeting", "t": 1},)]


ODD = "2026-11-24 11:00"
FILTERS: dict[str, tuple[dict[str, Any], Filter]] = {
    "the caller": ({"caller": MORENO}, Filter(caller=MORENO)),
    "withheld callers": ({"caller": None}, Filter(caller=WITHHELD)),
    "the number called": ({"number": DIRECT}, Filter(number=DIRECT)),
    "who owns it": ({"employee": "ana"}, Filter(employee="ana")),
    "the outcome": ({"outcome": "blocked"}, Filter(outcomes=("blocked", "closed"))),
    "the filing": ({"crm_state": "failed"}, Filter(crm_state="failed")),
    "simulated ones": ({"simulated": True}, Filter(simulated=True)),
    "from a moment on": ({}, Filter(since=at(ODD))),
}


@pytest.mark.parametrize(("fields", "wanted"), FILTERS.values(), ids=FILTERS)
def test_a_filter_finds_what_it_names_and_nothing_else(fields: Any, wanted: Filter, engine: Engine) -> None:
    odd = a_call(ODD, **fields)
    on_file(engine, a_call("2026-11-24 10:30"), odd, a_call("2026-11-24 10:59"))
    assert ids(paged(engine, wanted, 10).calls) == [odd.id]
    assert ids(every(engine, wanted)) == [odd.id]


def test_the_filters_together_mean_all_of_them(engine: Engine) -> None:
    both = a_call(ODD, "answered", employee="ana", caller=MORENO)
    on_file(engine, both, a_call(ODD, "answered", employee="ana"), a_call(ODD, caller=MORENO, employee="ana"))
    wanted = Filter(caller=MORENO, employee="ana", outcomes=("answered",), simulated=False, crm_state="pending")
    assert ids(paged(engine, wanted, 10).calls) == [both.id]


def test_the_last_moment_is_not_part_of_a_period(engine: Engine) -> None:
    on_file(engine, a_call("2026-11-24 11:00"))
    assert paged(engine, Filter(until=at("2026-11-24 11:00")), 1).calls == ()
    assert len(paged(engine, Filter(until=at("2026-11-24 11:01")), 1).calls) == 1


def test_all_calls_come_out_oldest_first_in_however_many_statements(engine: Engine) -> None:
    calls = fill(engine, AT_ONCE + 100)
    assert ids(every(engine, EVERYTHING)) == ids(calls)[::-1]


def test_nothing_is_lost_when_the_calls_fill_the_statements_just_so(engine: Engine) -> None:
    fill(engine, AT_ONCE)
    assert len(list(every(engine, EVERYTHING))) == AT_ONCE


def test_a_call_is_found_by_the_beginning_of_its_id(engine: Engine) -> None:
    on_file(engine, *(a_call("2026-11-24 10:30", id=name) for name in ("CAab", "CAabc", "CAb%", "cab")))
    with engine.connect() as connection:
        assert ids_that_begin_with(connection, "CAb") == ["CAb%"]
        assert ids_that_begin_with(connection, "CAa") == ["CAab", "CAabc"]
        assert ids_that_begin_with(connection, "CAab") == ["CAab"]  # an id as a whole
        assert ids_that_begin_with(connection, "C%") == []
        assert len(ids_that_begin_with(connection, "CA", most=2)) == 2
