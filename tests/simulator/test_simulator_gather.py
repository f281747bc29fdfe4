"""Gather: prompts during which keys may be pressed."""

import pytest

from simulator import Caller, Gathering, WrongMomentError
from tests.simulator.application import Application, Reply

NUMBER = "+34910000001"
WELCOME = "<Say>Welcome to Acme</Say>"  # 15 characters: one second
NOTHING = "<Say>Nothing</Say>"


def gathers(application: Application, attributes: str, prompts: str = WELCOME) -> None:
    application.pages["/voice/incoming"] = f'<Gather action="/keys" {attributes}>{prompts}</Gather>{NOTHING}'
    application.pages["/keys"] = "<Say>Thank you</Say>"


# Digits go to the action as soon as there are numDigits of them.
def test_the_last_digit_ends_it(application: Application, caller: Caller) -> None:
    gathers(application, 'numDigits="3"')
    caller.dials(NUMBER).hears("welcome").presses("10").does_not_hear("thank").presses("1").hears("thank you")
    assert application.last("/keys")["Digits"] == "101"
    assert application.last("/keys")["CallStatus"] == "in-progress"


# finishOnKey ends it too, and is not among the Digits.
def test_the_finishing_key(application: Application, caller: Caller) -> None:
    gathers(application, "")
    caller.dials(NUMBER).presses("12#").hears("thank you")
    assert application.last("/keys")["Digits"] == "12"
    assert application.last("/keys")["FinishedOnKey"] == "#"


# Without a finishing key, # and * are digits.
def test_no_finishing_key(application: Application, caller: Caller) -> None:
    gathers(application, 'finishOnKey="" numDigits="3"')
    caller.dials(NUMBER).presses("*1#").hears("thank you")
    assert application.last("/keys")["Digits"] == "*1#"


# The finishing key alone is no input: the next verb follows. So even with numDigits=1.
def test_the_finishing_key_alone_is_nothing(application: Application, caller: Caller) -> None:
    gathers(application, 'numDigits="1"')
    caller.dials(NUMBER).presses("#").hears("nothing")
    assert application.to("/keys") == []


# Too few digits are submitted when the time is up.
def test_partial_digits_are_submitted(application: Application, caller: Caller) -> None:
    gathers(application, 'numDigits="4" timeout="5"')
    caller.dials(NUMBER).presses("12").waits(4.9)
    assert application.to("/keys") == []
    caller.waits(0.2)
    assert application.last("/keys")["Digits"] == "12"


# The timer starts when the prompts have ended.
def test_silence_is_counted_from_the_end_of_the_prompts(application: Application, caller: Caller) -> None:
    gathers(application, 'timeout="5"', WELCOME + '<Pause length="2"/>')
    caller.dials(NUMBER).waits(7.9).does_not_hear("nothing").waits(0.2).hears("nothing").ended()


# … or with the first key, and again with every key.
def test_every_key_starts_the_timer_again(application: Application, caller: Caller) -> None:
    gathers(application, 'numDigits="9" timeout="5"', f"<Say>{'x' * 300}</Say>")
    caller.dials(NUMBER).presses("1").waits(4).presses("2").waits(4).presses("3").waits(4.9)
    assert application.to("/keys") == []
    caller.waits(0.2)
    assert application.last("/keys")["Digits"] == "123"


# A key stops the prompts: what had not begun is never heard.
def test_barge_in(application: Application, caller: Caller) -> None:
    gathers(application, "", f"<Say>First</Say><Say>Second {'x' * 60}</Say><Say>Third</Say>")
    caller.dials(NUMBER).hears("first").hears("third").waits(2).presses("1")
    said = [line.text[:6] for line in caller.call.transcript if line.kind == "say"]
    assert said == ["First", "Second"]


def test_prompts_that_may_not_be_interrupted(application: Application, caller: Caller) -> None:
    gathers(application, 'bargeIn="false" timeout="5"', WELCOME + "<Say>Second</Say>")
    caller.dials(NUMBER).presses("1").waits(6.9)
    assert application.to("/keys") == []
    caller.waits(0.2)
    assert application.last("/keys")["Digits"] == "1"


# No input at all: the next verb, or, with actionOnEmptyResult, the action with empty Digits.
def test_no_input(application: Application, caller: Caller) -> None:
    gathers(application, "")
    caller.dials(NUMBER).stays_silent().hears("nothing").ended()
    gathers(application, 'actionOnEmptyResult="true"')
    caller.dials(NUMBER).stays_silent().hears("thank you").ended()
    assert application.last("/keys")["Digits"] == ""


# Without an action the document itself is asked again, with Digits.
def test_no_action_means_the_document_itself(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = ['<Gather numDigits="1" method="GET"/>', "<Say>Thank you</Say>"]
    caller.dials(NUMBER).presses("7").hears("thank you")
    again = application.to("/voice/incoming")[1]
    assert (again.method, again.params["Digits"]) == ("GET", "7")


# Keys outside a Gather go nowhere: neither those during a plain Say …
def test_keys_during_a_plain_say_are_lost(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = f'<Say>{"x" * 1500}</Say><Gather action="/keys" numDigits="1"/>'
    application.pages["/keys"] = "<Say>Thank you</Say>"
    call = caller.dials(NUMBER).call
    assert not isinstance(call.waiting, Gathering)  # a hundred seconds of speech
    call.press("1")
    caller.waits(100)
    assert isinstance(call.waiting, Gathering)
    assert call.waiting.digits == ""


# … nor those that come too late for one Gather and too early for the next.
def test_keys_between_two_gathers_are_lost(application: Application, caller: Caller) -> None:
    gathers(application, 'numDigits="1"')
    application.pages["/keys"] = '<Gather action="/more" numDigits="2"/>'
    caller.dials(NUMBER).presses("123")
    assert isinstance(caller.call.waiting, Gathering)
    assert caller.call.waiting.digits == ""
    assert [line.text for line in caller.call.transcript if line.kind == "lost"] == ["23"]


# Some networks keep them for the next Gather; that is an option.
def test_typing_ahead(application: Application, caller: Caller) -> None:
    gathers(application, 'numDigits="1"')
    application.pages["/keys"] = '<Say>Please wait</Say><Gather action="/more" numDigits="2"/>'
    application.pages["/more"] = "<Say>Thank you</Say>"
    caller.exchange.type_ahead = True
    caller.dials(NUMBER).presses("123").hears("thank you")
    assert application.last("/more")["Digits"] == "23"


# A caller who hangs up in a Gather: no action, only the status callback.
def test_hanging_up_in_a_gather(application: Application, caller: Caller) -> None:
    gathers(application, "")
    caller.dials(NUMBER).presses("1").waits(2).hangs_up().ended()
    assert application.to("/keys") == []
    assert application.last("/voice/status")["CallStatus"] == "completed"
    assert application.last("/voice/status")["CallDuration"] == "2"


# A Gather that wants speech only does not take keys.
def test_a_gather_for_speech_takes_no_keys(application: Application, caller: Caller) -> None:
    gathers(application, 'input="speech"')
    caller.dials(NUMBER).presses("1").stays_silent().hears("nothing")


def test_keys_that_do_not_exist(application: Application, caller: Caller) -> None:
    gathers(application, "")
    caller.dials(NUMBER)
    with pytest.raises(ValueError, match="no such keys: x"):
        caller.call.press("1x")


def test_nobody_presses_keys_after_the_end(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = Reply(body="<Response/>")
    call = caller.dials(NUMBER).ended().call
    with pytest.raises(WrongMomentError):
        call.press("1")
    with pytest.raises(WrongMomentError):
        call.hang_up()
