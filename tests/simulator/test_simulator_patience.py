"""What the fragment of an address asks of the provider: how often to try again, after what, and how long to wait."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event

import pytest

from simulator import DIALECTS, Caller, Exchange
from simulator.patience import Patience
from tests.simulator.application import PUBLIC_URL, Application, Asked, Reply

NUMBER = "+34910000001"
BROKEN = Reply(status=500)
AGAIN = "#rc=5&amp;rp=all"


def slow(_: Asked) -> str:
    """Answer after the provider's patience."""
    Event().wait(0.15)
    return ""


# ct, rt and tt are milliseconds; rp=all is every policy; more than five retries there are not.
@pytest.mark.parametrize(
    ("fragment", "connect", "answer", "total", "retries", "after"),
    [
        ("", 5, 15, 15, 1, {"ct"}),
        ("#rc=2&rp=all", 5, 15, 15, 2, {"ct", "rt", "4xx", "5xx"}),
        ("#rc=5&rp=all", 5, 15, 15, 5, {"ct", "rt", "4xx", "5xx"}),
        ("#rc=9&rp=5xx,rt", 5, 15, 15, 5, {"5xx", "rt"}),
        ("#ct=100&rt=2000&tt=8000&e=dublin", 0.1, 2, 8, 1, {"ct"}),
        ("#tt=8000", 5, 8, 8, 1, {"ct"}),
        ("#rt=9000&tt=8000", 5, 8, 8, 1, {"ct"}),
        ("#rc=0", 5, 15, 15, 0, {"ct"}),
    ],
)
def test_wishes(fragment: str, connect: float, answer: float, total: float, retries: int, after: set[str]) -> None:
    found = Patience.of(f"{PUBLIC_URL}/voice/at/menu?step=1{fragment}", DIALECTS["twilio"])
    assert (found.connect, found.answer, found.total, found.retries) == (connect, answer, total, retries)
    assert found.retry_on == after


# SignalWire knows times only, and repeats a status callback twice by itself; Somleng documents nothing of it.
def test_providers_that_grant_less() -> None:
    wish = PUBLIC_URL + "#rc=5&rp=all&rt=1000&ot=700"
    signalwire, somleng = DIALECTS["signalwire"], DIALECTS["somleng"]
    assert Patience.of(wish, signalwire) == Patience(connect=0.7, answer=1, total=5)
    assert Patience.of(wish, signalwire, callback=True).retries == 2
    assert Patience.of(PUBLIC_URL, signalwire, callback=True).retry_on == {"ct", "rt", "4xx", "5xx"}
    assert Patience.of(wish, somleng, callback=True) == Patience.of(PUBLIC_URL, somleng)


def test_callbacks_that_a_provider_repeats_by_itself(
    application: Application, exchanges: Callable[..., Exchange]
) -> None:
    application.pages |= {"/voice/incoming": BROKEN, "/voice/fallback": "", "/voice/status": BROKEN}
    Caller(exchanges(dialect="signalwire")).dials(NUMBER).ended()
    assert len(application.to("/voice/incoming")) == 1
    assert len(application.to("/voice/status")) == 3


# The number's status callback is configured with a wish to be tried again (README); the wish itself is not sent.
def test_the_status_callback_is_tried_again(application: Application, caller: Caller) -> None:
    application.pages |= {"/voice/incoming": "", "/voice/status": [BROKEN, Reply(status=503), Reply(status=204)]}
    assert caller.exchange.provider.status_url == f"{PUBLIC_URL}/voice/status#rc=5&rp=all"
    caller.dials(NUMBER).ended()
    asked = application.to("/voice/status")
    assert [each.query for each in asked] == ["", "", ""]
    assert len({each.headers["X-Twilio-Signature"] for each in asked}) == 1
    assert len({each.headers["I-Twilio-Idempotency-Token"] for each in asked}) == 1
    assert caller.exchange.faults == []


def test_five_times_and_no_more(application: Application, caller: Caller) -> None:
    application.pages |= {"/voice/incoming": "", "/voice/status": BROKEN}
    caller.dials(NUMBER).ended()
    assert len(application.to("/voice/status")) == 6
    assert [fault.code for fault in caller.exchange.faults] == ["15003"]


# Every address of a document may carry the wish.
PLACES = {
    "leg": f'<Dial><Client statusCallback="/told{AGAIN}">ana</Client></Dial>',
    "recording": f'<Record recordingStatusCallback="/told{AGAIN}" action="/end"/>',
    "gather": f'<Gather numDigits="1" action="/told{AGAIN}"/>',
    "dial": f'<Dial action="/told{AGAIN}"><Client>ana</Client></Dial>',
    "record": f'<Record action="/told{AGAIN}"/>',
    "redirect": f"<Redirect>/told{AGAIN}</Redirect>",
    "whisper": f'<Dial><Client url="/told{AGAIN}">ana</Client></Dial>',
}


@pytest.mark.parametrize("place", PLACES)
def test_any_request_is_tried_again(application: Application, caller: Caller, place: str) -> None:
    application.pages |= {"/voice/incoming": PLACES[place], "/told": [BROKEN, ""], "/end": ""}
    caller.dials(NUMBER)
    if place in {"leg", "dial", "whisper"}:
        caller.answers("ana").hangs_up()
    elif place in {"recording", "record"}:
        caller.leaves_message(2).hangs_up()
    elif place == "gather":
        caller.presses("1")
    one, two = application.to("/told")
    assert (one.path, one.query, one.params) == (two.path, two.query, two.params)
    assert caller.exchange.faults == []


# An answer that is too late is retried by rt and all, and not by the default.
@pytest.mark.parametrize(("fragment", "times"), [("#rt=50", 1), ("#rt=50&rc=2&rp=rt", 3), ("#rt=50&rc=2&rp=all", 3)])
def test_late_answers(application: Application, exchanges: Callable[..., Exchange], fragment: str, times: int) -> None:
    application.pages["/voice/incoming"] = slow
    caller = Caller(exchanges(voice_url=f"{PUBLIC_URL}/voice/incoming{fragment}", fallback_url=None))
    caller.dials(NUMBER).hears("application error")
    assert len(application.to("/voice/incoming")) == times


# tt is for all attempts together: when it is used up, there is no other.
def test_the_time_for_all_attempts(application: Application, exchanges: Callable[..., Exchange]) -> None:
    application.pages["/voice/incoming"] = slow
    url = f"{PUBLIC_URL}/voice/incoming#rc=5&rp=all&tt=100"
    caller = Caller(exchanges(voice_url=url, fallback_url=None))
    caller.dials(NUMBER).hears("application error")
    assert len(application.to("/voice/incoming")) == 1
