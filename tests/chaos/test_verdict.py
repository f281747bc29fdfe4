"""What the judge of the chaos run, and of the load, takes for an answer: silence is none, whatever was heard before."""

from __future__ import annotations

import pytest

from simulator import Webhook
from simulator.records import Line
from tests.chaos.verdict import is_a_fault_of_ours
from tests.crowd.documents import nonsense
from tests.crowd.experience import Experience

INCOMING, GROUP, SCREEN, FALLBACK = "/voice/incoming", "/voice/at/group", "/voice/at/screen", "/voice/fallback"
EMPTY, ENDS, ANSWERED, KEY = "", "<Hangup/>", {"DialCallStatus": "completed"}, {"Digits": "1"}
LISTENS, ON_A_LEG, GONE = {"CallStatus": "in-progress"}, {"ParentCallSid": "CA1"}, {"CallStatus": "completed"}


def answer(path: str, inside: str, **params: str) -> Webhook:
    """An answer to a call that is up, unless `params` say otherwise."""
    return Webhook(
        url=f"https://acme.example.com{path}?step=1",
        method="POST",
        params=LISTENS | params,
        status_code=200,
        text=f"<Response>{inside}</Response>",
        headers={"Content-Type": "text/xml; charset=utf-8"},
    )


# "every caller heard a sensible document at every step" (issue 5, part 3): one that says or rings something.
@pytest.mark.parametrize("path", [INCOMING, "/voice/at/menu", "/voice/at/hold", "/voice/at/message", GROUP, FALLBACK])
@pytest.mark.parametrize("inside", [EMPTY, ENDS, "<Say> </Say>", "<Gather/>", "<Dial/>", "<Dial><Client/></Dial>"])
def test_a_caller_who_hears_nothing_has_had_no_answer(path: str, inside: str) -> None:
    assert str(nonsense(answer(path, inside))).startswith(f"answered with silence: {path}")


@pytest.mark.parametrize("inside", ["<Say>a</Say>", "<Reject/>", "<Dial><Client>a</Client></Dial>", "<Record/>"])
def test_whatever_a_caller_notices_is_an_answer(inside: str) -> None:
    assert nonsense(answer(INCOMING, inside)) is None


@pytest.mark.parametrize(
    ("path", "inside", "params"),
    [
        ("/voice/status", EMPTY, GONE),
        ("/voice/leg", EMPTY, {}),
        (GROUP, ENDS, GONE),
        (GROUP, ENDS, ANSWERED),
        (FALLBACK, ENDS, ON_A_LEG),
        (SCREEN, EMPTY, KEY),
        (SCREEN, ENDS, {}),
    ],
)
def test_where_nobody_listens_or_a_talk_is_over_nothing_need_be_said(
    path: str, inside: str, params: dict[str, str]
) -> None:
    assert nonsense(answer(path, inside, **params)) is None


def test_a_screen_that_asks_nothing_is_silence_too() -> None:
    assert nonsense(answer(SCREEN, EMPTY))


class Carried:
    """A call with a greeting, and a document after it."""

    def __init__(self, last: str) -> None:
        self.transcript = [Line(0, "say", "Acme."), Line(3, "end", "end of the document")]
        self.webhooks = [answer(INCOMING, "<Gather><Say>Acme.</Say></Gather>"), answer(GROUP, last)]
        self.legs: list[object] = []


def test_a_greeting_does_not_hide_the_silence_after_it() -> None:
    def silent(last: str) -> bool:
        return Experience(firm=None, plan=None, call=Carried(last)).silent  # type: ignore[arg-type]

    assert silent(EMPTY)
    assert silent(ENDS)
    assert not silent("<Say>Adiós.</Say><Hangup/>")


def test_a_job_that_fails_by_a_mistake_is_told_from_one_whose_store_is_away() -> None:
    assert is_a_fault_of_ours("KeyError: 'sid'")
    assert is_a_fault_of_ours("AssertionError")
    for outside in ("redis.exceptions.ConnectionError: gone", "OSError: no room", "ConnectionResetError: gone", ""):
        assert not is_a_fault_of_ours(outside)
