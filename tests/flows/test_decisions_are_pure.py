"""decide() is pure: what goes in is all that counts, and every ladder has a rung that holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.company import Company
from flows.callers import ListedCallers
from flows.calls import Arrived, Call, DialEnded, Event, Gone, Keys, Lost, MessageLeft, Silence
from flows.decide import HANDLERS, decide
from flows.live import Asked, Blind, Blocked, Live, MayDial, Need, Offer, PickedUp, SomebodyFree
from flows.places import (
    AtEmployee,
    AtExtension,
    AtForward,
    AtGroup,
    AtMenu,
    AtMessage,
    AtScreen,
    Entrance,
    Nowhere,
    OnHold,
    Place,
)
from flows.steps import Ask, Decline, Go, HangUp, Nothing, Ring, Step, TakeMessage
from flows.way import Desk
from tests.examples import examples
from tests.moments import OPEN, at

MAIN, PBX = "+34910000001", "sip:pbx.acme.sip.example.com"
SINCE = int(at(OPEN).timestamp()) - 60

PLACES: list[Place] = [
    Entrance(),
    Nowhere(step=3),
    AtExtension(step=1, then="menu"),
    AtExtension(step=2, then="group", wrong=1),
    AtMenu(step=1, then="responsible", menu="main"),
    AtMenu(step=2, then="responsible", menu="support", path=("main",), wrong=2),
    AtEmployee(step=2, then="menu", employee="ana", rule=f"numbers.{MAIN}.extensions.no_answer"),
    AtGroup(step=2, then="otherwise", groups=("sales",), group="sales", tried=1, rang=1),
    AtGroup(step=5, then="otherwise", groups=("support",), group="support", tried=7, rang=4, since=SINCE),
    OnHold(step=3, then="otherwise", groups=("support",), group="support", since=SINCE),
    OnHold(step=9, then="otherwise", groups=("support",), group="support", since=SINCE - 3600, told=3),
    AtForward(step=4, mailbox="group:sales", employee="ana", screened=1),
    AtScreen(step=4, employee="ana"),
    AtScreen(step=4, employee="ana", asked=1),
    AtMessage(step=5, mailbox="group:sales"),
]

calls = st.builds(
    Call,
    id=st.just("CA1"),
    number=st.sampled_from([MAIN, "+34910000002", "+34910000003", PBX, None]),
    caller=st.sampled_from(["+34600000001", "+34600222001", "+34900000000", None]),
    called=st.sampled_from([MAIN, "sip:103@pbx.acme.sip.example.com", ""]),
)
KEYS = ["0", "1", "2", "3", "4", "9", "*", "101", "300", "999", "²"]
STATUSES = ["completed", "no-answer", "busy", "failed", "canceled", ""]
events: st.SearchStrategy[Event] = st.one_of(
    st.just(Arrived()),
    st.just(Silence()),
    st.just(Lost()),
    st.builds(Gone, spoke=st.none() | st.builds(DialEnded, st.just("completed"), st.just(True), st.integers(1, 99))),
    st.builds(Keys, st.sampled_from(KEYS) | st.text(min_size=1)),
    st.builds(DialEnded, st.sampled_from(STATUSES), bridged=st.sampled_from([True, False, None])),
    st.builds(MessageLeft, st.integers(0, 120)),
)  # fmt: skip
moments = st.datetimes(datetime(2026, 11, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001


@dataclass
class Witness:
    """A live state that takes a rung of the test's choice, and keeps what it was asked."""

    rung: int = 0
    asked: list[Asked] = field(default_factory=list)

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Take the chosen rung, or the last where there are not so many."""
        self.asked.append(asked)
        index = min(self.rung, len(asked.ladder) - 1)
        need = asked.ladder[index].need
        who = (need.candidates[0].employee,) if isinstance(need, SomebodyFree) else ()
        return lambda: Offer(index=index, at=asked.now, who=who, position=2)


def taken(company: Company, live: Live, call: Call, place: Place, event: Event, now: datetime) -> tuple[Step, ...]:
    """The steps of one decision."""
    desk = Desk(company=company, live=live, callers=ListedCallers(company))
    return decide(desk, call, place, event, now, render=lambda steps: steps)


# flows/ takes a call, a place, an event, the company and the time, and returns a decision (STYLE 1).
@settings(max_examples=examples(300), deadline=None)
@given(call=calls, place=st.sampled_from(PLACES), event=events, now=moments)
def test_the_same_question_has_the_same_answer(
    sample: Company, call: Call, place: Place, event: Event, now: datetime
) -> None:
    first, second = Blind(), Blind()
    assert taken(sample, first, call, place, event, now) == taken(sample, second, call, place, event, now)
    assert first.heard == second.heard
    assert all("code" in note for note in first.heard)


@settings(max_examples=examples(300), deadline=None)
@given(call=calls, place=st.sampled_from(PLACES), event=events, now=moments, rung=st.integers(0, 3))
def test_every_ladder_ends_on_a_rung_that_holds(
    sample: Company, call: Call, place: Place, event: Event, now: datetime, rung: int
) -> None:
    witness = Witness(rung=rung)
    steps = taken(sample, witness, call, place, event, now)
    [asked] = witness.asked
    assert [may_fail(option.need) for option in asked.ladder] == [True] * (len(asked.ladder) - 1) + [False]
    assert asked.step == place.step + 1
    assert leads_on(steps)


def may_fail(need: Need | None) -> bool:
    """Whether the live state may find that a need cannot be met."""
    if isinstance(need, MayDial):
        return need.minimum_balance is not None
    return isinstance(need, SomebodyFree | PickedUp | Blocked)


def leads_on(steps: tuple[Step, ...]) -> bool:
    """Whether the document ends the call, lets it run on, or has the provider come back."""
    return isinstance(steps[-1], Go | HangUp | Ring | TakeMessage | Decline | Nothing)


# Everything ends: each step is counted, so that no two questions of a call are alike.
@settings(max_examples=examples(200), deadline=None)
@given(call=calls, place=st.sampled_from(PLACES), event=events, now=moments, rung=st.integers(0, 3))
def test_the_next_place_is_one_step_further(
    sample: Company, call: Call, place: Place, event: Event, now: datetime, rung: int
) -> None:
    for step in taken(sample, Witness(rung=rung), call, place, event, now):
        if isinstance(step, Ask | Go | Ring | TakeMessage) and not isinstance(step.place, AtScreen):
            assert step.place.step == place.step + 1


def test_every_kind_of_place_is_tried_here() -> None:
    assert {type(place) for place in PLACES} == HANDLERS.keys()


# Asking again for the same place of the same call gives the same answer (DESIGN section 3): to the minute.
def test_a_repeated_request_is_answered_by_the_time_of_the_first(sample: Company) -> None:
    closing = at("2026-11-24 17:59:59")

    class Memory(Witness):
        def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
            self.asked.append(asked)
            return lambda: Offer(index=1, at=closing)  # before it, the block list is asked

    memory = Memory()
    call = Call(id="CA1", number=MAIN, caller="+34600000001", called=MAIN)
    late = taken(sample, memory, call, Entrance(), Arrived(), closing + timedelta(seconds=2))
    assert late == taken(sample, Blind(), call, Entrance(), Arrived(), closing)
    assert late != taken(sample, Blind(), call, Entrance(), Arrived(), closing + timedelta(seconds=2))


def test_what_is_rendered_while_the_live_state_is_asked_is_what_is_answered(sample: Company) -> None:
    rendered: list[tuple[Step, ...]] = []

    def render(steps: tuple[Step, ...]) -> int:
        rendered.append(steps)
        return len(rendered)

    call = Call(id="CA1", number=MAIN, caller="+34600000001", called=MAIN)
    desk = Desk(company=sample, live=Witness(rung=1), callers=ListedCallers(sample))
    assert decide(desk, call, Entrance(), Arrived(), at(OPEN), render=render) == 1
    assert len(rendered) == 1


# A repeated request must have the same key, and another event another one.
def test_events_are_told_apart_by_their_keys(sample: Company) -> None:
    call = Call(id="CA1", number=MAIN, caller="+34600000001", called=MAIN)
    menu = AtMenu(step=1, then="responsible", menu="main")

    def key(place: Place, event: Event) -> str:
        witness = Witness()
        taken(sample, witness, call, place, event, at(OPEN))
        return witness.asked[0].key

    assert key(menu, Keys("1")) == key(menu, Keys("1"))
    assert key(menu, Keys("1")) != key(menu, Keys("2"))
    assert key(menu, Keys("1")) != key(menu, Silence())
    assert key(AtMenu(step=2, then="responsible", menu="main"), Keys("1")) != key(menu, Keys("1"))
    forward = AtForward(step=1, mailbox="", screened=1)
    ended = [DialEnded("completed", bridged) for bridged in (True, False, None)]
    assert len({key(forward, event) for event in ended}) == 3


# A forward may be dialled whoever is busy: only money stops it (DESIGN section 3).
@pytest.mark.parametrize(("number", "minimum"), [(MAIN, 2.0), (PBX, None)])
def test_a_rented_number_needs_a_balance_and_a_sip_number_does_not(
    sample: Company, number: str, minimum: float | None
) -> None:
    witness = Witness()
    place = AtEmployee(step=2, then="menu", employee="eva", rule=f"numbers.{MAIN}.extensions.no_answer")
    call = Call(id="CA1", number=number, caller="+34600000001", called=number)
    taken(sample, witness, call, place, DialEnded("no-answer", bridged=False), at(OPEN))
    need = witness.asked[0].ladder[0].need
    assert isinstance(need, MayDial)
    assert (need.minimum_balance, need.employee) == (minimum, "eva")
