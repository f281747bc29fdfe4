"""What a walk takes to be the same is the same; and it stays small."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from config.company import Company
from config.loader import parse
from flows.places import Place
from flows.walk.again import Again
from flows.walk.graph import Graph
from flows.walk.likeness import SHARED, Likeness
from flows.walk.moments import Calendar
from flows.walk.pace import Pace
from flows.walk.parts import Deed, Part, Toward
from flows.walk.report import Report, walk
from local.big_company import big_company
from tests.calls.companies import acme, sales
from tests.calls.random_companies import companies
from tests.effort import calls_of
from tests.examples import whole_companies

NOVEMBER = datetime(2026, 11, 26, tzinfo=UTC)
FIVE = Pace(heard=lambda _: 5.0)


class Everywhere(Again):
    """Every group may come again: no history is forgotten."""

    def of(self, place: Place) -> frozenset[str]:
        return frozenset(self._company.groups)

    def after(self, stage: Any) -> frozenset[str]:
        return frozenset(self._company.groups)

    def to(self, group: str, then: Any) -> frozenset[str]:
        return frozenset(self._company.groups)


def claims(report: Report) -> dict[str, Any]:
    """What is claimed of each number, and what nobody comes to."""
    numbers = {
        key: (line.ends, line.until_ring.seconds if line.until_ring else None, line.until_end.seconds)
        for key, line in report.numbers.items()
    }
    return numbers | {"": sorted((finding.path, finding.message) for finding in report.findings)}


# Numbers share spots, and what has had the call is forgotten where it cannot matter: without either, the same is found.
@whole_companies(60)
@given(company=companies())
def test_nothing_is_lost_by_what_is_shared(company: Company) -> None:
    found = claims(walk(company, NOVEMBER, FIVE))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Likeness, "_line", lambda self, number, types, *more: f"{SHARED}{number}")
        patch.setattr("flows.walk.likeness.Again", Everywhere)
        patch.setattr("flows.walk.histories.MOST_KEPT", 10**9)
        assert claims(walk(company, NOVEMBER, FIVE)) == found


# Each group once per call (DESIGN section 3): where it can come again, what it has had is kept apart.
def test_a_group_that_has_had_the_call_is_not_rung_again() -> None:
    menu = {"prompt": {"say": "?"}, "choices": {"2": {"group": "sales"}}, "no_choice": "hang_up"}
    company = parse(acme(menus={"below": menu}, groups=sales(no_answer="hold", hold={"then": {"menu": "below"}})))
    graph = Graph(company, Calendar(company, NOVEMBER), FIVE)
    had = [here for here, spot in enumerate(graph.spots) if spot.at == Toward("sales", "otherwise", ("sales",))]
    assert len(had) == 1
    assert [edge.rings for edge in graph.edges[had[0]]] == [None]


# A menu that asks for an extension leads to every group that has one.
def test_a_group_that_has_had_the_call_is_not_rung_again_when_its_extension_is_typed() -> None:
    menu = {"prompt": {"say": "?"}, "choices": {"9": "ask_extension"}, "no_choice": "hang_up"}
    group = sales(extension="201", no_answer="hold", hold={"then": {"menu": "below"}})
    company = parse(acme(menus={"below": menu}, groups=group))
    graph = Graph(company, Calendar(company, NOVEMBER), FIVE)
    typed = [here for here, spot in enumerate(graph.spots) if isinstance(spot.at, Part) and spot.at.what == "typed"]
    ways = [edge for here in typed for edge in graph.edges[here] if Deed("press", ("201",)) in edge.deeds]
    assert ways
    assert [edge.rings for edge in ways] == [None] * len(ways)


# A second for 1,000 employees, 200 groups, 50 menus and 100 numbers: here counted in decisions, which a busy machine
# does not change. Ten times the employees who are like others cost nothing; twice of everything costs twice.
def test_the_number_of_decisions_grows_with_the_settings_and_no_faster() -> None:
    half, whole = decisions(employees=500, groups=100, menus=25, numbers=50), decisions()
    assert whole < 8_000
    assert whole < 2.2 * half


def test_more_employees_like_the_others_cost_no_decision() -> None:
    few = decisions(employees=200, groups=10, menus=5, numbers=5)
    assert decisions(employees=2000, groups=10, menus=5, numbers=5) <= few * 1.1


# What follows the decisions, too: half of the work is to put together what the numbers have in common.
def test_the_work_grows_with_the_settings_and_no_faster() -> None:
    half, whole = (
        work(employees=100, groups=20, menus=5, numbers=10),
        work(employees=200, groups=40, menus=10, numbers=20),
    )
    assert whole < 1.8 * half
    assert whole < 900_000


def work(**size: int) -> int:
    company = Company.model_validate(big_company(**size))
    return calls_of(lambda: walk(company, NOVEMBER, FIVE))


def decisions(**size: int) -> int:
    company = Company.model_validate(big_company(**size))
    return Graph(company, Calendar(company, NOVEMBER), FIVE).decisions


# A hundred members ring one after the other, which is one spot and the last.
def test_a_large_group_is_as_small_as_any() -> None:
    document = big_company(employees=300, groups=2, menus=1, numbers=1)
    document["groups"]["g0"]["members"] = [f"e{i}" for i in range(2)]
    small = spots(document)
    document["groups"]["g0"]["members"] = [f"e{i}" for i in range(300)]
    assert spots(document) <= small + 2


def spots(document: dict[str, Any]) -> int:
    company = Company.model_validate(document)
    return len(Graph(company, Calendar(company, NOVEMBER), FIVE).spots)


def test_a_walk_that_grows_too_large_says_so(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for most in range(1, 101, 3):  # wherever it is broken off, nothing is looked for in what is there
        monkeypatch.setattr("flows.walk.graph.MOST_SPOTS", most)
        report = walk(sample, NOVEMBER, FIVE)
        assert report.too_large
        assert not report.proved
        assert [finding.message[:10] for finding in report.findings] == ["not proved"]
