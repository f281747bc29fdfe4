"""Recording: from the answer on, both sides, and announced where the settings want it."""

from __future__ import annotations

import pytest

from simulator import Caller
from tests.calls.companies import MAIN, MOBILES, OFFICE, OUTSIDE, OpenHouse, acme, number, sales, say
from tests.calls.conftest import Why
from tests.providers import needs

NOTICE = "Esta llamada puede ser grabada"


def recordings(caller: Caller) -> list[tuple[str, str, str]]:
    """What the provider told of each recording: status, channels, seconds."""
    told = [w.params for w in caller.call.webhooks if "RecordingStatus" in w.params]
    return [(p["RecordingStatus"], p["RecordingChannels"], p["RecordingDuration"]) for p in told]


# "`record: true` records from the moment somebody answers, two channels."
@needs("recording")
def test_a_talk_is_recorded_from_the_answer_on(open_house: OpenHouse, why: Why) -> None:
    house = open_house(acme(numbers=number(record=True)))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").waits(9).answers("ana").talks_to("ana", 40)
    caller.other_side_hangs_up().ended()
    assert recordings(caller) == [("completed", "2", "40")]
    assert "A recording of 40 seconds is ready." in why(house, caller)


# A forward is recorded by the same rule; the question before it is not part of the talk.
@needs("whisper")
def test_a_forward_is_recorded_too(open_house: OpenHouse) -> None:
    ana = MOBILES["ana"]
    settings = acme(groups=sales(members=[], no_answer={"forward_to_mobile": "ana"}), numbers=number(record=True))
    caller = Caller(open_house(settings).exchange).dials(MAIN).waits(6).answers(ana).waits(2).accepts(ana)
    caller.talks_to(ana, 25).other_side_hangs_up().ended()
    assert recordings(caller) == [("completed", "2", "25")]


def test_without_record_nothing_is_recorded(open_house: OpenHouse) -> None:
    caller = Caller(open_house(acme()).exchange).dials(MAIN).answers("ana").talks_to("ana").other_side_hangs_up()
    assert recordings(caller) == []
    assert caller.exchange.recordings == {}


# "A caller who hangs up before that is never recorded": while it rings, in the greeting, or when nobody answers.
def test_a_caller_who_hangs_up_before_the_answer_is_not_recorded(open_house: OpenHouse) -> None:
    house = open_house(acme(numbers=number(record=True, greeting=say("Hola."))))
    caller = Caller(house.exchange).dials(MAIN).hangs_up().dials(MAIN).stays_silent().rings("ana").waits(5).hangs_up()
    caller.dials(MAIN).stays_silent()
    for _ in range(4):
        caller.nobody_answers()
    caller.ended()
    assert house.exchange.recordings == {}


# "`record_notice` says so first."
@pytest.mark.parametrize("greeting", [None, say("Hola.")])
def test_the_notice_is_heard_before_anything_else(open_house: OpenHouse, greeting: dict[str, str] | None) -> None:
    house = open_house(acme(numbers=number(record=True, record_notice=True, greeting=greeting)))
    caller = Caller(house.exchange).dials(MAIN).hears(NOTICE)
    heard = [line.text for line in caller.call.transcript if line.kind == "say"]
    assert heard[0].startswith(NOTICE)
    assert len([text for text in heard if NOTICE in text]) == 1


def test_the_notice_is_heard_before_a_forward_at_once(open_house: OpenHouse) -> None:
    settings = acme(groups=sales(members=[]), numbers=number(record=True, record_notice=True))
    Caller(open_house(settings).exchange).dials(MAIN).hears(NOTICE).is_forwarded_to(OUTSIDE)


# The notice comes once, not with every answer.
def test_the_notice_is_not_repeated(open_house: OpenHouse) -> None:
    house = open_house(acme(numbers=number(record=True, record_notice=True)))
    Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().does_not_hear(NOTICE).rings("luis")


# Without recording there is nothing to announce.
def test_without_record_there_is_no_notice(open_house: OpenHouse) -> None:
    house = open_house(acme(numbers=number(record_notice=True)))
    Caller(house.exchange).dials(MAIN).does_not_hear(NOTICE).rings("ana")


# To say something would answer, and charge, a call that is to be declined.
def test_a_call_that_is_declined_hears_no_notice(open_house: OpenHouse) -> None:
    rules = number(record=True, record_notice=True, schedule="office")
    settings = acme(schedules={"office": OFFICE}, blocked=["+34900000000"], numbers=rules)
    house = open_house(settings, when="2026-11-24 20:00")
    caller = Caller(house.exchange).dials(MAIN).is_rejected("busy").does_not_hear(NOTICE)
    assert not caller.call.answered
    Caller(house.exchange, "+34900000000").dials(MAIN).is_rejected("rejected").does_not_hear(NOTICE)


# In the language of the number.
def test_the_notice_speaks_the_language_of_the_number(open_house: OpenHouse) -> None:
    house = open_house(acme(numbers=number(record=True, record_notice=True, language="en")))
    Caller(house.exchange).dials(MAIN).hears("This call may be recorded")
