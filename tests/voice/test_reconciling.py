"""What the provider knows and we do not: calls that never reached us, and customers who were called back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from simulator.rest import RestError
from tests.voice.paper import CUSTOMER, MAIN, OTHER, Paper, incoming, outgoing, run
from tests.voice.provider import NOW, Side, provider_side
from voice.ending import reconciling
from voice.ending.reconciling import confirm
from voice.provider import rest as client
from voice.provider.rest import ProviderError

MOBILE = "+34600111222"


@pytest.fixture
def side() -> Iterator[Side]:
    """A provider and our client."""
    with provider_side() as side:
        yield side


@pytest.fixture
def paper() -> Paper:
    """Books with nothing in them."""
    return Paper()


# … and also finds calls of the last day that we have never heard of (issue 3, part 1).
def test_a_call_that_nobody_told_us_of_is_put_on_file_with_its_legs(side: Side, paper: Paper) -> None:
    sid = incoming(side)
    dialled = {"from_": CUSTOMER, "direction": "outbound-dial", "parent": sid}
    incoming(side, to="client:ana", seconds=None, status="no-answer", ago=3590, **dialled)
    incoming(side, to=MOBILE, seconds=31, ago=3570, **dialled)
    assert run(side, paper) is None
    [(closed, legs)] = paper.closed
    assert closed == sid
    assert [(leg.to, leg.status, leg.seconds) for leg in legs] == [
        ("client:ana", "no-answer", 0),
        (MOBILE, "completed", 31),
    ]
    assert paper.called_back == []  # a forward is nobody's call back


def test_what_is_on_file_stays_as_it_is(side: Side, paper: Paper) -> None:
    paper.known = {incoming(side), incoming(side, to=OTHER)}
    assert run(side, paper) is None
    assert paper.closed == []


def test_twice_is_as_good_as_once(side: Side, paper: Paper) -> None:
    incoming(side)
    outgoing(side)
    run(side, paper)
    once = list(paper.called_back)
    run(side, paper)
    assert len(paper.closed) == 1
    assert set(paper.called_back) == set(once)


@pytest.mark.parametrize("status", ["completed", "busy", "no-answer", "failed", "canceled"])
def test_every_end_counts(side: Side, paper: Paper, status: str) -> None:
    incoming(side, status=status, seconds=None)
    run(side, paper)
    assert len(paper.closed) == 1


@pytest.mark.parametrize("status", ["queued", "ringing", "in-progress"])
def test_a_call_that_is_up_is_left_alone(side: Side, paper: Paper, status: str) -> None:
    incoming(side, status=status, seconds=None)
    run(side, paper)
    assert paper.closed == []


# We may be about to hear of it: its callback is on its way, or the job that settles it has not run yet.
@pytest.mark.parametrize(("ended", "found"), [(119, 0), (121, 1)])
def test_a_call_that_has_just_ended_is_left_for_the_next_time(side: Side, paper: Paper, ended: int, found: int) -> None:
    incoming(side, seconds=60, ago=ended + 60)
    run(side, paper)
    assert len(paper.closed) == found


def test_only_the_last_day_is_looked_at(side: Side, paper: Paper) -> None:
    incoming(side, ago=24 * 3600 + 1)
    late = incoming(side, ago=24 * 3600 - 1)
    run(side, paper)
    assert [sid for sid, _ in paper.closed] == [late]


# An account may carry other companies' numbers too, and other applications.
def test_calls_to_other_numbers_are_not_ours(side: Side, paper: Paper) -> None:
    incoming(side, to="+34910999999")
    incoming(side, to=CUSTOMER, from_="client:ana")
    incoming(side, to="sip:101@acme.example.com")
    run(side, paper)
    assert len(paper.closed) == 1


# A caller who was called back is settled (issue 3, part 9): by the API, by a PBX's trunk, from a browser or SIP phone.
@pytest.mark.parametrize("direction", ["outbound-api", "outbound-dial", "trunking-terminating"])
def test_a_call_of_ours_is_a_call_back(side: Side, paper: Paper, direction: str) -> None:
    outgoing(side, direction=direction)
    run(side, paper)
    assert paper.called_back == [(CUSTOMER, NOW - timedelta(seconds=1800), f"called from {MAIN}")]
    assert paper.closed == []


@pytest.mark.parametrize("phone", ["client:ana", "sip:ana@acme.sip.example.com"])
def test_a_dial_from_a_phone_of_ours_is_a_call_back(side: Side, paper: Paper, phone: str) -> None:
    parent = incoming(side, from_=phone, to=CUSTOMER, ago=1810)
    outgoing(side, direction="outbound-dial", parent=parent)
    run(side, paper)
    assert [(number, how) for number, _, how in paper.called_back] == [(CUSTOMER, f"called from {phone}")]


# Click to call: the API rings the employee, and the customer is dialled from there.
def test_a_dial_from_a_call_that_the_api_placed_is_a_call_back(side: Side, paper: Paper) -> None:
    parent = outgoing(side, to="client:ana", ago=1900)
    outgoing(side, direction="outbound-dial", parent=parent)
    run(side, paper)
    assert [number for number, _, _ in paper.called_back] == [CUSTOMER]


# Forwards are legs of calls that came in; so is a call that reached us over a PBX's SIP trunk.
@pytest.mark.parametrize("caller", [CUSTOMER, "sip:+34600000001@pbx.example.com", "anonymous"])
@pytest.mark.parametrize("on_file", [True, False])
def test_a_forward_is_no_call_back(side: Side, paper: Paper, caller: str, on_file: bool) -> None:
    parent = incoming(side, from_=caller, ago=1810)
    if on_file:
        paper.known = {parent}
    outgoing(side, to=MOBILE, direction="outbound-dial", parent=parent)
    run(side, paper)
    assert paper.called_back == []


# … even while the caller is still on the line, leaving a message say, so that his call is not on file.
@pytest.mark.parametrize("caller", [CUSTOMER, "sip:+34600000001@pbx.example.com"])
def test_a_forward_of_a_call_that_is_up_is_no_call_back(side: Side, paper: Paper, caller: str) -> None:
    parent = incoming(side, from_=caller, status="in-progress", seconds=None, ago=1810)
    outgoing(side, to=MOBILE, direction="outbound-dial", parent=parent)
    run(side, paper)
    assert paper.called_back == []


def test_a_forward_whose_call_is_on_another_page_is_no_call_back(
    side: Side, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CALLS_ON_A_PAGE", 1)
    parent = incoming(side, to="+34910999999", ago=1810)
    outgoing(side, to=MOBILE, direction="outbound-dial", parent=parent)
    outgoing(side, direction="outbound-dial", parent="CA of a call that is gone")
    run(side, paper)
    assert paper.called_back == []


@pytest.mark.parametrize(
    "more",
    [
        {"seconds": 0},
        {"seconds": None, "status": "no-answer"},
        {"status": "in-progress"},
        {"to": "client:ana"},
        {"to": "sip:luis@acme.example.com"},
        {"to": OTHER},
    ],
)
def test_what_reached_no_customer_is_no_call_back(side: Side, paper: Paper, more: dict[str, Any]) -> None:
    outgoing(side, **more)
    run(side, paper)
    assert paper.called_back == []


# Bounded: a run closes so many calls and turns so many pages, and says where the next has to go on.
@pytest.mark.parametrize("on_a_page", [1, 3, 4, 50])
def test_a_run_is_bounded_and_the_next_goes_on(
    side: Side, paper: Paper, monkeypatch: pytest.MonkeyPatch, on_a_page: int
) -> None:
    monkeypatch.setattr(client, "CALLS_ON_A_PAGE", on_a_page)
    monkeypatch.setattr(reconciling, "MOST_CLOSED", 3)
    for ago in range(10):
        incoming(side, ago=600 + ago)
    page, lengths = run(side, paper), [len(paper.closed)]
    while page and len(lengths) < 9:
        page = run(side, paper, page)
        lengths.append(len(paper.closed))
    assert lengths == [3, 6, 9, 10]
    assert page is None


def test_so_many_pages_are_turned_in_a_run(side: Side, paper: Paper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CALLS_ON_A_PAGE", 2)
    monkeypatch.setattr(reconciling, "MOST_PAGES", 2)
    sids = [incoming(side, ago=600 + ago) for ago in range(7)]
    page = run(side, paper)
    assert [sid for sid, _ in paper.closed] == sids[:4]
    assert run(side, paper, page) is None
    assert [sid for sid, _ in paper.closed] == sids


def test_what_was_done_before_the_provider_failed_stays_done(side: Side, paper: Paper) -> None:
    for ago in range(3):
        incoming(side, ago=600 + ago)

    def fail_after_two_calls() -> None:
        if len(paper.closed) == 2:
            raise RestError(500, 20500, "Internal Server Error")

    side.rest.delay = fail_after_two_calls
    with pytest.raises(ProviderError):
        run(side, paper)
    assert len(paper.closed) == 2


# One question of the books for the calls of a page, and one for its legs: a day of a large company is not 10,000.
def test_the_books_are_asked_by_the_page(side: Side, paper: Paper) -> None:
    for ago in range(200):
        parent = incoming(side, ago=600 + ago)
        outgoing(side, to=MOBILE, direction="outbound-dial", parent=parent, ago=600 + ago)
        paper.known.add(parent)
    run(side, paper)
    assert paper.asked == 2
    assert len(side.rest.requests) == 1


def test_silent_calls_are_closed_when_they_are_over(side: Side) -> None:
    over, up = incoming(side), incoming(side, status="in-progress", seconds=None)
    closed: list[tuple[str, str | None]] = []
    still_up: list[str] = []
    count = confirm(
        side.api,
        [over, up, "CA nowhere"],
        NOW,
        close=lambda call_id, found: closed.append((call_id, found.status if found else None)),
        still_up=still_up.append,
    )
    assert closed == [(over, "completed"), ("CA nowhere", None)]
    assert count == 2
    assert still_up == [up]


# A long talk is silent, and when it has just ended the provider is telling of it at this moment. A clock of the
# provider's that is wrong keeps nobody busy.
@pytest.mark.parametrize(("ended", "closes"), [(0, False), (59, False), (60, True), (-59, False), (-3600, True)])
def test_a_call_whose_end_is_just_being_told_is_left_for_the_next_time(
    side: Side, caplog: pytest.LogCaptureFixture, ended: int, closes: bool
) -> None:
    sid = incoming(side, seconds=300, ago=300 + ended)
    closed: list[str] = []
    count = confirm(side.api, [sid], NOW, close=lambda call_id, _: closed.append(call_id), still_up=closed.append)
    assert (count, closed) == ((1, [sid]) if closes else (0, []))
    assert ("nobody told us" in caplog.text) is closes


def test_a_provider_that_cannot_be_asked_closes_nothing(side: Side, caplog: pytest.LogCaptureFixture) -> None:
    sids = [incoming(side), incoming(side)]
    side.rest.break_down("500", times=9)
    closed: list[str] = []
    confirm(side.api, sids, NOW, close=lambda call_id, _: closed.append(call_id), still_up=closed.append)
    assert closed == []
    assert len(side.rest.requests) == 0
    assert caplog.text.count("could not be confirmed") == 1
