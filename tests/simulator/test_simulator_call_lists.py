"""The REST stand-in's lists of calls: what is in them, how they are chosen from, how their pages are turned."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from werkzeug.test import Client

from simulator import Caller, Exchange, RestApp, rest_app
from tests.simulator.application import Application
from tests.simulator.conftest import ACCOUNT, START, TOKEN

NUMBER = "+34910000001"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
LOGIN = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}


def get(rest: RestApp, path: str) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    answer = Client(rest).get(path, headers=LOGIN)
    return answer.status_code, answer.get_json()


def listed(rest: RestApp, **query: object) -> list[dict[str, Any]]:
    """The calls that a list shows."""
    status, body = get(rest, f"{PATH}?{urlencode(query)}")
    assert status == 200, body
    calls: list[dict[str, Any]] = body["calls"]
    return calls


def pages(rest: RestApp, **query: object) -> Iterator[list[str]]:
    """The sids of every page, turned by next_page_uri."""
    uri = f"{PATH}?{urlencode(query)}"
    while uri:
        status, body = get(rest, uri)
        assert status == 200, body
        yield [call["sid"] for call in body["calls"]]
        uri = body["next_page_uri"]


@pytest.fixture
def rest(exchange: Exchange) -> RestApp:
    """The REST API of that exchange."""
    return rest_app(exchange)


def talks(caller: Caller, application: Application) -> None:
    """A call of which Ana takes 42 seconds."""
    application.pages["/voice/incoming"] = '<Dial answerOnBridge="true"><Client>ana</Client></Dial>'
    caller.dials(NUMBER).waits(5).answers("ana").waits(42).hangs_up()


# Every call of the account is listed, its legs too; times are RFC 2822, the duration counts from the answer.
def test_a_call_and_its_leg(rest: RestApp, caller: Caller, application: Application) -> None:
    talks(caller, application)
    call, leg = sorted(listed(rest), key=lambda each: each["direction"])
    expected = {
        "sid": caller.call.sid,
        "parent_call_sid": None,
        "from": "+34600000001",
        "to": NUMBER,
        "status": "completed",
        "direction": "inbound",
        "start_time": "Mon, 02 Mar 2026 09:00:00 +0000",
        "end_time": "Mon, 02 Mar 2026 09:00:47 +0000",
        "duration": "42",
        "price": None,
    }
    assert call.items() >= expected.items()
    assert (leg["parent_call_sid"], leg["direction"], leg["to"]) == (caller.call.sid, "outbound-dial", "client:ana")
    assert (leg["duration"], leg["start_time"]) == ("42", expected["start_time"])
    assert get(rest, PATH.replace("Calls.json", f"Calls/{call['sid']}.json"))[1] == call


# The duration is empty for busy, failed, unanswered and ongoing calls.
def test_what_was_not_answered_has_no_duration(rest: RestApp, caller: Caller, application: Application) -> None:
    application.pages["/voice/incoming"] = '<Reject reason="busy"/>'
    caller.dials(NUMBER)
    application.pages["/voice/incoming"] = "<Pause length='90'/>"
    Caller(caller.exchange, "+34600000002").dials(NUMBER)
    up, busy = sorted(listed(rest), key=lambda call: call["from"], reverse=True)
    assert (busy["status"], busy["duration"], busy["end_time"]) == ("busy", None, "Mon, 02 Mar 2026 09:00:00 +0000")
    assert (up["status"], up["duration"], up["end_time"]) == ("ringing", None, None)


# To, From, Status, ParentCallSid and StartTime choose; on or after, on or before, or on a day.
def test_lists_are_chosen_from(rest: RestApp, caller: Caller, application: Application) -> None:
    talks(caller, application)
    old = rest.add_call(from_="+34600000009", to="+34910000002", started_at=START - timedelta(days=2))
    back = rest.add_call(from_=NUMBER, to="+34600000001", seconds=9, direction="outbound-api")
    call, leg = caller.call.sid, caller.call.legs[0].sid
    for query, found in [
        ({"To": "+34910000002"}, {old}),
        ({"From": NUMBER}, {back}),
        ({"ParentCallSid": call}, {leg}),
        ({"Status": "completed"}, {call, leg, old, back}),
        ({"Status": "busy"}, set()),
        ({"StartTime>": "2026-03-02"}, {call, leg, back}),
        ({"StartTime>": "2026-03-02T09:00:00Z"}, {call, leg, back}),
        ({"StartTime>": "2026-03-02T09:00:01Z"}, {back}),
        ({"StartTime<": "2026-03-01"}, {old}),
        ({"StartTime": "2026-02-28"}, {old}),
        ({"StartTime>": "2026-03-02", "From": NUMBER}, {back}),
    ]:
        assert {each["sid"] for each in listed(rest, **query)} == found, query
    assert {each["sid"] for each in get(rest, PATH + "?StartTime>=2026-03-02&From=%2B34910000001")[1]["calls"]} == {
        back
    }


# SignalWire's StartTime> is the midnight of a day.
def test_some_providers_count_by_days(exchanges: Callable[..., Exchange]) -> None:
    rest = rest_app(exchanges(dialect="signalwire"))
    early = rest.add_call(from_="+34600000001", to=NUMBER, started_at=datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
    rest.add_call(from_="+34600000001", to=NUMBER, started_at=datetime(2026, 3, 1, 23, 30, tzinfo=UTC))
    assert [call["sid"] for call in listed(rest, **{"StartTime>": "2026-03-02T09:00:00Z"})] == [early]


# The latest first, 50 to a page unless PageSize says otherwise; next_page_uri is null on the last.
def test_pages_are_turned(rest: RestApp) -> None:
    sids = [rest.add_call(from_="+34600000001", to=NUMBER, ago=ago) for ago in range(120)]
    turned = list(pages(rest))
    assert [len(page) for page in turned] == [50, 50, 20]
    assert [sid for page in turned for sid in page] == sids
    assert [len(page) for page in pages(rest, PageSize=120)] == [120]
    assert [len(page) for page in pages(rest, PageSize=7, To=NUMBER)] == [7] * 17 + [1]
    assert get(rest, f"{PATH}?PageSize=5000")[1]["page_size"] == 1000


def test_a_call_that_comes_while_pages_are_turned_moves_none(rest: RestApp) -> None:
    sids = [rest.add_call(from_="+34600000001", to=NUMBER, ago=ago) for ago in range(10, 14)]
    turning = pages(rest, PageSize=2)
    first = next(turning)
    rest.add_call(from_="+34600000002", to=NUMBER)
    assert [*first, *(sid for page in turning for sid in page)] == sids


@pytest.mark.parametrize("query", ["PageSize=many", "PageToken=PAnowhere", "StartTime%3E=yesterday"])
def test_questions_that_make_no_sense(rest: RestApp, query: str) -> None:
    rest.add_call(from_="+34600000001", to=NUMBER)
    status, body = get(rest, f"{PATH}?{query}")
    assert (status, body["code"]) == (400, 20001)


# A call of which the application never heard can be looked at, and cannot be changed: it is over.
def test_a_call_that_nobody_was_asked_about(rest: RestApp, application: Application) -> None:
    sid = rest.add_call(from_="+34600000001", to=NUMBER, seconds=30, ago=600)
    leg = rest.add_call(from_=NUMBER, to="+34600111222", seconds=20, ago=590, direction="outbound-dial", parent=sid)
    assert [call["sid"] for call in listed(rest, ParentCallSid=sid)] == [leg]
    shown = get(rest, PATH.replace("Calls.json", f"Calls/{sid}.json"))[1]
    assert (shown["duration"], shown["end_time"]) == ("30", "Mon, 02 Mar 2026 08:50:30 +0000")
    changed = Client(rest).post(
        PATH.replace("Calls.json", f"Calls/{sid}.json"), headers=LOGIN, data={"Status": "completed"}
    )
    assert (changed.status_code, changed.get_json()["code"]) == (400, 21220)
    assert application.asked == []
