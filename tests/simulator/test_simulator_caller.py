"""The caller of the tests: it must say so when something did not happen."""

from collections.abc import Callable

import pytest

from simulator import Caller, transcript_lines
from tests.simulator.application import Application, wav

NUMBER = "+34910000001"
MOBILE = "+34600111222"


@pytest.fixture(autouse=True)
def company(application: Application) -> None:
    """A menu; 1 rings two devices and then a mobile, 2 is voicemail, 3 is hold, 4 is nothing."""
    application.pages |= {
        "/voice/incoming": '<Gather numDigits="1" action="/choice"><Say>Gracias por llamar.</Say></Gather><Hangup/>',
        "/choice": lambda asked: {
            "1": '<Dial action="/forward" timeout="20"><Client>ana</Client><Sip>sip:luis@acme.example.com</Sip></Dial>',
            "2": '<Say>Deje su mensaje</Say><Record action="/saved"/>',
            "3": "<Play loop='0'>/music.wav</Play>",
            "4": "<Hangup/>",
        }[asked.params["Digits"]],
        "/forward": f'<Dial callerId="{NUMBER}"><Number>{MOBILE}</Number></Dial><Say>Lo sentimos</Say>',
        "/saved": "<Say>Gracias</Say>",
        "/music.wav": wav(30),
    }


def test_a_whole_call_reads_like_one(caller: Caller) -> None:
    caller.dials(NUMBER).hears("gracias POR llamar").heard_something().presses("1").rings("ana", "luis")
    caller.rings_for(20).nobody_answers().is_forwarded_to(MOBILE).shows_caller_id(NUMBER)
    caller.answers(MOBILE).shows_caller_id(NUMBER).talks_to(MOBILE, 20).other_side_hangs_up()
    caller.hears("lo sentimos").ended()
    assert transcript_lines(caller.call) == [
        "00:00  caller: dials +34910000001",
        "00:00  line: answers",
        "00:00  line: “Gracias por llamar.”",
        "00:00  caller: presses 1",
        "00:00  client:ana: rings",
        "00:00  sip:luis@acme.example.com: rings",
        "00:25  client:ana: end: no-answer",
        "00:25  sip:luis@acme.example.com: end: no-answer",
        "00:25  line: the Dial ended: no-answer",
        "00:25  +34600111222: rings",
        "00:25  +34600111222: answers",
        "00:25  +34600111222: is put through",
        "00:45  +34600111222: hangs up",
        "00:45  +34600111222: end: completed",
        "00:45  line: the Dial ended: completed",
        "00:45  line: “Lo sentimos”",
        "00:46  line: end: end of the document",
    ]


def test_a_message_and_music(caller: Caller) -> None:
    caller.dials(NUMBER).presses("2").hears("mensaje").leaves_message(4).presses("#").hears("gracias").ended()
    caller.dials(NUMBER).presses("3").hears_music().holds().waits(300).holds().hangs_up().ended()
    caller.dials(NUMBER).stays_silent().ended()


def test_people_may_have_several_devices(caller: Caller) -> None:
    names = {"Ana Ruiz": ("client:ana", MOBILE), "Luis": ("sip:luis@acme.example.com",)}
    named = Caller(caller.exchange, names=names)
    named.dials(NUMBER).presses("1").rings("Ana Ruiz", "Luis").answers("Ana Ruiz").talks_to("Ana Ruiz")
    named.dials(NUMBER).presses("1").is_busy("Ana Ruiz").rings("Luis").declines("Luis").rings("Ana Ruiz")
    named.is_unreachable("Ana Ruiz").hears("sentimos")


def rejected(caller: Caller) -> Caller:
    return caller.dials(NUMBER).presses("4")


FAILING: dict[str, Callable[[Caller], object]] = {
    "hears": lambda caller: caller.dials(NUMBER).hears("thank you"),
    "does_not_hear": lambda caller: caller.dials(NUMBER).does_not_hear("gracias"),
    "hears_music": lambda caller: caller.dials(NUMBER).hears_music(),
    "heard_something": lambda caller: rejected(caller).heard_something(),
    "presses": lambda caller: caller.dials(NUMBER).presses("1").presses("1"),
    "presses, over": lambda caller: rejected(caller).presses("1"),
    "stays_silent": lambda caller: caller.dials(NUMBER).presses("1").stays_silent(),
    "rings, nobody": lambda caller: caller.dials(NUMBER).rings("ana"),
    "rings, too few": lambda caller: caller.dials(NUMBER).presses("1").rings("ana"),
    "rings, too many": lambda caller: caller.dials(NUMBER).presses("1").rings("ana", "luis", "eva"),
    "rings, none": lambda caller: caller.dials(NUMBER).presses("1").rings(),
    "rings_for, short": lambda caller: caller.dials(NUMBER).presses("1").rings_for(19),
    "rings_for, long": lambda caller: caller.dials(NUMBER).presses("1").rings_for(26),
    "nobody_answers": lambda caller: caller.dials(NUMBER).nobody_answers(),
    "answers": lambda caller: caller.dials(NUMBER).presses("1").answers("eva"),
    "accepts": lambda caller: caller.dials(NUMBER).presses("1").answers("ana").accepts("ana"),
    "is_not_accepted": lambda caller: caller.dials(NUMBER).presses("1").answers("ana").is_not_accepted(),
    "talks_to": lambda caller: caller.dials(NUMBER).presses("1").talks_to("ana"),
    "talks_to, other": lambda caller: caller.dials(NUMBER).presses("1").answers("luis").talks_to("ana"),
    "is_forwarded_to": lambda caller: caller.dials(NUMBER).presses("1").is_forwarded_to(MOBILE),
    "shows_caller_id": lambda caller: caller.dials(NUMBER).presses("1").shows_caller_id(NUMBER),
    "leaves_message": lambda caller: caller.dials(NUMBER).leaves_message(3),
    "other_side_hangs_up": lambda caller: caller.dials(NUMBER).other_side_hangs_up(),
    "hangs_up": lambda caller: rejected(caller).hangs_up(),
    "is_rejected": lambda caller: rejected(caller).is_rejected(),
    "ended": lambda caller: caller.dials(NUMBER).ended(),
    "holds": lambda caller: caller.dials(NUMBER).holds(),
    "holds, ringing": lambda caller: caller.dials(NUMBER).presses("1").holds(),
    "callee_hears": lambda caller: caller.dials(NUMBER).callee_hears("gracias"),
}


# Every expectation that does not hold says so, and shows the whole call.
@pytest.mark.parametrize("name", FAILING)
def test_an_expectation_that_does_not_hold(caller: Caller, name: str) -> None:
    with pytest.raises(AssertionError, match=r"dials \+34910000001"):
        FAILING[name](caller)


def test_only_what_was_said_since_the_last_action_counts(caller: Caller) -> None:
    caller.dials(NUMBER).hears("gracias").presses("1").does_not_hear("gracias")


def test_nothing_is_expected_of_a_caller_who_has_not_dialled(caller: Caller) -> None:
    with pytest.raises(AssertionError, match="nobody has dialled"):
        caller.hears("x")


def test_a_failure_shows_the_faults(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Shout/><Say>Hello</Say>"
    with pytest.raises(AssertionError, match="fault 12200 warning"):
        caller.dials(NUMBER).hears("gracias")


def test_declining_is_not_hanging_up(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Reject reason="busy"/>'
    caller.dials(NUMBER).is_rejected("busy")
    with pytest.raises(AssertionError, match="declined as 'rejected'"):
        caller.is_rejected("rejected")


# Keys that do not fill a Gather are submitted when no further key comes (2.2): a caller who presses 1 and waits.
def test_whoever_expects_something_after_a_key_waits_until_it_is_taken(
    application: Application, caller: Caller
) -> None:
    application.pages["/voice/incoming"] = '<Gather numDigits="3" timeout="4" action="/keys"/>'
    application.pages["/keys"] = "<Say>thank you</Say>"
    caller.dials("+34910000001").presses("1").hears("thank you")
    assert application.last("/keys")["Digits"] == "1"
