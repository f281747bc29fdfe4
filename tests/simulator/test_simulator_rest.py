"""The stand-in for the provider's REST API."""

from base64 import b64encode
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from simulator import Caller, RestApp, rest_app
from tests.simulator.application import PUBLIC_URL, Application, Reply
from tests.simulator.conftest import ACCOUNT, TOKEN

NUMBER = "+34910000001"
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"

Ask = Callable[..., TestResponse]


@pytest.fixture
def rest(caller: Caller) -> RestApp:
    return rest_app(caller.exchange)


@pytest.fixture
def ask(rest: RestApp) -> Ask:
    """ask("GET", "/Balance.json"), with the account's own credentials unless others are given."""
    client = Client(rest)

    def ask(method: str, path: str, *, login: str = f"{ACCOUNT}:{TOKEN}", **form: str) -> TestResponse:
        headers = {"Authorization": "Basic " + b64encode(login.encode()).decode()}
        return client.open(path if path.startswith("/2010") else BASE + path, method=method, headers=headers, data=form)

    return ask


@pytest.fixture(autouse=True)
def company(application: Application) -> None:
    application.pages["/voice/incoming"] = '<Gather timeout="600"><Say>Please hold</Say></Gather>'
    application.pages["/new"] = "<Dial><Client>ana</Client></Dial>"


def problem(response: TestResponse) -> tuple[int, int]:
    body: dict[str, Any] = response.get_json()
    assert body["status"] == response.status_code
    return response.status_code, body["code"]


# Url and Method give a live call another document.
def test_redirecting(ask: Ask, caller: Caller, application: Application) -> None:
    path = f"/Calls/{caller.dials(NUMBER).call.sid}.json"
    response = ask("POST", path, Url=f"{PUBLIC_URL}/new", Method="GET")
    assert (response.status_code, response.get_json()["status"]) == (200, "in-progress")
    caller.rings("ana")
    assert application.to("/new")[0].method == "GET"


# Status=completed ends it; afterwards it is in an invalid state for any change: 21220.
def test_ending(ask: Ask, caller: Caller) -> None:
    path = f"/Calls/{caller.dials(NUMBER).waits(12).call.sid}.json"
    assert ask("POST", path, Status="completed").status_code == 200
    caller.ended()
    assert problem(ask("POST", path, Status="completed")) == (400, 21220)
    assert problem(ask("POST", path, Url=f"{PUBLIC_URL}/new")) == (400, 21220)
    shown = ask("GET", path).get_json()
    assert (shown["status"], shown["duration"], shown["from"]) == ("completed", "12", "+34600000001")


def test_looking_at_a_call_and_its_leg(ask: Ask, caller: Caller, application: Application) -> None:
    application.pages["/voice/incoming"] = '<Dial answerOnBridge="true"><Client>ana</Client></Dial>'
    caller.dials(NUMBER)
    call, leg = caller.call, caller.call.legs[0]
    shown = ask("GET", f"/Calls/{call.sid}.json").get_json()
    assert (shown["sid"], shown["status"], shown["duration"]) == (call.sid, "ringing", None)
    caller.answers("ana")
    shown = ask("GET", f"/Calls/{leg.sid}.json").get_json()
    assert (shown["parent_call_sid"], shown["status"], shown["to"]) == (call.sid, "in-progress", "client:ana")


# A leg can be ended too: its callee hangs up, or stops being rung.
def test_ending_a_leg(ask: Ask, caller: Caller, application: Application) -> None:
    application.pages["/voice/incoming"] = '<Dial action="/after"><Client>ana</Client></Dial>'
    application.pages["/after"] = ""
    leg = caller.dials(NUMBER).call.legs[0]
    assert ask("POST", f"/Calls/{leg.sid}.json", Status="completed").status_code == 200
    assert leg.status == "canceled"
    leg = caller.dials(NUMBER).answers("ana").call.legs[0]
    assert ask("POST", f"/Calls/{leg.sid}.json", Status="completed").status_code == 200
    caller.ended()
    assert application.last("/after")["DialCallStatus"] == "completed"
    assert problem(ask("POST", f"/Calls/{leg.sid}.json", Status="completed")) == (400, 21220)


# A decimal in a string, as on the wire.
def test_the_balance(ask: Ask, rest: RestApp) -> None:
    rest.balance = "1.50"
    assert ask("GET", "/Balance.json").get_json() == {"account_sid": ACCOUNT, "balance": "1.50", "currency": "EUR"}


# What is not there is 20404, and so is another account.
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/Calls/CAnothing.json"),
        ("POST", "/Calls/CAnothing.json"),
        ("GET", "/Nothing.json"),
        ("DELETE", "/Balance.json"),
        ("GET", "/Recordings/REnothing.wav"),
        ("GET", "/2010-04-01/Accounts/ACother/Balance.json"),
    ],
)
def test_what_is_not_there(ask: Ask, method: str, path: str) -> None:
    assert problem(ask(method, path, Url=f"{PUBLIC_URL}/new")) == (404, 20404)


@pytest.mark.parametrize("login", [f"{ACCOUNT}:wrong", f"other:{TOKEN}", ":"])
def test_without_the_credentials(ask: Ask, login: str) -> None:
    assert problem(ask("GET", "/Balance.json", login=login)) == (401, 20003)


@pytest.mark.parametrize(("form", "code"), [({}, 20001), ({"Status": "paused"}, 20001), ({"Url": "/new"}, 21205)])
def test_orders_that_make_no_sense(ask: Ask, caller: Caller, form: dict[str, str], code: int) -> None:
    path = f"/Calls/{caller.dials(NUMBER).call.sid}.json"
    assert problem(ask("POST", path, **form)) == (400, code)


PN = f"/IncomingPhoneNumbers/PN{NUMBER[1:]:0>32}.json"


# "Cannot set VoiceFallbackUrl without setting Url" (21405), "Valid Method values are GET or POST" (21403).
@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"VoiceUrl": "", "VoiceFallbackUrl": "https://x.example.com/"}, 21405),
        ({"VoiceMethod": "PUT"}, 21403),
        ({"StatusCallback": "x.example.com/status"}, 22105),
    ],
)
def test_a_number_is_not_set_to_what_makes_no_sense(ask: Ask, rest: RestApp, form: dict[str, str], code: int) -> None:
    rest.changed[NUMBER] = {"voice_url": None, "voice_fallback_url": None}
    assert problem(ask("POST", PN, **form)) == (400, code)
    assert rest.changed[NUMBER] == {"voice_url": None, "voice_fallback_url": None}


# Setting an application takes the trunk off, and the other way round (twiml.md section 3).
def test_a_number_has_its_own_addresses_or_an_application_or_a_trunk(ask: Ask, rest: RestApp) -> None:
    rest.changed[NUMBER] = {"trunk_sid": "TK1"}
    after = ask("POST", PN, VoiceApplicationSid="AP1", VoiceUrl="https://x.example.com/").get_json()
    assert (after["voice_application_sid"], after["trunk_sid"]) == ("AP1", None)
    assert ask("GET", "/IncomingPhoneNumbers.json").get_json()["incoming_phone_numbers"] == [after]
    assert problem(ask("POST", "/IncomingPhoneNumbers/PNnone.json", VoiceUrl="")) == (404, 20404)


# A recording has a page of its own besides its sound.
def test_looking_at_a_recording(ask: Ask, caller: Caller, application: Application) -> None:
    application.pages["/voice/incoming"] = '<Record action="/saved"/>'
    application.pages["/saved"] = ""
    caller.dials(NUMBER).leaves_message(3).presses("#")
    shown = ask("GET", f"/Recordings/{application.last('/saved')['RecordingSid']}.json").get_json()
    assert (shown["duration"], shown["channels"], shown["status"]) == ("3", 1, "completed")


def test_requests_are_kept_and_can_be_held_up(ask: Ask, rest: RestApp) -> None:
    def down() -> None:
        raise ConnectionError

    ask("GET", "/Balance.json")
    assert rest.requests == [("GET", f"{BASE}/Balance.json", {})]
    rest.delay = down
    with pytest.raises(ConnectionError):
        ask("GET", "/Balance.json")


# The application may use the API from a thread of its own while it answers a webhook.
def test_an_order_from_another_thread_during_a_webhook(ask: Ask, caller: Caller, application: Application) -> None:
    second = Caller(caller.exchange, "+34600000002").dials(NUMBER)
    caller.dials(NUMBER)
    answers: list[int] = []

    def free(_: object) -> Reply:
        order = {"Url": f"{PUBLIC_URL}/new"}
        thread = Thread(target=lambda: answers.append(ask("POST", path, **order).status_code))
        thread.start()
        thread.join(5)
        return Reply(status=204, content_type=None)

    path = f"/Calls/{caller.call.sid}.json"
    application.pages["/voice/status"] = free
    second.hangs_up()
    assert answers == [200]
    caller.rings("ana")


# … or from one while nothing else happens.
def test_an_order_from_another_thread_at_rest(ask: Ask, caller: Caller) -> None:
    path = f"/Calls/{caller.dials(NUMBER).call.sid}.json"
    thread = Thread(target=lambda: ask("POST", path, Url=f"{PUBLIC_URL}/new"))
    thread.start()
    thread.join()
    caller.rings("ana")
