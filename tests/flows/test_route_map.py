"""The route map tells the truth: every call stays on it, and every way on it is taken by some call."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.company import Company
from flows.callers import ListedCallers
from flows.explain import explain
from flows.live import Blind, Note
from flows.route_map import RouteMap, passed, route_map
from flows.way import Desk
from tests.calls.companies import CUSTOMER, KNOWN
from tests.calls.random_companies import PEST, companies
from tests.examples import examples
from tests.flows.wandering import TYPED, called, wander
from tests.moments import OPEN, at

MOMENTS = [OPEN, OPEN, OPEN, "2026-11-24 13:59:40", "2026-11-24 23:30", "2026-11-28 12:00"]
CALLERS = [CUSTOMER, KNOWN, KNOWN, PEST, None]

random_ones = settings(
    max_examples=examples(60),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def strays(notes: list[Note], found: RouteMap) -> list[Note]:
    """The notes of a trace that are nowhere on a map."""
    return [note for note, ids in passed(notes, found) if not ids]


# Whatever explain says, the map shows.
@random_ones
@given(
    company=companies(),
    when=st.sampled_from(MOMENTS),
    caller=st.sampled_from(CALLERS),
    presses=st.lists(st.sampled_from(TYPED), max_size=6),
)
def test_every_explained_call_stays_on_the_map(
    company: Company, when: str, caller: str | None, presses: list[str]
) -> None:
    desk = Desk(company=company, live=Blind(), callers=ListedCallers(company))
    for number in company.numbers:
        call = called(company, number, caller, Random(len(presses)))
        notes = [each.note for each in explain(desk, call, at(when), tuple(presses))]
        assert strays(notes, route_map(company, number)) == []


# People are busy, pick up, hang up, forwards are not paid for: the map knows all of it.
@random_ones
@given(company=companies(), when=st.sampled_from(MOMENTS), caller=st.sampled_from(CALLERS), seed=st.integers(0, 2**32))
def test_every_call_that_is_played_stays_on_the_map(company: Company, when: str, caller: str | None, seed: int) -> None:
    dice = Random(seed)
    for number in company.numbers:
        found = route_map(company, number)
        for _ in range(10):
            notes = wander(company, called(company, number, caller, dice), at(when), dice)
            assert strays(notes, found) == [], notes


# Every way of the map of the sample company is one that calls take: the map promises nothing.
@pytest.mark.parametrize("number", ["+34910000001", "+34910000002", "+34910000003", "sip:pbx.acme.sip.example.com"])
def test_every_way_on_the_map_is_taken_by_some_call(sample: Company, number: str) -> None:
    found, dice = route_map(sample, number), Random(1)
    untrodden = {edge.id for edge in found.edges if edge.source in found.reached}
    callers = ["+34600000001", "+34600222001", "+34900000000", None]
    for _ in range(20_000):
        call = called(sample, number, dice.choice(callers), dice)
        notes = wander(sample, call, at(dice.choice([OPEN, OPEN, "2026-11-24 23:30"])), dice)
        untrodden -= {id_ for _, ids in passed(notes, found) for id_ in ids}
        if not untrodden:
            break
    assert untrodden == set()
