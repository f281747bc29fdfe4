"""The provider's REST API as jobs use it: calls, lists, the balance, and what goes wrong with each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from calls.details import LegFact
from tests.simulator.application import Application, Asked, Reply, serving
from tests.voice.provider import ACCOUNT, NOW, PATIENT, TOKEN, Side, provider_side
from voice.provider import rest as client
from voice.provider.call_list import ProviderCall, read_call
from voice.provider.rest import ProviderApi, ProviderError

MAIN = "+34910000001"
CUSTOMER = "+34600000001"


@pytest.fixture
def side() -> Iterator[Side]:
    """A provider and our client."""
    with provider_side() as side:
        yield side


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Application], None]]:
    """A server that answers as a test says."""
    with serving() as serve:
        yield serve


def scripted(serve: Callable[[Application], None], path: str, *bodies: object) -> tuple[Application, ProviderApi]:
    """A provider that answers with these JSON bodies, one after the other."""
    replies: list[Any] = [Reply(body=json.dumps(body), content_type="application/json") for body in bodies]
    application = Application(pages={f"/2010-04-01/Accounts/{ACCOUNT}/{path}": replies})
    serve(application)
    api = ProviderApi(base=application.connect_url, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
    return application, api


def test_a_call_is_a_record(side: Side) -> None:
    sid = side.rest.add_call(from_=CUSTOMER, to=MAIN, seconds=42, ago=600)
    assert side.api.call(sid) == ProviderCall(
        sid=sid,
        status="completed",
        from_=CUSTOMER,
        to=MAIN,
        direction="inbound",
        parent=None,
        started_at=NOW - timedelta(seconds=600),
        ended_at=NOW - timedelta(seconds=558),
        seconds=42,
    )
    assert side.api.status(sid) == "completed"


@pytest.mark.parametrize("call_id", ["CA0", "", "../Balance", "nameless 1/2?x#y", "☎"])
def test_a_call_that_never_was_is_none(side: Side, call_id: str) -> None:
    side.rest.balance = "0"
    assert side.api.call(call_id) is None
    assert side.api.status(call_id) is None


@pytest.mark.parametrize("prefix", ["", "/api/laml"])
def test_a_base_may_have_a_path(prefix: str) -> None:
    with provider_side("signalwire", prefix) as side:
        sids = [side.rest.add_call(from_=CUSTOMER, to=MAIN, ago=ago) for ago in range(3)]
        assert [call.sid for page in side.api.calls_since(NOW - timedelta(hours=1)) for call in page.calls] == sids


# "start_time: … given as UTC in RFC 2822 format. Empty if the call has not yet been dialed." "duration: … empty for
# busy, failed, unanswered, or ongoing calls." (twilio.com/docs/voice/api/call-resource)
@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("Mon, 02 Mar 2026 09:00:00 +0000", NOW),
        ("Mon, 02 Mar 2026 10:00:00 +0100", NOW),
        ("Mon, 2 Mar 2026 09:00:00 -0000", NOW),
        ("Mon, 02 Mar 2026 09:00:00 GMT", NOW),
        ("", None),
        (None, None),
        ("soon", None),
        (0, None),
    ],
)
def test_times(written: object, moment: datetime | None) -> None:
    found = read_call({"sid": "CA1", "start_time": written, "end_time": written})
    assert (found.started_at, found.ended_at) == (moment, moment)
    assert found.started_at is None or found.started_at.tzinfo is UTC


@pytest.mark.parametrize(("written", "seconds"), [("42", 42), (42, 42), ("0", 0), ("", 0), (None, 0), ("-1", 0)])
def test_durations(written: object, seconds: int) -> None:
    assert read_call({"sid": "CA1", "duration": written}).seconds == seconds


@pytest.mark.parametrize(
    ("status", "over"),
    [(each, False) for each in ("queued", "ringing", "in-progress", "", "unheard-of")]
    + [(each, True) for each in ("completed", "busy", "failed", "no-answer", "canceled")],
)
def test_what_is_over(status: str, over: bool) -> None:
    assert read_call({"sid": "CA1", "status": status}).over is over


def test_legs_are_told_in_the_order_in_which_they_were_dialled(side: Side) -> None:
    sid = side.rest.add_call(from_=CUSTOMER, to=MAIN, seconds=90, ago=600)
    dialled = {"from_": CUSTOMER, "direction": "outbound-dial", "parent": sid}
    side.rest.add_call(to="+34600111222", seconds=30, ago=550, **dialled)  # type: ignore[arg-type]
    side.rest.add_call(to="client:ana", status="no-answer", ago=580, **dialled)  # type: ignore[arg-type]
    side.rest.add_call(from_=CUSTOMER, to="client:ana", direction="outbound-dial", parent="CA of another", seconds=5)
    assert side.api.legs(sid) == (
        LegFact(to="client:ana", status="no-answer", seconds=0, started_at=NOW - timedelta(seconds=580)),
        LegFact(to="+34600111222", status="completed", seconds=30, started_at=NOW - timedelta(seconds=550)),
    )
    assert side.api.legs("CA nowhere") == ()


# A provider that passed over ParentCallSid would tell the legs of everybody.
def test_legs_of_other_calls_are_left_out(serve: Callable[[Application], None]) -> None:
    others = [{"sid": "CA2", "parent_call_sid": "CA1"}, {"sid": "CA3", "parent_call_sid": "CA9"}, {"sid": "CA4"}]
    _, api = scripted(serve, "Calls.json", {"calls": others})
    assert len(api.legs("CA1")) == 1


def test_pages_are_turned_and_can_be_gone_on_with(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "CALLS_ON_A_PAGE", 3)
    sids = [side.rest.add_call(from_=CUSTOMER, to=MAIN, ago=ago) for ago in range(8)]
    since = NOW - timedelta(hours=1)
    pages = list(side.api.calls_since(since))
    assert [[call.sid for call in page.calls] for page in pages] == [sids[:3], sids[3:6], sids[6:]]
    for at, page in enumerate(pages):
        assert list(side.api.calls_since(since, page.here)) == pages[at:]
    assert [page.next for page in pages] == [pages[1].here, pages[2].here, ""]


def test_what_is_older_is_left_out_where_the_provider_counts_by_days() -> None:
    with provider_side("signalwire") as side:
        side.rest.add_call(from_=CUSTOMER, to=MAIN, ago=3 * 3600)
        late = side.rest.add_call(from_=CUSTOMER, to=MAIN, ago=1800)
        pages = list(side.api.calls_since(NOW - timedelta(hours=1)))
        assert [call.sid for page in pages for call in page.calls] == [late]


# An answer cannot lead us to another place: of the address of the next page only the query is taken.
def test_a_next_page_elsewhere_is_asked_for_here(serve: Callable[[Application], None]) -> None:
    moment = "Mon, 02 Mar 2026 09:00:00 +0000"
    first = {"calls": [{"sid": "CA1", "start_time": moment}], "next_page_uri": "https://elsewhere.example.com/x?Page=1"}
    last = {"calls": [{"sid": "CA2", "start_time": moment}], "next_page_uri": None}
    application, api = scripted(serve, "Calls.json", first, last)
    assert [call.sid for page in api.calls_since(NOW) for call in page.calls] == ["CA1", "CA2"]
    assert [asked.query for asked in application.asked] == [
        "StartTime%3E=2026-03-02T09%3A00%3A00Z&PageSize=500",
        "Page=1",
    ]


def test_the_balance_is_a_decimal(side: Side) -> None:
    side.rest.balance = "-0.10"
    assert side.api.balance() == Decimal("-0.10")


def test_the_account_says_how_it_is(side: Side) -> None:
    assert side.api.account_status() == "active"
    side.rest.status = "suspended"
    assert side.api.account_status() == "suspended"
    side.rest.status = "active"
    stranger = ProviderApi(base=f"{side.url}/elsewhere", account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
    assert stranger.account_status() is None


@pytest.mark.parametrize("body", [{}, {"balance": None}, {"balance": "much"}, {"balance": "NaN"}, [], "1.50", None])
def test_a_balance_that_is_none(serve: Callable[[Application], None], body: object) -> None:
    _, api = scripted(serve, "Balance.json", body)
    with pytest.raises(ProviderError) as error:
        api.balance()
    assert not error.value.permanent


# SignalWire's API is not known to tell a balance.
def test_no_balance_at_all_is_permanent(serve: Callable[[Application], None]) -> None:
    _, api = scripted(serve, "Calls.json", {})
    with pytest.raises(ProviderError) as error:
        api.balance()
    assert error.value.permanent


@pytest.mark.parametrize("body", [{}, {"calls": None}, {"calls": "CA1"}, {"calls": [1]}, {"calls": [{}]}, []])
def test_a_list_that_is_none(serve: Callable[[Application], None], body: object) -> None:
    _, api = scripted(serve, "Calls.json", body)
    with pytest.raises(ProviderError) as error:
        list(api.calls_since(NOW))
    assert not error.value.permanent


# One error per boundary, with `permanent` (STYLE 7).
OUTAGES = {"500": False, "429": False, "before": False, "drop": False, "halfway": False, "page": False}


@pytest.mark.parametrize(("kind", "permanent"), OUTAGES.items(), ids=OUTAGES)
def test_outages(side: Side, kind: str, permanent: bool) -> None:
    with side.outage(kind), pytest.raises(ProviderError) as error:
        side.api.balance()
    assert error.value.permanent is permanent
    assert TOKEN not in str(error.value)
    assert side.api.balance() == Decimal("100.00")


def test_a_wrong_token_is_permanent(side: Side) -> None:
    stranger = ProviderApi(base=side.url, account_sid=ACCOUNT, auth_token="another", timeouts=PATIENT)
    with pytest.raises(ProviderError, match="401") as error:
        stranger.balance()
    assert error.value.permanent


# Whatever drips in is given up after a while, although no single wait is long.
def test_an_answer_in_drips_is_given_up(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "ANSWER_WITHIN", 0.1)
    side.rest.break_down("drip")
    with pytest.raises(ProviderError, match="no whole answer") as error:
        side.api.balance()
    assert not error.value.permanent


def test_an_answer_without_end_is_given_up(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MOST_ANSWER", 1_000_000)
    side.rest.break_down("huge")
    with pytest.raises(ProviderError, match="more than 1,000,000 bytes"):
        side.api.balance()


# A redirected question would take our credentials somewhere else.
def test_a_redirect_of_a_question_is_not_followed(serve: Callable[[Application], None]) -> None:
    def elsewhere(_: Asked) -> Reply:
        return Reply(status=307, headers=(("Location", "/elsewhere"),))

    application, api = scripted(serve, "Balance.json", {})
    application.pages = {f"/2010-04-01/Accounts/{ACCOUNT}/Balance.json": elsewhere, "/elsewhere": Reply(body="{}")}
    with pytest.raises(ProviderError, match="307"):
        api.balance()
    assert len(application.asked) == 1
