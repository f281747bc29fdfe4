"""The six ways of forwarding in the source article, heard by a caller of the sample company."""

from __future__ import annotations

from collections.abc import Callable

from simulator import Caller
from tests.calls.companies import OpenHouse
from tests.providers import needs

MAIN = "+34910000001"
DIRECT = "+34910000002"
BILLING = "+34910000003"
ANA_MOBILE = "+34600111222"
EVA_MOBILE = "+34600111444"
GUARD = "+34910000999"
ACCOUNTANTS = "+34911222333"
Why = Callable[..., list[str]]


# Scenario 1: an employee who was reached by extension does not answer; the mobile is dialled.
def test_an_extension_that_nobody_answers_forwards_to_the_employees_mobile(caller: Caller) -> None:
    caller.dials(MAIN).hears("Gracias por llamar a Acme Ibérica").presses("101")
    caller.rings("ana").rings_for(20).nobody_answers()
    caller.is_forwarded_to(ANA_MOBILE).rings_for(25).takes(ANA_MOBILE)
    caller.talks_to(ANA_MOBILE).other_side_hangs_up().ended()


# Scenario 2: a key of the menu forwards to an outside number; nobody at the company is rung.
def test_a_key_of_the_menu_forwards_to_an_outside_number(caller: Caller) -> None:
    caller.dials(MAIN).stays_silent().hears("Para facturación, pulse 4").presses("4")
    caller.is_forwarded_to(ACCOUNTANTS).answers(ACCOUNTANTS)
    caller.talks_to(ACCOUNTANTS).other_side_hangs_up().ended()


# Scenario 3: a known caller rings the responsible employee, and then that employee's mobile.
def test_a_known_caller_is_forwarded_to_the_mobile_of_the_responsible_employee(open_house: OpenHouse) -> None:
    caller = Caller(open_house().exchange, "+34600222001")
    caller.dials(MAIN).stays_silent().stays_silent().rings("eva").nobody_answers()
    caller.is_forwarded_to(EVA_MOBILE).takes(EVA_MOBILE)
    caller.talks_to(EVA_MOBILE).other_side_hangs_up().ended()


# Scenario 4a: nobody in the group answers; the call goes to the mobile of an employee of the queue.
def test_a_group_that_nobody_answers_forwards_to_an_employees_mobile(caller: Caller) -> None:
    caller.dials(MAIN).hears("Gracias por llamar").presses("1")
    caller.rings("ana").nobody_answers().rings("luis").nobody_answers()
    caller.is_forwarded_to(ANA_MOBILE).takes(ANA_MOBILE)
    caller.talks_to(ANA_MOBILE).other_side_hangs_up().ended()


# Scenario 4b: nobody in the group answers; the call goes to a number.
def test_a_group_that_nobody_answers_forwards_to_a_number(caller: Caller) -> None:
    caller.dials(BILLING).rings("+34911222104").nobody_answers()
    caller.is_forwarded_to(ACCOUNTANTS).answers(ACCOUNTANTS)
    caller.talks_to(ACCOUNTANTS).other_side_hangs_up().ended()


# Scenario 5: out of hours the call is forwarded, and that wins over everything else.
def test_a_call_out_of_hours_is_forwarded(open_house: OpenHouse) -> None:
    caller = Caller(open_house(when="2026-11-24 20:15").exchange)
    caller.dials(MAIN).does_not_hear("Gracias por llamar").is_forwarded_to(GUARD).answers(GUARD)
    caller.talks_to(GUARD).other_side_hangs_up().ended()


# Scenario 6: unconditional; the first answer to the provider is the <Dial>.
def test_an_unconditional_forward_is_the_first_answer(caller: Caller) -> None:
    caller.dials(DIRECT).is_forwarded_to(GUARD)
    assert len(caller.call.webhooks) == 1
    caller.answers(GUARD).talks_to(GUARD).other_side_hangs_up().ended()


# "El reenvío es la etapa final": a forward that is not answered ends the call, it does not return to the queue.
def test_a_forward_that_is_not_answered_ends_the_call(caller: Caller) -> None:
    caller.dials(DIRECT).is_forwarded_to(GUARD).nobody_answers().hears("nadie puede atender su llamada").ended()


# "La llamada no se grabará si el cliente cuelga antes de que conteste el operador."
def test_a_caller_who_hangs_up_while_it_rings_is_not_recorded(caller: Caller) -> None:
    caller.dials(MAIN).hears("puede ser grabada").presses("101").rings("ana").waits(4).hangs_up().ended()
    assert caller.exchange.recordings == {}


# "Intente y pase el ID": the mobile shows the customer's number.
def test_the_mobile_shows_the_customers_number(caller: Caller) -> None:
    caller.dials(MAIN).presses("101").nobody_answers().is_forwarded_to(ANA_MOBILE).shows_caller_id("+34600000001")


# Every decision of a call stands in its trace, in plain words.
@needs("whisper", "legs", "recording")
def test_the_trace_of_a_call_says_why_it_went_there(open_house: OpenHouse, why: Why) -> None:
    house = open_house()
    caller = Caller(house.exchange).dials(MAIN).presses("101").nobody_answers()
    caller.is_forwarded_to(ANA_MOBILE).takes(ANA_MOBILE)
    caller.talks_to(ANA_MOBILE, 45).other_side_hangs_up().ended()
    assert why(house, caller) == [
        "A call from +34600000001 to +34910000001.",
        "Open by schedule office (09:00-14:00).",
        "The greeting is played; an extension may be typed.",
        "Extension 101 typed: Ana Ruiz.",
        "Rings Ana Ruiz.",
        "No answer from Ana Ruiz (nobody picked up).",
        "Forwarded to Ana Ruiz's mobile, +34600111222.",
        "Ana Ruiz picked up.",
        "Somebody picked up, and is asked to press 1.",
        "Whoever picked up pressed 1 and took the call.",
        "Ana Ruiz was on the line for 45 seconds.",
        "Somebody answered; the call ended after the conversation.",
        "The provider says that the call ended: completed.",
        "A recording of 45 seconds is ready.",
    ]
