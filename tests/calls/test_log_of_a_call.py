"""The log says of every call that it comes and how it ended: whoever collects logs can follow it by its id."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import pytest

from simulator import Caller
from tests.calls.companies import CUSTOMER, MAIN, OpenHouse, acme, sales
from tests.databases import tables_are_away
from tests.providers import needs
from tests.providers import real as real_provider

Lines = Callable[[], list[str]]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Lines]:
    """What is said of calls, at the level that is there by default."""
    with caplog.at_level(logging.INFO, "ringpath.calls"):
        yield lambda: [f"{r.levelname} {r.getMessage()}" for r in caplog.records if r.name == "ringpath.calls"]


ARRIVES = f"INFO {CUSTOMER} calls {MAIN} (Principal)"


@needs("talk")
def test_one_line_when_a_call_comes_and_one_when_it_is_over(open_house: OpenHouse, lines: Lines) -> None:
    caller = Caller(open_house(acme(groups=sales(members=["ana"]))).exchange, CUSTOMER).dials(MAIN).rings("ana")
    assert lines() == [ARRIVES]
    caller.answers("ana").waits(65).hangs_up().ended()
    assert lines()[1:] == [f"INFO over after 65 s: {CUSTOMER} called {MAIN} (Principal): answered (200), 65 s of talk"]


def test_how_a_call_ended_that_nobody_took(open_house: OpenHouse, lines: Lines) -> None:
    house = open_house(acme(groups=sales(members=["ana"], ring_seconds=20)))
    Caller(house.exchange, "anonymous").dials(MAIN).rings("ana").waits(9).hangs_up().ended()
    assert lines()[0] == f"INFO a withheld number calls {MAIN} (Principal)"
    assert lines()[1:] == [
        f"INFO over after 9 s: a withheld number called {MAIN} (Principal): abandoned (603-S), 0 s of talk"
    ]


def test_at_warning_only_what_is_wrong_is_said(
    open_house: OpenHouse, lines: Lines, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "ringpath.calls")
    house = open_house(acme())
    Caller(house.exchange).dials(MAIN).answers("ana").hangs_up().ended()
    assert lines() == []
    Caller(house.exchange).dials("+34910009999").ended()
    (said,) = lines()
    assert said.startswith("WARNING call ")
    assert said.endswith("to '+34910009999': none of our numbers; apologised")


# What is tried on a page is no call: whoever counts lines counts callers.
def test_a_rehearsal_is_not_said(open_house: OpenHouse, lines: Lines) -> None:
    house = open_house(acme(groups=sales(members=["ana"])), provider=real_provider())
    line = house.app.extensions["reception"].telephone(None)
    line.telephone.dial(from_=CUSTOMER, to=MAIN)
    line.close()
    assert lines() == []


# The provider tells of the end again, when nothing could take it; that it is over is said once it is on file.
def test_an_end_that_is_not_on_file_is_no_line_of_its_own(open_house: OpenHouse, lines: Lines) -> None:
    house = open_house(acme(groups=sales(members=["ana"])))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana")
    with tables_are_away(house.engine, "calls"):
        caller.hangs_up()
    assert lines() == [ARRIVES]
