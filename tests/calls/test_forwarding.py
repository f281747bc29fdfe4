"""Forwards: charged, final, and never silent."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from live import keys
from simulator import Caller, Leg, Screening
from tests.calls.companies import CUSTOMER, MAIN, MOBILES, OUTSIDE, OpenHouse, acme, number, sales, sip
from tests.calls.companies import SWITCHBOARD as PBX
from tests.calls.conftest import Check, WhoIs, Why
from tests.providers import needs

ANA = MOBILES["ana"]
SORRY = "nadie puede atender su llamada"


def forwarding(to: Any = None, rules: dict[str, Any] | None = None, **values: Any) -> str:
    """A company whose group is empty and forwards at once: to `to`, by `rules`; `values` are the number's."""
    group: dict[str, Any] = {"members": [], "no_answer": to or {"forward": OUTSIDE}}
    return acme(groups={"sales": group}, forwarding=rules or {}, numbers=number(**values))


def legs(caller: Caller) -> list[Leg]:
    return caller.call.legs


# "Forwarding is final. If the forwarded leg is not answered the call ends (an apology, then hang up): it never goes
# back to a queue and is never forwarded again."
@pytest.mark.parametrize("ends", ["nobody_answers", "is_busy", "declines", "is_unreachable"])
def test_an_unanswered_forward_ends_with_an_apology(open_house: OpenHouse, nothing_left: Check, ends: str) -> None:
    house = open_house(forwarding(otherwise="voicemail"))
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE)
    caller.nobody_answers() if ends == "nobody_answers" else getattr(caller, ends)(OUTSIDE)
    caller.hears(SORRY).ended()
    assert [leg.device for leg in legs(caller)] == [OUTSIDE]
    nothing_left(house)


def test_an_unanswered_forward_does_not_go_back_to_a_queue(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(acme(groups={"sales": {"members": ["ana"], "no_answer": {"forward_to_mobile": "ana"}}}))
    caller = Caller(house.exchange).dials(MAIN).rings("ana").nobody_answers().is_forwarded_to(ANA).nobody_answers()
    caller.hears(SORRY).ended()
    nothing_left(house)


# "`forwarding.unanswered: voicemail` may take a message instead."
def test_an_unanswered_forward_may_take_a_message(open_house: OpenHouse, why: Why) -> None:
    house = open_house(forwarding(rules={"unanswered": "voicemail"}))
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE).nobody_answers()
    caller.hears("deje su mensaje").leaves_message(5).presses("#").hears("ha quedado grabado").ended()
    assert "A message was left in mailbox group:sales." in why(house, caller)


# An answered forward ends the call when the talk does, whoever hangs up.
@pytest.mark.parametrize("by", ["caller", "callee"])
def test_an_answered_forward_ends_with_the_talk(open_house: OpenHouse, nothing_left: Check, by: str) -> None:
    house = open_house(forwarding())
    caller = Caller(house.exchange).dials(MAIN).answers(OUTSIDE).talks_to(OUTSIDE)
    caller.call.finish_talk(by)
    caller.ended().does_not_hear(SORRY)
    nothing_left(house)


# "A rented number needs provider balance above `forwarding.minimum_balance` (… unknown = allowed)."
@pytest.mark.parametrize(("balance", "allowed"), [(None, True), ("2.00", True), ("1.99", False), ("-0.50", False)])
def test_a_forward_needs_balance(open_house: OpenHouse, redis: Redis, balance: str | None, allowed: bool) -> None:
    house = open_house(forwarding(rules={"minimum_balance": 2.0}))
    if balance is not None:
        redis.set(keys.BALANCE, balance)
    caller = Caller(house.exchange).dials(MAIN)
    caller.is_forwarded_to(OUTSIDE) if allowed else caller.hears(SORRY).ended()
    assert bool(legs(caller)) is allowed


# "Not allowed: the forward is skipped, the trace and the call details say why (402), and the caller gets
# `forwarding.unanswered`."
def test_a_forward_that_is_not_paid_for_is_skipped_and_the_trace_says_402(
    open_house: OpenHouse, redis: Redis, why: Why
) -> None:
    house = open_house(forwarding(rules={"minimum_balance": 2.0, "unanswered": "voicemail"}))
    redis.set(keys.BALANCE, "0.10")
    caller = Caller(house.exchange).dials(MAIN).hears("deje su mensaje")
    assert [line for line in why(house, caller) if "402" in line] == [
        "The forward was skipped, code 402: the provider balance is below forwarding.minimum_balance."
    ]
    assert legs(caller) == []


# Without a minimum the balance does not matter.
def test_without_a_minimum_the_balance_does_not_matter(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(forwarding())
    redis.set(keys.BALANCE, "0.00")
    Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE)


# The employee whose mobile was not dialled was not disturbed either.
def test_a_mobile_that_is_not_paid_for_leaves_the_employee_free(
    open_house: OpenHouse, redis: Redis, who_is: WhoIs
) -> None:
    house = open_house(forwarding({"forward_to_mobile": "ana"}, {"minimum_balance": 2.0}))
    redis.set(keys.BALANCE, "0.10")
    Caller(house.exchange).dials(MAIN).hears(SORRY)
    assert who_is(house) == {}


# "A sip number needs `sip_connector.paid_until` not in the past": the day itself still counts.
@pytest.mark.parametrize(
    ("paid_until", "allowed"), [("2026-11-24", True), ("2026-11-23", False), ("2027-06-30", True), (None, True)]
)
def test_a_sip_number_needs_a_licence(open_house: OpenHouse, why: Why, paid_until: str | None, allowed: bool) -> None:
    group = {"sales": {"members": [], "no_answer": {"forward": OUTSIDE}}}
    connector = {"sip_connector": {"paid_until": paid_until}} if paid_until else {}
    house = open_house(acme(groups=group, numbers=sip(group="sales"), **connector))
    caller = Caller(house.exchange).dials(PBX)
    caller.is_forwarded_to(OUTSIDE) if allowed else caller.hears(SORRY).ended()
    past = "The forward was skipped, code 402: sip_connector.paid_until is past."
    assert (past in why(house, caller)) is not allowed


# The two rules belong to their own kinds of number.
def test_a_sip_number_needs_no_balance(open_house: OpenHouse, redis: Redis) -> None:
    group = {"sales": {"members": [], "no_answer": {"forward": OUTSIDE}}}
    house = open_house(acme(groups=group, forwarding={"minimum_balance": 2.0}, numbers=sip(group="sales")))
    redis.set(keys.BALANCE, "0.10")
    Caller(house.exchange).dials(PBX).is_forwarded_to(OUTSIDE)


def test_a_rented_number_needs_no_licence(open_house: OpenHouse) -> None:
    group = {"sales": {"members": [], "no_answer": {"forward": OUTSIDE}}}
    house = open_house(acme(groups=group, sip_connector={"paid_until": "2020-01-01"}))
    Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE)


# "Caller ID: with `pass_caller_id` the employee's mobile shows the customer's number; otherwise the company's."
@pytest.mark.parametrize(("passed", "shown"), [(True, CUSTOMER), (False, MAIN)])
def test_what_a_mobile_shows(open_house: OpenHouse, passed: bool, shown: str) -> None:
    house = open_house(forwarding({"forward_to_mobile": "ana"}, pass_caller_id=passed))
    Caller(house.exchange).dials(MAIN).is_forwarded_to(ANA).shows_caller_id(shown)


# "Withheld callers: the company's number."
@pytest.mark.parametrize("withheld", ["anonymous", "+266696687", "Restricted", "unknown", ""])
def test_a_withheld_caller_is_shown_as_the_company(open_house: OpenHouse, withheld: str) -> None:
    house = open_house(forwarding(pass_caller_id=True))
    Caller(house.exchange, withheld).dials(MAIN).is_forwarded_to(OUTSIDE).shows_caller_id(MAIN)


# A caller who came over SIP has no number that the provider would show to a telephone: it would not dial at all
# (twiml.md 2.3, 13214).
def test_a_caller_over_sip_is_shown_as_the_company(open_house: OpenHouse) -> None:
    house = open_house(forwarding(pass_caller_id=True))
    caller = Caller(house.exchange, "sip:+34600222001@carrier.example.net").dials(MAIN)
    caller.is_forwarded_to(OUTSIDE).shows_caller_id(MAIN)


# "… or the sip number's `outgoing_number`."
@pytest.mark.parametrize("caller_address", [CUSTOMER, "sip:+34600000001@carrier.example.net", "sip:ana@pbx.example"])
def test_a_sip_number_shows_its_outgoing_number(open_house: OpenHouse, caller_address: str) -> None:
    group = {"sales": {"members": [], "no_answer": {"forward": OUTSIDE}}}
    house = open_house(acme(groups=group, numbers=sip(group="sales", outgoing_number="+34910000077")))
    Caller(house.exchange, caller_address).dials(PBX).is_forwarded_to(OUTSIDE).shows_caller_id("+34910000077")


# Browsers and SIP phones cost nothing and always show who calls; a telephone on a desk is dialled like a mobile.
def test_a_desk_telephone_shows_the_company(open_house: OpenHouse) -> None:
    house = open_house(acme(employees={"ana": {"devices": ["+34911222104"]}}))
    Caller(house.exchange).dials(MAIN).rings("+34911222104").shows_caller_id(MAIN)


def test_a_browser_shows_the_customer(open_house: OpenHouse) -> None:
    Caller(open_house(acme()).exchange).dials(MAIN).rings("ana").shows_caller_id(CUSTOMER)


# "`ring_seconds` is short enough (25 by default) that a mobile's voicemail does not win."
@pytest.mark.parametrize(("rules", "seconds"), [({}, 25), ({"ring_seconds": 12}, 12)])
def test_how_long_a_forward_rings(open_house: OpenHouse, rules: dict[str, Any], seconds: int) -> None:
    house = open_house(forwarding(rules=rules))
    Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE).rings_for(seconds).nobody_answers()
    assert seconds <= house.exchange.clock.seconds <= seconds + 10


# "`accept: press_1` … On for employees' mobiles, off for outside numbers, unless the settings say otherwise."
@pytest.mark.parametrize(
    ("to", "rules", "asked"),
    [
        ({"forward_to_mobile": "ana"}, {}, True),
        ({"forward": OUTSIDE}, {}, False),
        ({"forward_to_mobile": "ana"}, {"accept": {"mobiles": "none"}}, False),
        ({"forward": OUTSIDE}, {"accept": {"outside": "press_1"}}, True),
        ({"forward_to_mobile": "ana", "accept": "none"}, {}, False),
        ({"forward": OUTSIDE, "accept": "press_1"}, {}, True),
        ({"forward": OUTSIDE, "accept": "none"}, {"accept": {"outside": "press_1"}}, False),
    ],
)
@needs("whisper")
def test_who_is_asked_to_press_1(open_house: OpenHouse, to: Any, rules: dict[str, Any], asked: bool) -> None:
    device = OUTSIDE if "forward" in to else ANA
    caller = Caller(open_house(forwarding(to, rules)).exchange).dials(MAIN).is_forwarded_to(device).answers(device)
    assert isinstance(caller.call.waiting, Screening) is asked
    if asked:
        caller.callee_hears("pulse 1").accepts(device)
    caller.talks_to(device)


# "… so that a mailbox never counts as an answer (no key: the leg is hung up)."
@needs("whisper")
def test_a_mailbox_is_no_answer(open_house: OpenHouse, why: Why, nothing_left: Check) -> None:
    house = open_house(forwarding({"forward_to_mobile": "ana"}))
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(ANA).mailbox_answers(ANA).is_not_accepted()
    caller.hears(SORRY).ended()
    assert not legs(caller)[0].bridged
    assert "Somebody answered; the call ended after the conversation." not in why(house, caller)
    nothing_left(house)


@pytest.mark.parametrize("keys_", ["2", "*", "0"])
@needs("whisper")
def test_any_other_key_is_no_answer(open_house: OpenHouse, keys_: str) -> None:
    caller = Caller(open_house(forwarding({"forward_to_mobile": "ana"})).exchange).dials(MAIN).answers(ANA)
    caller.accepts(ANA, keys_).hears(SORRY).ended()


# "`DialBridged=false` is not an answer", although the provider calls such a dial completed (twiml.md 2.3).
@needs("joined")
def test_a_dial_that_was_never_bridged_is_no_answer(open_house: OpenHouse) -> None:
    house = open_house(forwarding({"forward_to_mobile": "ana"}, {"unanswered": "voicemail"}))
    caller = Caller(house.exchange).dials(MAIN).mailbox_answers(ANA).is_not_accepted().hears("deje su mensaje")
    ended = [w.params for w in caller.call.webhooks if "DialCallStatus" in w.params]
    assert [(p["DialCallStatus"], p["DialBridged"]) for p in ended] == [("completed", "false")]


# Whoever picks up and hangs up again before pressing 1 has not taken the call.
@needs("whisper")
def test_hanging_up_before_the_key_is_no_answer(open_house: OpenHouse) -> None:
    caller = Caller(open_house(forwarding({"forward_to_mobile": "ana"})).exchange).dials(MAIN).answers(ANA)
    caller.other_side_hangs_up().hears(SORRY).ended()


# While the mobile rings its owner is not rung at the desk, and afterwards he is free.
@needs("legs")
def test_whose_mobile_rings_is_not_rung_elsewhere(open_house: OpenHouse, who_is: WhoIs, nothing_left: Check) -> None:
    house = open_house(forwarding({"forward_to_mobile": "ana"}))
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(ANA)
    assert who_is(house) == {"ana": "ringing"}
    caller.takes(ANA).talks_to(ANA)
    assert who_is(house) == {"ana": "talking"}
    caller.other_side_hangs_up().ended()
    nothing_left(house)


# Real ringing until somebody answers: the call is not answered, and costs nothing, while a bare forward rings.
@needs("ringing")
def test_a_forward_leaves_the_call_ringing(open_house: OpenHouse) -> None:
    caller = Caller(open_house(forwarding()).exchange).dials(MAIN).is_forwarded_to(OUTSIDE).waits(10)
    assert not caller.call.answered
    caller.answers(OUTSIDE)
    assert caller.call.answered


# Ana takes a call on her mobile while another caller waits at her desk: when it is over she talks to that one again,
# and no third caller rings her.
@needs("legs")
def test_who_goes_back_from_the_mobile_to_another_talk_is_not_rung(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(acme(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"})))
    first, second, third = (Caller(house.exchange, f"+3460000000{number}") for number in (2, 3, 4))
    first.dials(MAIN).rings("ana").answers("ana").talks_to("ana")
    second.dials(MAIN).is_forwarded_to(ANA).takes(ANA).talks_to(ANA).other_side_hangs_up().ended()
    third.dials(MAIN).is_forwarded_to(ANA).hangs_up()
    first.other_side_hangs_up().ended()
    nothing_left(house)
