"""Where calls may have too much behind them to keep it apart, it is forgotten: what is claimed then is still true."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from typing import Any

import pytest
from hypothesis import given

from config.company import Company
from config.loader import parse
from flows.walk import histories
from flows.walk.pace import Pace
from flows.walk.report import Line, Report, walk
from tests.calls.companies import MAIN, acme, number
from tests.calls.random_companies import companies
from tests.examples import whole_companies

NOVEMBER = datetime(2026, 11, 26, tzinfo=UTC)
FIVE = Pace(heard=lambda _: 5.0)


def queues(count: int, then: Any) -> dict[str, Any]:
    """Queues, each with somebody who answers, and with what follows after the longest wait."""
    held = {"no_answer": "hold", "hold": {"max_minutes": 1, "then": then}}
    return {f"g{i}": {"name": f"G{i}", "extension": f"2{i:02}", "members": ["ana"], **held} for i in range(count)}


def choosing(count: int) -> str:
    """As many queues, a key for each, which lead back to where they are chosen."""
    keys = {str(i): {"group": f"g{i}"} for i in range(count)}
    menu = {"prompt": {"say": "?"}, "choices": keys, "no_choice": "voicemail"}
    return acme(menus={"main": menu}, groups=queues(count, {"menu": "main"}), numbers=number(menu="main", group=None))


def typing(count: int) -> str:
    """As many queues, chosen by their extensions."""
    menu = {"prompt": {"say": "?"}, "choices": {"9": "ask_extension"}, "no_choice": "hang_up"}
    return acme(menus={"main": menu}, groups=queues(count, {"menu": "main"}), numbers=number(menu="main", group=None))


def linked(count: int) -> str:
    """As many menus, each of which leads to all others, and back."""
    names = [f"m{i}" for i in range(count)]
    menus = {
        name: {
            "prompt": {"say": "?"},
            "choices": {str(i): {"menu": other} for i, other in enumerate(names) if other != name} | {"*": "back"},
            "no_choice": {"group": "sales"},
        }
        for name in names
    }
    return acme(menus=menus, numbers=number(menu="m0", group=None))


def nested() -> str:
    """Menus below each other from which silence leads back."""
    below = {f"m{i}": {"prompt": {"say": "?"}, "choices": {"1": {"menu": f"m{i + 1}"}}} for i in range(3)}
    menus = {**below, "m3": {"prompt": {"say": "?"}, "choices": {"1": {"group": "sales"}}}}
    for key in ("m1", "m2", "m3"):
        menus[key]["no_choice"] = "back"
    return acme(menus=menus, numbers=number(menu="m0", group=None))


def further(count: int) -> str:
    """As many queues, behind each of which a key leads to the next."""
    menus = {
        f"m{i}": {"prompt": {"say": "?"}, "choices": {"1": {"group": f"g{i + 1}"}}, "no_choice": "voicemail"}
        for i in range(count - 1)
    }
    groups = queues(count, "voicemail")
    for i in range(count - 1):
        groups[f"g{i}"]["hold"] = groups[f"g{i}"]["hold"] | {"then": {"menu": f"m{i}"}}
    return acme(menus=menus, groups=groups, numbers=number(group="g0"))


def spots(text: str) -> int:
    report = walk(parse(text), NOVEMBER, FIVE)
    assert report.proved
    return report.spots


# Ten queues that lead back to one menu can have had the call in a thousand ways.
@pytest.mark.parametrize("company", [choosing, typing, linked])
def test_what_calls_may_have_behind_them_does_not_multiply(company: Any) -> None:
    half, whole = spots(company(5)), spots(company(10))
    assert whole < 8 * half
    assert whole < 2500


# Whatever is forgotten, all is claimed that is claimed when nothing is: rather an end too many, and a longer time.
@whole_companies(60)
@given(company=companies())
def test_what_is_forgotten_hides_nothing_and_refutes_nothing(company: Company) -> None:
    exact = kept(company, 10**9)
    forgotten = kept(company, 0)
    assert forgotten.proved, forgotten.findings
    covers(forgotten, exact)


# A queue that has had the call is passed over, which ends with an apology and is heard in no other way.
def test_a_group_that_may_have_had_the_call_is_rung_and_is_passed_over() -> None:
    line = kept(parse(choosing(4)), 0).numbers[MAIN]
    assert "goodbye" in line.ends


@pytest.mark.parametrize("text", [choosing(4), typing(4), linked(5), nested()])
def test_what_is_forgotten_on_purpose_changes_no_claim(text: str) -> None:
    exact, forgotten = kept(parse(text), 10**9), kept(parse(text), 0)
    assert forgotten.spots <= exact.spots
    assert claims(forgotten.numbers[MAIN]) == claims(exact.numbers[MAIN])
    assert forgotten.findings == exact.findings


def kept(company: Company, most: int) -> Report:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(histories, "MOST_KEPT", most)
        return walk(company, NOVEMBER, FIVE)


def covers(more: Report, less: Report) -> None:
    """Hold the claims of one walk against those of another, which may be fewer."""
    for key, line in less.numbers.items():
        wider = more.numbers[key]
        assert set(line.ends) <= set(wider.ends)
        assert line.until_end.seconds <= wider.until_end.seconds < inf
        if line.until_ring:
            assert wider.until_ring
            assert line.until_ring.seconds <= wider.until_ring.seconds < inf
    assert {finding.path for finding in more.findings} <= {finding.path for finding in less.findings}


def claims(line: Line) -> tuple[Any, ...]:
    return line.ends, line.until_ring and line.until_ring.seconds, line.until_end.seconds


# A call comes to forty groups and no more (tests/calls/test_long_ways.py): who presses so many keys hears an apology.
def test_a_caller_who_can_come_to_too_many_groups_may_be_passed_on() -> None:
    few, many = (walk(parse(further(count)), NOVEMBER, FIVE).numbers[MAIN] for count in (6, 45))
    assert "goodbye" not in few.ends
    assert "goodbye" in many.ends
