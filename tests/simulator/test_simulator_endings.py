"""How calls begin, are answered, and end."""

import pytest

from simulator import Caller, CallIsOverError, Ended, Listening, Talking
from tests.simulator.application import PUBLIC_URL, Application, Reply

NUMBER = "+34910000001"


# Reject as the first verb declines the call: it was never answered, costs nothing, and its status tells the reason.
@pytest.mark.parametrize(
    ("attribute", "reason", "status"), [("", "rejected", "no-answer"), ('reason="busy"', "busy", "busy")]
)
def test_declining(application: Application, caller: Caller, attribute: str, reason: str, status: str) -> None:
    application.pages["/voice/incoming"] = f"<Reject {attribute}/><Say>Unreachable</Say>"
    caller.dials(NUMBER).is_rejected().is_rejected(reason).ended()
    told = application.last("/voice/status")
    assert (told["CallStatus"], told["CallDuration"], told["Duration"]) == (status, "0", "0")
    assert caller.call.status == status
    assert caller.call.waiting == Ended(reason=reason)


# Once the call is answered Reject means nothing: a fault.
def test_declining_too_late(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Say>Hello</Say><Reject/>"
    caller.dials(NUMBER).ended()
    assert [(fault.code, fault.level) for fault in caller.exchange.faults] == [("rejected-late", "error")]


# A leading Pause or Redirect leaves the call ringing.
def test_what_does_not_answer(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Pause length="3"/><Redirect>/next</Redirect>'
    application.pages["/next"] = "<Reject/>"
    caller.dials(NUMBER).is_rejected()
    assert application.last("/next")["CallStatus"] == "ringing"
    assert caller.exchange.clock.seconds == 3


# Hangup answers first, and so does a document that ends without having said anything.
@pytest.mark.parametrize("page", ["<Hangup/>", ""])
def test_ending_without_a_word(application: Application, caller: Caller, page: str) -> None:
    application.pages["/voice/incoming"] = page
    caller.dials(NUMBER).ended()
    assert caller.call.answered
    assert application.last("/voice/status")["CallStatus"] == "completed"


# An empty answer to an action ends the call.
def test_an_empty_action(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather numDigits="1" action="/keys"/><Say>Unreachable</Say>'
    application.pages["/keys"] = ""
    caller.dials(NUMBER).presses("1").does_not_hear("unreachable").ended()


# One status callback at the end, with seconds and the minutes that were begun.
def test_the_status_callback(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Say>Hello</Say><Pause length="60"/>'
    caller.dials(NUMBER).waits(61).ended()
    (asked,) = application.to("/voice/status")
    expected = {
        "CallSid": caller.call.sid,
        "CallStatus": "completed",
        "CallDuration": "61",
        "Duration": "2",
        "Timestamp": "Mon, 02 Mar 2026 09:01:01 +0000",
        "CallbackSource": "call-progress-events",
        "SequenceNumber": "0",
    }
    assert asked.params.items() >= expected.items()
    assert caller.exchange.faults == []


def test_an_unsuitable_answer_to_the_status_callback(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Hangup/>"
    application.pages["/voice/status"] = Reply(body="fine", content_type="text/plain")
    caller.dials(NUMBER).ended()
    assert [fault.code for fault in caller.exchange.faults] == ["15003"]


# A caller who hangs up before anybody answered has not been answered.
def test_hanging_up_before_the_answer(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Dial answerOnBridge="true"><Client>ana</Client></Dial>'
    caller.dials(NUMBER).waits(3).hangs_up().ended()
    assert caller.call.status == "no-answer"


# The REST API gives a live call another document, wherever it is: in a Gather, in a prompt, ringing, or talking.
@pytest.mark.parametrize(
    "page",
    [
        "<Gather><Say>Hello</Say></Gather>",
        '<Pause length="100"/>',
        "<Dial><Client>ana</Client></Dial>",
        "<Record/>",
    ],
)
def test_redirecting_a_live_call(application: Application, caller: Caller, page: str) -> None:
    application.pages["/voice/incoming"] = page
    application.pages["/new"] = "<Gather><Say>Something else</Say></Gather>"
    caller.dials(NUMBER)
    caller.exchange.redirect(caller.call.sid, f"{PUBLIC_URL}/new?x=1", "GET")
    caller.hears("something else")
    (asked,) = application.to("/new")
    assert (asked.method, asked.params["x"], asked.params["CallSid"]) == ("GET", "1", caller.call.sid)
    assert all(leg.status == "canceled" for leg in caller.call.legs)


# Redirecting a call in a talk breaks the bridge.
def test_redirecting_a_talk(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Dial action="/after"><Client>ana</Client></Dial>'
    application.pages["/new"] = "<Gather><Say>Something else</Say></Gather>"
    caller.dials(NUMBER).answers("ana").talks_to("ana")
    caller.exchange.redirect(caller.call.sid, f"{PUBLIC_URL}/new")
    caller.hears("something else")
    assert caller.call.legs[0].status == "completed"
    assert application.to("/after") == []


# Ending a call by REST is like the caller's hanging up, but for the status of a call nobody had answered.
def test_ending_a_live_call(application: Application, caller: Caller) -> None:
    attribute = 'answerOnBridge="true"'
    application.pages["/voice/incoming"] = f'<Dial action="/after" {attribute}><Client>ana</Client></Dial>'
    application.pages["/after"] = ""
    caller.dials(NUMBER)
    caller.exchange.hang_up(caller.call.sid)
    caller.ended()
    assert caller.call.status == "canceled"
    assert application.last("/after")["DialCallStatus"] == "canceled"
    caller.dials(NUMBER).answers("ana")
    caller.exchange.hang_up(caller.call.sid)
    assert caller.ended().call.status == "completed"


def test_orders_for_calls_that_are_not_there(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Hangup/>"
    caller.dials(NUMBER)
    with pytest.raises(CallIsOverError):
        caller.exchange.redirect(caller.call.sid, f"{PUBLIC_URL}/new")
    with pytest.raises(CallIsOverError):
        caller.exchange.hang_up(caller.call.sid)
    with pytest.raises(LookupError):
        caller.exchange.redirect("CAnothing", f"{PUBLIC_URL}/new")


# An order given while a request is under way is carried out after it: here the application frees another caller.
def test_an_order_in_the_middle_of_a_request(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather timeout="600"><Say>Please hold</Say></Gather>'
    application.pages["/new"] = "<Dial><Client>ana</Client></Dial>"
    second = Caller(caller.exchange, "+34600000002")
    caller.dials(NUMBER)
    second.dials(NUMBER)

    def free(_: object) -> Reply:
        caller.exchange.redirect(caller.call.sid, f"{PUBLIC_URL}/new")
        return Reply(status=204, content_type=None)

    application.pages["/voice/status"] = free
    second.hangs_up()
    caller.rings("ana")


def test_an_order_from_within(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather timeout="600"><Say>Please hold</Say></Gather>'
    application.pages["/new"] = "<Dial><Client>ana</Client></Dial>"
    exchange = caller.exchange

    def free(document: object) -> None:
        exchange.on_document = None
        exchange.redirect(next(iter(exchange.calls)), f"{PUBLIC_URL}/new")

    exchange.on_document = free
    caller.dials(NUMBER).rings("ana")


# Time passes for all calls alike, and what is due happens in the order of time.
def test_several_calls_share_the_time(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = '<Gather timeout="10"/><Say>Bye</Say>'
    second = Caller(caller.exchange, "+34600000002")
    caller.dials(NUMBER).waits(4)
    second.dials(NUMBER)
    caller.exchange.advance(30)
    assert [asked.params["From"] for asked in application.to("/voice/status")] == ["+34600000001", "+34600000002"]
    assert (caller.call.ended_at, second.call.ended_at) == (11, 15)


# Music that never ends does not keep the simulator busy: the call is handed back while it plays.
def test_music_without_an_end(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Say>Please hold</Say><Play loop='0'>/music</Play>"
    application.pages["/music"] = Reply(body=b"\0" * 48_000, content_type="audio/mpeg")
    caller.dials(NUMBER).hears("please hold").holds().waits(40).holds()
    assert isinstance(caller.call.waiting, Listening)
    assert caller.exchange.clock.seconds == 41
    caller.hangs_up().ended()


# Nor does a piece of music that is asked for again and again.
def test_music_between_announcements(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Say>Please hold</Say><Play>/music</Play><Redirect/>"
    application.pages["/music"] = Reply(body=b"\0" * 480_000, content_type="audio/mpeg")
    caller.dials(NUMBER).hears("please hold").holds()
    assert caller.exchange.clock.seconds == 1
    caller.waits(30).hears("please hold").holds()
    assert len(application.to("/voice/incoming")) == 2


# Waiting for a deadline reaches it, even where `now + (deadline - now)` is a hair less than the deadline.
def test_deadlines_are_not_missed_by_a_hair(application: Application, caller: Caller) -> None:
    now = 1 + 447 / 15
    deadline = now + 421 / 15 + 5
    assert now + (deadline - now) < deadline
    application.pages["/voice/incoming"] = f"<Gather><Say>{'x' * 421}</Say></Gather>"
    caller.exchange.advance(now)
    caller.dials(NUMBER).stays_silent().ended()


def test_a_talk_is_waited_for_until_somebody_ends_it(application: Application, caller: Caller) -> None:
    application.pages["/voice/incoming"] = "<Dial><Client>ana</Client></Dial>"
    call = caller.dials(NUMBER).answers("ana").call
    call.finish_talk(by="caller", after=90)
    assert (call.status, call.duration) == ("completed", 90)
    call = caller.dials(NUMBER).answers("ana").call
    assert isinstance(call.waiting, Talking)
    call.finish_talk(by="callee", after=15)
    assert (call.duration, caller.ended().call.waiting) == (15, Ended(reason="end of the document"))
