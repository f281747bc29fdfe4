"""The proof can fail: break the flows, and the walk says so, where, and how a call gets there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from math import inf

import pytest

from config.company import Company
from flows import decide, listening, ringing
from flows.calls import Event, Silence
from flows.places import AtForward, AtMenu, AtMessage, AtScreen, OnHold, Place, Stage
from flows.routing import ROUTES
from flows.steps import Ask, Go, HangUp, Phrase, Ring, Say
from flows.walk.pace import Pace
from flows.walk.report import Finding, Report, walk
from flows.way import Way

NOVEMBER = datetime(2026, 11, 26, tzinfo=UTC)
FIVE = Pace(heard=lambda _: 5.0)
MAIN, DIRECT = "+34910000001", "+34910000002"


def walked(company: Company) -> Report:
    return walk(company, NOVEMBER, FIVE)


def refuted(company: Company) -> list[Finding]:
    return [finding for finding in walked(company).findings if finding.level == "error"]


Break = Callable[[type[Place], Callable[[Way, Place, Event], None]], None]


@pytest.fixture
def handled(monkeypatch: pytest.MonkeyPatch) -> Break:
    """Have a place handled otherwise."""

    def handled(kind: type[Place], handler: Callable[[Way, Place, Event], None]) -> None:
        monkeypatch.setitem(decide.HANDLERS, kind, handler)

    return handled


def test_the_sample_is_proved(sample: Company) -> None:
    report = walked(sample)
    assert report.proved
    assert report.findings == ()
    assert report.numbers.keys() == sample.numbers.keys()


# Every path ends with a person, a forward, a message or a stated goodbye.
def test_an_end_without_a_word_is_found(sample: Company, handled: Break) -> None:
    handled(AtForward, lambda way, _, __: way.end(HangUp()))
    (found,) = refuted(sample)
    assert (found.path, found.message) == ("forwarding", "the call ends without a word")
    assert found.how
    assert found.how.story[-1] == "nobody answers"


def test_a_document_after_which_nothing_comes_is_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def ends_open(way: Way) -> bool:
        way.end(Say(Phrase("goodbye")))
        return True

    monkeypatch.setitem(ROUTES.stages, "group", ends_open)
    assert {f.message for f in refuted(sample)} == {"the document ends, and nothing follows"}
    assert f"numbers.{MAIN}.group" in {f.path for f in refuted(sample)}


def test_a_decision_that_fails_is_found(sample: Company, handled: Break) -> None:
    def fails(_: Way, __: Place, ___: Event) -> None:
        raise LookupError("no such group")

    handled(AtMessage, fails)
    assert {f.message for f in refuted(sample)} == {"the decision fails: LookupError no such group"}


def test_a_ladder_without_a_last_rung_is_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.ringing._nobody", lambda *_, **__: None)
    assert {f.message for f in refuted(sample)} == {"the decision fails: ValueError no option always holds"}


# No path can loop without the caller doing something.
def test_a_menu_that_plays_for_ever_is_found(sample: Company, handled: Break) -> None:
    def again(way: Way, place: AtMenu, event: Event) -> None:
        if isinstance(event, Silence):
            listening.play_menu(way, place.menu, place.then, place.path, place.wrong)
        else:
            listening.at_menu(way, place, event)

    handled(AtMenu, again)  # type: ignore[arg-type]
    found = {finding.path: finding for finding in refuted(sample)}
    assert found.keys() == {"menus.main", "menus.support"}
    assert found["menus.main"].message == "a caller who does nothing goes round and round"
    assert found["menus.main"].how
    assert found["menus.main"].how.story[-1] == "nothing is pressed"
    assert walked(sample).numbers[MAIN].until_end.seconds == inf


def test_what_the_caller_does_himself_is_no_loop(sample: Company) -> None:
    assert sample.menus["main"].choices["0"] == "repeat"
    assert walked(sample).proved


def test_a_hold_that_never_ends_is_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_waited_seconds", lambda *_: 0)
    assert {(f.path, f.message) for f in refuted(sample)} == {
        ("groups.support", "a caller who does nothing goes round and round")
    }


def test_a_hold_that_begins_anew_is_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def anew(way: Way, key: str, then: Stage) -> None:
        ringing._wait(way, OnHold(group=key, since=int(way.now.timestamp()), then=then))

    monkeypatch.setattr(ringing, "_after_hold", anew)
    assert {(f.path, f.message) for f in refuted(sample)} == {
        ("groups.support", "a caller who does nothing goes round and round")
    }


def test_a_decision_that_never_comes_back_is_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringing, "_after_hold", lambda way, key, then: ringing.hold(way, key, then))
    assert any(f.message.startswith("the decision fails: RecursionError") for f in refuted(sample))


# Nobody rings for ever.
def test_members_who_ring_again_and_again_are_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ringing._ring_members

    def forgets(way: Way, after: ringing.AtGroup, offer: ringing.Offer) -> Ring:
        found = ring(way, after, offer)
        return replace(found, place=replace(found.place, tried=max(after.tried, 1)))  # type: ignore[type-var]

    monkeypatch.setattr(ringing, "_ring_members", forgets)
    assert {f.path for f in refuted(sample)} >= {"groups.sales", "groups.support"}


def test_a_ring_without_a_device_is_found(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = ringing._ring_members
    monkeypatch.setattr(ringing, "_ring_members", lambda *given: replace(ring(*given), legs=()))
    assert {f.message for f in refuted(sample)} == {"a ring without a device"}


def test_whoever_picks_up_is_not_asked_for_ever(sample: Company, handled: Break) -> None:
    def asks(way: Way, place: AtScreen, _: Event) -> None:
        way.end(Ask(heard=(Phrase("press_1"),), digits=1, wait=8, place=place), Go(place))

    handled(AtScreen, asks)  # type: ignore[arg-type]
    assert {f.message for f in refuted(sample)} == {"whoever picks up is asked for ever"}


def test_a_caller_who_hangs_up_frees_whom_he_held(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decide, "_gone", lambda way, _: way.end(HangUp()))
    assert {f.message for f in refuted(sample)} == {"the call ends without a word"}
