"""The stand-in portal is as strict as the documentation: what would be refused there is refused here (bitrix24.md)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tests.portal.pace import Operating
from tests.portal.parameters import ATTACH, FINISH, LINES, REGISTER, SEARCH, STATISTICS
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, Portal, portal
from tests.portal.telephony import Entity

HEADERS = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "A test"}
CALLER = "+34600000001"

CALL = {"USER_ID": 12, "PHONE_NUMBER": CALLER, "TYPE": 2, "LINE_NUMBER": "+34910000001", "EXTERNAL_CALL_ID": "CA1"}

NOT_REGISTERED = "Call is not found (call should be registered prior to finishing"
NOT_FINISHED = "Call is not found in the statistic table. Looks like it is not finished yet."


class Time:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_795_500_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def there(clock: Time) -> Iterator[Portal]:
    with portal(clock=clock, entities=[Entity(kind="CONTACT", id=651, number="+34600222001", user=14)]) as found:
        yield found


@pytest.fixture
def ask(there: Portal) -> Iterator[Callable[..., requests.Response]]:
    """Call a method with the application's token: ask(method, PARAMETER=…)."""
    token = there.token().access
    with requests.Session() as session:

        def ask_(method: str, auth: str = token, path: str = "/rest/", **params: Any) -> requests.Response:
            return session.post(f"{there.url}{path}{method}", json=params | {"auth": auth}, headers=HEADERS)

        yield ask_


Ask = Callable[..., requests.Response]


def said(answer: requests.Response) -> tuple[int, str, str]:
    """How a request was refused."""
    body = answer.json()
    return answer.status_code, body["error"], body["error_description"]


def on_file(ask: Ask, **fields: Any) -> str:
    """Register and finish a call; returns its id."""
    call_id: str = ask(REGISTER, **CALL | fields).json()["result"]["CALL_ID"]
    assert ask(FINISH, CALL_ID=call_id, USER_ID=12, DURATION=5, STATUS_CODE="200").status_code == 200
    return call_id


# bitrix24.md 2 to 6: the errors of each method.
@pytest.mark.parametrize(
    ("method", "params", "text"),
    [
        (REGISTER, CALL | {"USER_ID": None}, "USER_ID or USER_PHONE_INNER should be set"),
        (REGISTER, CALL | {"TYPE": None}, "Unknown TYPE"),
        (REGISTER, CALL | {"TYPE": 6}, "Unknown TYPE"),
        (REGISTER, CALL | {"PHONE_NUMBER": None}, "Unsupported phone number format"),
        (REGISTER, CALL | {"PHONE_NUMBER": "anonymous"}, "Unsupported phone number format"),
        (REGISTER, CALL | {"USER_ID": 99}, "User is not found or is not active"),
        (
            REGISTER,
            CALL | {"CALL_START_DATE": "2026-11-24T10:30:00"},
            "CALL_START_DATE should be in the ISO-8601 format",
        ),
        (REGISTER, CALL | {"CALL_START_DATE": "today"}, "CALL_START_DATE should be in the ISO-8601 format"),
        (FINISH, {"CALL_ID": "x"}, "USER_ID or USER_PHONE_INNER should be set"),
        (FINISH, {"CALL_ID": "x", "USER_ID": 12}, NOT_REGISTERED),
        (ATTACH, {"CALL_ID": "x", "FILENAME": "a.mp3"}, NOT_FINISHED),
        (
            *(ATTACH, {"CALL_ID": "x"}),
            "Required parameters are not set. Request should contain or URL or FILENAME parameter",
        ),
        (SEARCH, {}, "PHONE_NUMBER is empty"),
        (SEARCH, {"PHONE_NUMBER": ""}, "PHONE_NUMBER is empty"),
    ],
)
def test_what_is_wrong_is_refused_in_the_documented_words(
    ask: Ask, method: str, params: dict[str, Any], text: str
) -> None:
    given = {name: value for name, value in params.items() if value is not None}
    assert said(ask(method, **given)) == (400, "ERROR_CORE", text)


def test_an_id_that_is_no_text_is_refused(ask: Ask) -> None:
    assert said(ask(FINISH, CALL_ID=7, USER_ID=12)) == (400, "INVALID_ARGUMENT", "CALL_ID must be a string")


# What the documentation does not have is no error there, perhaps; here a test fails by it.
@pytest.mark.parametrize(
    ("method", "params"),
    [
        (REGISTER, CALL | {"DIRECTION": "in"}),
        (REGISTER, CALL | {"TYPE": "2"}),
        (REGISTER, CALL | {"SHOW": True}),
        (REGISTER, CALL | {"SHOW": 2}),
        (REGISTER, CALL | {"USER_ID": "12"}),
        (REGISTER, CALL | {"CRM_ENTITY_TYPE": "contact", "CRM_ENTITY_ID": 651}),
        (REGISTER, CALL | {"CRM_ENTITY_TYPE": "CONTACT", "CRM_ENTITY_ID": "651"}),
        (FINISH, {"CALL_ID": "x", "USER_ID": 12, "STATUS_CODE": 200}),
        (FINISH, {"CALL_ID": "x", "USER_ID": 12, "STATUS_CODE": "999"}),
        (FINISH, {"CALL_ID": "x", "USER_ID": 12, "DURATION": 1.5}),
        (FINISH, {"CALL_ID": "x", "USER_ID": 12, "VOTE": 6}),
        (SEARCH, {"PHONE_NUMBER": CALLER, "limit": 1}),
        (STATISTICS, {"FILTER": {"CALLER": CALLER}}),
        (LINES, {"NUMBER": "x"}),
    ],
)
def test_what_is_not_documented_is_complained_of(there: Portal, ask: Ask, method: str, params: dict[str, Any]) -> None:
    ask(method, **params)
    assert len(there.complaints) == 1


def test_a_request_without_the_wanted_headers_is_complained_of(there: Portal) -> None:
    requests.post(f"{there.url}/rest/{SEARCH}", json={"PHONE_NUMBER": CALLER, "auth": there.token().access})
    assert "the headers are" in there.complaints[0]


def test_a_method_that_there_is_not(ask: Ask) -> None:
    assert said(ask("crm.deal.list"))[:2] == (404, "ERROR_METHOD_NOT_FOUND")


# De-duplication within 30 minutes (bitrix24.md 2).
def test_a_repeated_register_gives_the_same_call_for_half_an_hour(ask: Ask, clock: Time) -> None:
    def register(**fields: Any) -> str:
        found: str = ask(REGISTER, **CALL | fields).json()["result"]["CALL_ID"]
        return found

    first = register()
    clock.now += 1800
    assert register(CALL_START_DATE="2026-11-24T10:30:00+01:00", CRM_CREATE=1) == first
    others = {register(**fields) for fields in ({"EXTERNAL_CALL_ID": "CA2"}, {"TYPE": 3}, {"USER_ID": 14})}
    assert len(others | {first}) == 4
    clock.now += 1
    assert register() != first


def test_two_close_calls_without_an_id_of_ours_are_one(ask: Ask) -> None:
    call = {name: value for name, value in CALL.items() if name != "EXTERNAL_CALL_ID"}
    ids = {ask(REGISTER, **call).json()["result"]["CALL_ID"] for _ in range(2)}
    assert len(ids) == 1


# "The activity appears only after `finish`" (bitrix24.md 2).
def test_a_call_is_on_file_when_it_is_finished_and_not_before(there: Portal, ask: Ask) -> None:
    call_id = ask(REGISTER, **CALL).json()["result"]["CALL_ID"]
    assert there.calls == []
    ask(FINISH, CALL_ID=call_id, USER_ID=12)
    [found] = there.calls
    assert (found["CALL_ID"], found["CALL_FAILED_CODE"], found["CALL_DURATION"]) == (call_id, "304", 0)


def test_an_unknown_caller_becomes_a_lead_once_and_only_when_asked_for(there: Portal, ask: Ask) -> None:
    on_file(ask)
    assert there.leads == []
    for call_id in ("CA2", "CA3"):
        on_file(ask, CRM_CREATE=1, EXTERNAL_CALL_ID=call_id)
    on_file(ask, CRM_CREATE=1, EXTERNAL_CALL_ID="CA4", PHONE_NUMBER="+34600222001")
    assert len(there.leads) == 1
    assert there.calls[-1]["CRM_ENTITY_ID"] == 651


def test_a_second_finish_is_taken_in_one_of_three_ways(there: Portal, ask: Ask) -> None:
    for refinish, status, on in (("gone", 400, 1), ("same", 200, 2), ("twice", 200, 4)):
        there.telephony.refinish = refinish  # type: ignore[assignment]
        call_id = on_file(ask, EXTERNAL_CALL_ID=refinish)
        assert ask(FINISH, CALL_ID=call_id, USER_ID=12).status_code == status
        assert len(there.calls) == on


# bitrix24.md 5: the errors of attachRecord.
@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"FILENAME": ""}, "File name is empty"),
        ({"FILENAME": "a.ogg"}, "Wrong file extension. Only wav and mp3 are allowed"),
        ({"FILENAME": "a.mp3", "FILE_CONTENT": ""}, "File content is empty."),
        (
            {"FILENAME": "a.mp3", "FILE_CONTENT": "§"},
            "File content is not properly encoded. Base64 encoding is expected.",
        ),
        ({"RECORD_URL": "https://x.example.com/a.mp3"}, "Server returns HTTP error code 404"),
    ],
)
def test_a_recording_that_is_not_right_is_refused(ask: Ask, params: dict[str, Any], text: str) -> None:
    assert said(ask(ATTACH, CALL_ID=on_file(ask), **params)) == (400, "ERROR_CORE", text)


def test_a_recording_goes_along_or_to_an_address(there: Portal, ask: Ask) -> None:
    call_id = on_file(ask)
    content = base64.b64encode(b"RIFF").decode()
    assert "FILE_ID" in ask(ATTACH, CALL_ID=call_id, FILENAME="a.wav", FILE_CONTENT=content).json()["result"]
    place = ask(ATTACH, CALL_ID=call_id, FILENAME="b.mp3").json()["result"]
    assert requests.post(place["uploadUrl"], files={place["fieldName"]: b"ID3"}).json()["result"]["FILE_ID"]
    assert [file.content for file in there.telephony.files] == [b"RIFF", b"ID3"]


def test_the_statistics_come_as_text_and_by_the_filter(there: Portal, ask: Ask) -> None:
    on_file(ask)
    on_file(ask, EXTERNAL_CALL_ID="CA2")
    found = ask(STATISTICS, FILTER={"EXTERNAL_CALL_ID": "CA2"}).json()["result"]
    assert [(row["EXTERNAL_CALL_ID"], row["CALL_DURATION"]) for row in found] == [("CA2", "5")]
    there.telephony.statistics = "own"
    assert ask(STATISTICS).json()["result"] == []
    there.telephony.statistics = "none"
    assert said(ask(STATISTICS))[:2] == (403, "ACCESS_DENIED")


# Rate limit: leaky bucket, 2 a second, blocked above 50 (bitrix24.md 1).
def test_who_asks_too_often_is_refused(ask: Ask, clock: Time) -> None:
    assert {ask(SEARCH, PHONE_NUMBER=CALLER).status_code for _ in range(50)} == {200}
    assert said(ask(SEARCH, PHONE_NUMBER=CALLER))[:2] == (503, "QUERY_LIMIT_EXCEEDED")
    clock.now += 0.5
    assert ask(SEARCH, PHONE_NUMBER=CALLER).status_code == 200
    assert ask(SEARCH, PHONE_NUMBER=CALLER).status_code == 503


def test_a_method_that_has_used_up_its_time_is_refused_until_its_oldest_minute_is_over(
    there: Portal, ask: Ask, clock: Time
) -> None:
    there.operating[SEARCH] = Operating()
    there.operating[SEARCH].add(clock.now, 481)
    refused = ask(SEARCH, PHONE_NUMBER=CALLER)
    assert said(refused)[:2] == (429, "OPERATION_TIME_LIMIT")
    assert ask(LINES).status_code == 200
    clock.now = refused.json()["time"]["operating_reset_at"]
    assert ask(SEARCH, PHONE_NUMBER=CALLER).status_code == 200


# Auth (bitrix24.md 1).
def test_tokens_that_do_not_count(there: Portal, ask: Ask, clock: Time) -> None:
    assert said(ask(SEARCH, auth="x", PHONE_NUMBER=CALLER))[:2] == (401, "NO_AUTH_FOUND")
    clock.now += 3600
    assert said(ask(SEARCH, PHONE_NUMBER=CALLER))[:2] == (401, "expired_token")


@pytest.mark.parametrize(("method", "status"), [(REGISTER, 403), (FINISH, 403), (LINES, 403), (SEARCH, 200)])
def test_an_incoming_webhook_may_not_register(ask: Ask, method: str, status: int) -> None:
    answer = ask(method, path="/rest/1/a-webhook/", **CALL if method == REGISTER else {"PHONE_NUMBER": CALLER})
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["error"] == "WRONG_AUTH_TYPE"


GRANT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def test_a_code_lives_half_a_minute_and_is_worth_one_pair(there: Portal, clock: Time) -> None:
    def token(code: str, **fields: str) -> requests.Response:
        query = GRANT | {"grant_type": "authorization_code", "code": code} | fields
        return requests.get(f"{there.oauth_url}/oauth/token/", params=query)

    code = there.authority.code()
    assert token(code, client_secret="x").json()["error"] == "invalid_client"
    assert token(code).status_code == 200
    assert said(token(code))[:2] == (400, "invalid_grant")
    late = there.authority.code()
    clock.now += 31
    assert said(token(late))[:2] == (400, "invalid_grant")
    token(there.authority.code(), redirect_uri="x")
    assert there.complaints == ["oauth: redirect_uri is not documented"]


def test_a_refresh_token_is_worth_one_pair(there: Portal) -> None:
    query = GRANT | {"grant_type": "refresh_token", "refresh_token": there.token().refresh}
    first, second = (requests.get(f"{there.oauth_url}/oauth/token/", params=query) for _ in range(2))
    assert first.json()["expires_in"] == 3600
    assert said(second)[:2] == (400, "invalid_grant")
