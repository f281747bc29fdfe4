"""What may not stop, spoil or draw out a comparison with the provider: slowness, an odd call, a wrong account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import pytest
from rq.timeouts import JobTimeoutException

from calls.database import Unfit
from calls.details import LegFact
from tests.voice.paper import CUSTOMER, MAIN, Paper, incoming, outgoing, run
from tests.voice.provider import ACCOUNT, NOW, PATIENT, TOKEN, Side, provider_side
from voice.ending import reconciling
from voice.ending.reconciling import WORKS_FOR, Books, confirm
from voice.provider import rest as client
from voice.provider.call_list import ProviderCall
from voice.provider.rest import ProviderApi

SLOW = 4.0
"""Seconds that the provider takes for an answer, by the clock of the test."""

ANSWERS = int(WORKS_FOR / SLOW)

ODD = "+999"


@pytest.fixture
def side() -> Iterator[Side]:
    """A provider and our client."""
    with provider_side() as side:
        yield side


@pytest.fixture
def clock(side: Side) -> Callable[[], float]:
    """A clock on which every answer of the provider takes long, and nothing else any time."""
    return lambda: len(side.rest.requests) * SLOW


def confirmed(side: Side, silent: list[str], clock: Callable[[], float] = lambda: 0.0) -> list[str]:
    """Ask after calls; returns those that were closed."""
    closed: list[str] = []
    close = lambda call_id, _: closed.append(call_id)  # noqa: E731
    confirm(side.api, silent, NOW, close=close, still_up=lambda call_id: None, clock=clock)
    return closed


def test_the_jobs_are_done_long_before_rq_ends_them() -> None:
    longest_question = sum(client.TIMEOUTS) + client.ANSWER_WITHIN
    assert WORKS_FOR + 2 * longest_question < 180


def test_a_slow_provider_is_asked_after_a_few_silent_calls(side: Side, clock: Callable[[], float]) -> None:
    sids = [incoming(side, ago=600 + ago) for ago in range(20)]
    assert confirmed(side, sids, clock) == sids[:ANSWERS]


# The list is one question, and every call another; the next run goes on where this one stopped.
def test_a_slow_provider_is_gone_through_in_several_runs(side: Side, clock: Callable[[], float]) -> None:
    paper = Paper()
    sids = [incoming(side, ago=600 + ago) for ago in range(9)]
    rest, lengths = run(side, paper, clock=clock), [len(paper.closed)]
    while rest and len(lengths) < 9:
        rest = run(side, paper, rest, clock=clock)
        lengths.append(len(paper.closed))
    assert lengths == [ANSWERS - 1, 2 * (ANSWERS - 1), 9]
    assert [sid for sid, _ in paper.closed] == sids


# Each parent that is nowhere to be seen costs a question, again in every run that begins with the page.
def test_who_was_called_back_is_found_out_in_several_runs(side: Side, clock: Callable[[], float]) -> None:
    paper = Paper()
    customers = [f"{CUSTOMER}{number}" for number in range(9)]
    for number, customer in enumerate(customers):
        parent = outgoing(side, to="client:ana", ago=2 * 24 * 3600)  # out of sight, and there when it is asked for
        outgoing(side, to=customer, direction="outbound-dial", parent=parent, ago=600 + number)
    rest, runs = run(side, paper, clock=clock), 1
    while rest and runs < 9:
        rest, runs = run(side, paper, rest, clock=clock), runs + 1
    assert [number for number, _, _ in paper.called_back] == customers
    assert runs == 3


def test_pages_with_nothing_to_be_done_are_turned_for_so_long(
    side: Side, clock: Callable[[], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "CALLS_ON_A_PAGE", 1)
    paper = Paper()
    paper.known = {incoming(side, ago=600 + ago) for ago in range(9)}
    rest = run(side, paper, clock=clock)
    assert len(side.rest.requests) == ANSWERS
    assert run(side, paper, rest, clock=clock) is None
    assert len(side.rest.requests) == 9


# A provider that takes all the time there is for one answer, is got through all the same.
def test_every_run_does_something(side: Side) -> None:
    paper = Paper()
    for ago in range(3):
        incoming(side, ago=600 + ago)
    rest, runs = run(side, paper, clock=lambda: len(side.rest.requests) * 2 * WORKS_FOR), 1
    while rest and runs < 9:
        rest = run(side, paper, rest, clock=lambda: len(side.rest.requests) * 2 * WORKS_FOR)
        runs += 1
    assert len(paper.closed) == runs == 3


UNFIT = Unfit("INSERT", {}, Exception("value too long for type character varying(64)\nDETAIL: a customer"))


@dataclass
class Refusing(Paper):
    """Books that refuse the calls of one caller, and to note that one customer was called back."""

    error: Exception = UNFIT

    @property
    def books(self) -> Books:
        return replace(super().books, called_back=self.note)

    def close(self, call: ProviderCall, legs: tuple[LegFact, ...]) -> None:
        if call.from_ == ODD:
            raise self.error
        super().close(call, legs)

    def note(self, number: str, when: datetime, how: str) -> None:
        if number == ODD:
            raise self.error
        self.called_back.append((number, when, how))


def test_a_call_that_sql_finds_unfit_does_not_keep_the_others(side: Side, caplog: pytest.LogCaptureFixture) -> None:
    paper = Refusing()
    odd, fine = incoming(side, from_=ODD, ago=600), incoming(side, ago=700)
    outgoing(side, to=ODD, ago=800)
    outgoing(side, ago=900)
    assert run(side, paper) is None
    assert [sid for sid, _ in paper.closed] == [fine]
    assert [number for number, _, _ in paper.called_back] == [CUSTOMER]
    assert f"call {odd} cannot be put on file: value too long" in caplog.text
    assert "a customer" not in caplog.text


# … nor do many of them: the next run goes on after them.
def test_calls_that_are_unfit_do_not_stop_every_run_at_one_place(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "MOST_CLOSED", 2)
    paper = Refusing()
    for ago in range(4):
        incoming(side, from_=ODD, ago=600 + ago)
    fine = incoming(side, ago=700)
    rest = run(side, paper)
    while rest:
        rest = run(side, paper, rest)
    assert [sid for sid, _ in paper.closed] == [fine]


# rq's timeout is an Exception, and no fault of a call.
def test_a_job_that_is_ended_ends(side: Side) -> None:
    incoming(side, from_=ODD)
    with pytest.raises(JobTimeoutException):
        run(side, Refusing(error=JobTimeoutException()))

    def end() -> None:
        raise JobTimeoutException

    with pytest.raises(JobTimeoutException):
        confirm(side.api, [incoming(side)], NOW, close=lambda *_: end(), still_up=lambda _: None)


def stranger(side: Side, *, account: str = ACCOUNT, path: str = "", monkeypatch: pytest.MonkeyPatch) -> Side:
    """The same provider, asked in the name of another account or below another path, and saying 404 to it."""
    monkeypatch.setattr(side.rest, "_check_login", lambda _: None)
    api = ProviderApi(base=f"{side.url}{path}", account_sid=account, auth_token=TOKEN, timeouts=PATIENT)
    return replace(side, api=api)


@pytest.mark.parametrize("more", [{"account": "AC" + "9" * 32}, {"path": "/elsewhere"}])
def test_who_is_not_known_to_the_provider_ends_nothing(
    side: Side, more: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sids = [incoming(side, status="in-progress", seconds=None) for _ in range(3)]
    wrong = stranger(side, monkeypatch=monkeypatch, **more)
    assert confirmed(wrong, sids) == []
    [said] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert "TWILIO_ACCOUNT_SID" in said
    assert "TWILIO_API_URL" in said
    assert len(side.rest.requests) <= 2


def test_whether_we_are_known_is_asked_once_in_a_run_and_only_when_a_call_is_not(side: Side) -> None:
    over = incoming(side)
    assert confirmed(side, [over]) == [over]
    assert len(side.rest.requests) == 1
    assert confirmed(side, ["CA1", over, "CA2", "CA3"]) == ["CA1", over, "CA2", "CA3"]
    assert [path.rpartition("/")[2] for _, path, _ in side.rest.requests[1:]] == [
        "CA1.json",
        "Calls.json",
        f"{over}.json",
        "CA2.json",
        "CA3.json",
    ]


def test_a_provider_that_does_not_say_whether_it_knows_us_ends_nothing(
    side: Side, caplog: pytest.LogCaptureFixture
) -> None:
    side.rest.break_down("500", on="Calls.json")
    assert confirmed(side, ["CA1", incoming(side, from_=MAIN)]) == []
    assert "call CA1 could not be confirmed" in caplog.text
