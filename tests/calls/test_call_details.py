"""Call details: each outcome with its code, its owner and its times, as whole calls come to them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from redis import Redis

from calls.details import LegFact
from calls.outcomes import OUTCOMES
from live.state import RedisLive
from simulator import Caller
from tests.calls.companies import (
    CUSTOMER,
    KNOWN,
    MAIN,
    MOBILES,
    OFFICE,
    OUTSIDE,
    OpenHouse,
    acme,
    number,
    sales,
    sip,
)
from tests.calls.companies import SWITCHBOARD as PBX
from tests.calls.journeys import SAYING_NOTHING
from tests.calls.on_file import details, on_file, settle
from tests.providers import chooses_providers, needs

CLOSED = "2026-11-24 20:00"
Play = Callable[[Caller], Any]

ROUND = acme(groups=sales(members=["ana", "luis"], ring_seconds=20, no_answer="voicemail"))
"""Ana, then Luis, then a message."""

TO_MOBILE = acme(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"}))
OUTSIDE_ONLY = acme(groups=sales(members=[], no_answer={"forward": OUTSIDE}))
ANA = MOBILES["ana"]
SHUT = acme(schedules={"office": OFFICE}, numbers=number(schedule="office", closed="hang_up"))
SHUT_MAIL = acme(schedules={"office": OFFICE}, numbers=number(schedule="office", closed="voicemail"))
SHUT_GUARD = acme(schedules={"office": OFFICE}, numbers=number(schedule="office", closed={"forward": OUTSIDE}))
MENU = acme(
    menus={"main": {"prompt": {"say": "Elija"}, "choices": {"1": {"group": "sales"}}}}, numbers=number(menu="main")
)


# DESIGN section 6: the outcomes; calls/outcomes.py says the rule of each. One call for every way to come to it.
@pytest.mark.parametrize(
    ("outcome", "code", "employee", "settings", "when", "play"),
    [
        ("answered", "200", "ana", ROUND, None, lambda c: c.rings("ana").answers("ana").talks_to("ana", 45)),
        ("answered", "200", "luis", ROUND, None, lambda c: c.nobody_answers().answers("luis").talks_to("luis", 9)),
        ("answered", "200", "ana", ROUND, None, lambda c: c.answers("ana").hangs_up()),
        (
            "forwarded",
            "200",
            "ana",
            TO_MOBILE,
            None,
            lambda c: c.nobody_answers().takes(MOBILES["ana"]),
        ),
        ("forwarded", "200", None, OUTSIDE_ONLY, None, lambda c: c.answers(OUTSIDE).talks_to(OUTSIDE, 60)),
        ("forwarded", "200", None, OUTSIDE_ONLY, None, lambda c: c.answers(OUTSIDE).hangs_up()),
        ("forwarded", "200", None, SHUT_GUARD, CLOSED, lambda c: c.answers(OUTSIDE).talks_to(OUTSIDE, 5)),
        (
            "voicemail",
            "304",
            "luis",
            ROUND,
            None,
            lambda c: c.nobody_answers().nobody_answers().leaves_message(7).presses("#"),
        ),
        ("voicemail", "304", "ana", SHUT_MAIL, CLOSED, lambda c: c.leaves_message(7).hangs_up()),
        ("missed", "304", "luis", ROUND, None, lambda c: c.nobody_answers().nobody_answers()),
        pytest.param(
            *("missed", "304", "ana", TO_MOBILE, None),
            lambda c: c.nobody_answers().mailbox_answers(MOBILES["ana"]),
            marks=needs("whisper"),
        ),
        ("missed", "304", None, OUTSIDE_ONLY, None, lambda c: c.nobody_answers()),
        ("missed", "486", None, OUTSIDE_ONLY, None, lambda c: c.is_busy(OUTSIDE)),
        ("missed", "304", "ana", SHUT_GUARD, CLOSED, lambda c: c.nobody_answers()),
        ("abandoned", "603-S", "ana", ROUND, None, lambda c: c.rings("ana").hangs_up()),
        ("abandoned", "603-S", "ana", MENU, None, lambda c: c.hears("Elija").hangs_up()),
        ("closed", "480", "ana", SHUT, CLOSED, lambda c: c.is_rejected()),
        ("blocked", "423", None, acme(blocked=[CUSTOMER]), None, lambda c: c.is_rejected()),
    ],
)
def test_a_call_has_the_outcome_of_the_first_rule_that_fits(
    open_house: OpenHouse,
    redis: Redis,
    outcome: str,
    code: str,
    employee: str | None,
    settings: str,
    when: str | None,
    play: Play,
) -> None:
    house = open_house(settings, **({"when": when} if when else {}))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN)
    play(caller)
    if not caller.call.is_over:
        caller.hangs_up() if code == "200" else caller.waits(60 + SAYING_NOTHING)
    caller.ended()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.code, found.employee) == (outcome, code, employee)
    assert found.settled_at is not None


def test_every_outcome_has_been_come_to() -> None:
    marks = test_a_call_has_the_outcome_of_the_first_rule_that_fits.pytestmark  # type: ignore[attr-defined]
    rows = next(mark.args[1] for mark in marks if mark.name == "parametrize")
    assert {getattr(row, "values", row)[0] for row in rows} == set(OUTCOMES)


# DESIGN section 6: started, answered, ended, wait and talk seconds.
@needs("talk")
def test_the_times_of_an_answered_call(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN)
    start = house.clock.now()
    caller.nobody_answers().answers("luis").talks_to("luis", 45).hangs_up()
    found = on_file(house, caller, redis)
    assert (found.started_at, found.wait_seconds, found.talk_seconds) == (start, 20, 45)
    assert found.answered_at is not None
    assert (found.answered_at - start).seconds == 20
    assert (found.ended_at - start).seconds == 65
    assert found.answered_by == "luis"


def test_the_times_of_a_missed_call(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(TO_MOBILE)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).nobody_answers().nobody_answers().ended()
    found = on_file(house, caller, redis)
    assert (found.answered_at, found.talk_seconds, found.wait_seconds) == (None, 0, 52)  # both rings, and the apology
    assert found.forwarded_to == MOBILES["ana"]


# Somebody who picks up and does not press 1 has not talked, and the seconds of the question are no conversation.
@needs("whisper")
def test_a_mailbox_that_picks_up_is_no_answer(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(TO_MOBILE)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).nobody_answers().mailbox_answers(MOBILES["ana"]).waits(60)
    found = on_file(house, caller.ended(), redis)
    assert (found.outcome, found.talk_seconds, found.answered_by) == ("missed", 0, None)


# "everybody": who answered is told by the leg's own callback.
@needs("legs")
def test_of_several_who_were_rung_the_one_who_answered_owns_the_call(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(distribution="everybody")))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana", "luis", "eva").answers("eva").hangs_up()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.employee, found.answered_by) == ("answered", "eva", "eva")


# DESIGN section 7: "who answered; else the CRM's responsible; else the last one rung."
def test_a_missed_call_of_a_known_caller_is_his_responsibles(open_house: OpenHouse, redis: Redis) -> None:
    known = [{"number": KNOWN, "name": "Cliente", "employee": "eva"}]
    settings = acme(contacts=known, groups=sales(members=["luis"]), numbers=number(responsible=True))
    house = open_house(settings)
    caller = Caller(house.exchange, KNOWN).dials(MAIN).rings("eva").nobody_answers().rings("luis").hangs_up()
    assert on_file(house, caller, redis).employee == "eva"


def test_a_message_in_an_employees_mailbox_is_his(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(acme(groups=sales(members=["ana"], no_answer={"voicemail": "luis"})))
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana").nobody_answers().leaves_message(4).presses("#")
    found = on_file(house, caller.ended(), redis)
    assert (found.outcome, found.employee, found.mailbox) == ("voicemail", "luis", "employee:luis")


# 402: "Not allowed: the forward is skipped, the trace and the call details say why (402)"
@pytest.mark.parametrize("unanswered", ["hang_up", "voicemail"])
def test_a_forward_that_cannot_be_paid_for_shows_in_the_code(
    open_house: OpenHouse, redis: Redis, unanswered: str
) -> None:
    paid = {"sip_connector": {"paid_until": "2026-11-01"}}
    group = sales(members=[], no_answer={"forward": OUTSIDE})
    rules = {"unanswered": unanswered}
    house = open_house(acme(**paid, groups=group, forwarding=rules, numbers=sip(group="sales")))
    caller = Caller(house.exchange, f"sip:{CUSTOMER}@x.example.com").dials(PBX)
    if unanswered == "voicemail":
        caller.leaves_message(4).presses("#")
    found = on_file(house, caller.ended(), redis)
    assert (found.code, found.forwarded_to) == ("402", None)
    assert found.outcome == ("missed" if unanswered == "hang_up" else "voicemail")


# Withheld callers and numbers that are none of ours are on file too.
def test_a_withheld_caller_is_on_file(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, "anonymous").dials(MAIN).rings("ana").hangs_up()
    found = on_file(house, caller, redis)
    assert (found.caller, found.outcome) == (None, "abandoned")


def test_a_call_to_a_number_that_is_not_ours_is_on_file(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, CUSTOMER).dials("+34919999999").ended()
    found = on_file(house, caller, redis)
    assert (found.number, found.outcome, found.employee) == ("+34919999999", "missed", None)


# "written when the call ends": before any job has run.
def test_a_call_is_on_file_as_soon_as_its_end_is_told(open_house: OpenHouse) -> None:
    house = open_house(ROUND)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana").answers("ana").talks_to("ana", 12).hangs_up()
    found = details(house, caller)
    assert (found.outcome, found.settled_at) == ("answered", None)


# "once, whatever order the provider's callbacks come in, repeated or not"
@pytest.mark.parametrize("duplicate", [False, True])
@pytest.mark.parametrize("status_first", [False, True])
@pytest.mark.parametrize("hangup_action", [False, True])
@needs("legs")
def test_the_order_of_the_callbacks_does_not_matter(
    open_house: OpenHouse, redis: Redis, duplicate: bool, status_first: bool, hangup_action: bool
) -> None:
    house = open_house(ROUND, duplicate=duplicate)
    house.exchange.status_first = status_first
    house.exchange.hangup_action = hangup_action
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana").answers("ana").talks_to("ana", 12).hangs_up()
    found = on_file(house, caller, redis)
    assert (found.outcome, found.code, found.employee, found.talk_seconds) == ("answered", "200", "ana", 12)
    assert settle(house, redis) == 0


def test_two_close_calls_of_one_caller_are_two(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(ROUND)
    first = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana")
    second = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("luis")
    first.answers("ana").hangs_up()
    second.hangs_up()
    assert on_file(house, first, redis).outcome == "answered"
    assert on_file(house, second, redis).outcome == "abandoned"


# The simulator's own calls are marked, so that they never reach a CRM.
@chooses_providers
@pytest.mark.parametrize(("provider", "simulated"), [("simulator", True), ("twilio", False)])
def test_simulated_calls_are_marked(open_house: OpenHouse, redis: Redis, provider: str, simulated: bool) -> None:
    house = open_house(ROUND, provider=provider)
    caller = Caller(house.exchange, CUSTOMER).dials(MAIN).rings("ana").hangs_up()
    assert on_file(house, caller, redis).simulated is simulated


# The in-progress of Ana's leg comes after the end of the dial, or, as with Somleng, never: the trace names nobody then.
def test_who_of_several_answered_is_believed_of_the_provider(
    open_house: OpenHouse, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(acme(groups=sales(distribution="everybody")))
    monkeypatch.setattr(RedisLive, "leg", lambda *_: None)
    caller = Caller(house.exchange).dials(MAIN).answers("ana").talks_to("ana", 12).other_side_hangs_up().ended()
    began = house.clock.now() - timedelta(seconds=12)
    devices = {name: house.company.employees[name].devices[0] for name in ("ana", "luis", "eva")}
    legs = [LegFact(to=devices[name], status="canceled", seconds=0) for name in ("luis", "eva")]
    ana = LegFact(to=devices["ana"], status="completed", seconds=12, started_at=began)
    found = on_file(house, caller, redis, [ana, *legs])
    assert (found.outcome, found.employee, found.answered_by, found.talk_seconds) == ("answered", "ana", "ana", 12)
