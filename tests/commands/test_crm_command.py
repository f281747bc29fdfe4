"""`flask crm connect|status`: the application at Bitrix24, at a terminal; and the whole way to the first call filed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from redis import Redis

from app import create_app
from calls import ledger
from calls.tokens import Tokens
from commands.calls import calls
from commands.crm import crm, gate_lines
from config import environment
from config.company import Company
from config.loader import parse
from crm.filing import Clerk
from crm.names import crm_of
from live.gate import BREAKS_AFTER, Gate, GateState
from tests.commands.desk import VARIABLES, Desk
from tests.crm.offices import ANA, KEY, SETTINGS, an_answered_call, application
from tests.portal.parameters import LINES, OAUTH
from tests.portal.portal import CLIENT_SECRET, Portal, portal

BACK = VARIABLES["PUBLIC_URL"] + "/crm/connected"


@pytest.fixture
def there() -> Iterator[Portal]:
    """A portal that has not let the app in yet."""
    with portal(returns_to=BACK) as found:
        yield found
        assert found.complaints == []


@pytest.fixture
def at_desk(
    desk: Callable[..., Desk], there: Portal, redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """At the terminal of an app whose CRM is that portal."""
    variables = {"CRM": "bitrix24", "SECRET_KEY": KEY, "REDIS_URL": redis_url}
    for name, value in (variables | application(there)).items():
        monkeypatch.setenv(name.upper(), value)
    return desk(crm)


def tokens(at_desk: Desk) -> Tokens:
    """The tokens in the app's database."""
    return Tokens(at_desk.engine, "bitrix24", KEY)


def address(at_desk: Desk) -> str:
    """The address that `flask crm connect` prints."""
    [line] = [line.strip() for line in at_desk.lines("connect") if line.strip().startswith("http")]
    return line


def code(address: str) -> dict[str, str]:
    """What an administrator is sent back with who opens an address."""
    where = requests.get(address, allow_redirects=False, timeout=10).headers["Location"]
    assert where.startswith(BACK + "?")
    return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}


def problem(at_desk: Desk, *words: str, exit_code: int = 1) -> str:
    """What a command says that does not succeed."""
    done = at_desk.run(*words)
    assert done.exit_code == exit_code, done.output
    assert "Traceback" not in done.output
    assert CLIENT_SECRET not in done.output
    return done.stderr or done.stdout


def test_the_address_is_printed_and_what_it_leads_back_to(at_desk: Desk, there: Portal) -> None:
    text = "\n".join(at_desk.lines("connect"))
    assert f"{there.url}/oauth/authorize/?client_id=" in text
    assert BACK in text
    assert CLIENT_SECRET not in text
    assert there.requests == []


# Everything from `flask crm connect` to a call on file.
def test_the_whole_way(at_desk: Desk, there: Portal, redis: Redis, sample: Company) -> None:
    found = environment.read()
    browser = create_app(found, company=sample).test_client()
    assert browser.get("/crm/connected", query_string=code(address(at_desk))).status_code == 200
    assert "answers   yes" in at_desk.lines("status")
    now = datetime.now(UTC)
    call = replace(an_answered_call(), crm_due_at=now)
    with at_desk.engine.begin() as connection:
        ledger.write(connection, call)
    clerk = Clerk(
        engine=at_desk.engine,
        crm=crm_of(found, at_desk.engine, redis),
        company=parse(SETTINGS),
        clock=lambda: datetime.now(UTC),
    )
    assert clerk.file_due(now + timedelta(seconds=30)) == 1
    assert [(filed["EXTERNAL_CALL_ID"], filed["PORTAL_USER_ID"]) for filed in there.calls] == [(call.id, ANA)]


# What waits for the connection is visible, and is filed by itself.
def test_what_waits_for_the_connection_is_seen_and_filed_once_there_is_one(
    at_desk: Desk, there: Portal, redis: Redis
) -> None:
    now = datetime.now(UTC)
    call = replace(an_answered_call(), crm_due_at=now)
    with at_desk.engine.begin() as connection:
        ledger.write(connection, call)
    filing = crm_of(environment.read(), at_desk.engine, redis)
    clerk = Clerk(engine=at_desk.engine, crm=filing, company=parse(SETTINGS), clock=lambda: datetime.now(UTC))
    clerk.file_due(now + timedelta(seconds=30))
    at_calls = Desk(calls, at_desk.engine, at_desk.folder)
    assert [found["id"] for found in at_calls.json("list", "--crm", "pending")] == [call.id]
    waits = "1 pending: Bitrix24 has not been connected yet; run flask crm connect"
    assert at_calls.lines("list", "--crm", "pending")[-1] == waits
    assert at_calls.lines("list", "--crm", "filed") == ["No calls."]
    [line] = [line for line in at_calls.lines("show", call.id) if line.startswith("  CRM  ")]
    assert line.endswith(": Bitrix24 has not been connected yet; run flask crm connect")
    at_desk.lines("connect", "--code", code(address(at_desk))["code"])
    clerk.file_due(datetime.now(UTC) + timedelta(seconds=30))
    assert [found["id"] for found in at_calls.json("list", "--crm", "filed")] == [call.id]
    assert len(there.calls) == 1


def test_a_code_may_be_typed_where_the_app_has_no_address(at_desk: Desk) -> None:
    given = code(address(at_desk))["code"]
    assert at_desk.lines("connect", "--code", given)[0].startswith("Connected.")
    assert tokens(at_desk).read() is not None


def test_a_code_that_is_void_is_said(at_desk: Desk) -> None:
    assert "Not connected: the OAuth server: (invalid_grant, HTTP 400)" in problem(at_desk, "connect", "--code", "x")
    assert "sent no code" in problem(at_desk, "connect", "--code", "")
    assert tokens(at_desk).read() is None


def test_an_oauth_server_that_is_away_is_said(at_desk: Desk, there: Portal) -> None:
    there.goes_away()
    assert "cannot be reached" in problem(at_desk, "connect", "--code", "x")
    there.comes_back()


@pytest.mark.parametrize("words", [("connect",), ("status",)])
def test_variables_that_are_missing_are_named(at_desk: Desk, monkeypatch: pytest.MonkeyPatch, words: Any) -> None:
    monkeypatch.delenv("BITRIX24_CLIENT_SECRET")
    assert "BITRIX24_CLIENT_SECRET" in problem(at_desk, *words, exit_code=3)


# Who tries it out before he sets CRM=bitrix24 is told what is missing as well.
def test_it_may_be_connected_before_it_is_chosen(at_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM", "contacts")
    assert address(at_desk)
    monkeypatch.delenv("BITRIX24_CLIENT_ID")
    assert "to connect Bitrix24, set BITRIX24_CLIENT_ID" in problem(at_desk, "connect", exit_code=3)
    assert at_desk.lines("status") == ["CRM=contacts: nothing to connect."]


def test_the_status_of_an_app_that_is_connected(at_desk: Desk, there: Portal) -> None:
    tokens(at_desk).put(there.token())
    lines = at_desk.lines("status")
    assert lines[0] == f"portal    {there.url}"
    assert lines[1].startswith("token     renewed 20")
    assert lines[2:] == ["requests  open", "answers   yes"]
    assert [request.method for request in there.requests] == [LINES]


def test_the_status_of_one_that_is_not(at_desk: Desk) -> None:
    text = problem(at_desk, "status")
    assert "token     none; run flask crm connect" in text
    assert "answers   no: Bitrix24 has not been connected yet; run flask crm connect" in text


@pytest.mark.parametrize(
    ("fault", "method", "says"),
    [
        ("scope", LINES, "insufficient_scope"),
        ("internal", LINES, "INTERNAL_SERVER_ERROR"),
        ("invalid grant", OAUTH, "invalid_grant"),
    ],
)
def test_the_status_says_why_it_does_not_answer(
    at_desk: Desk, there: Portal, fault: str, method: str, says: str
) -> None:
    tokens(at_desk).put(there.token())
    if method == OAUTH:
        there.expire_token()
    there.fail(fault, method=method)
    assert says in problem(at_desk, "status")


def test_another_secret_key_is_said(at_desk: Desk, there: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens(at_desk).put(there.token())
    monkeypatch.setenv("SECRET_KEY", "another secret of the tests")
    assert "sealed with another SECRET_KEY" in problem(at_desk, "status")


def test_a_gate_that_is_shut_is_shown(at_desk: Desk, there: Portal, redis: Redis) -> None:
    tokens(at_desk).put(there.token())
    gate = Gate(redis, rate=2)
    for _ in range(BREAKS_AFTER):
        gate.failed(gate.enter(LINES, patience=0, urgent=True))
    text = problem(at_desk, "status")
    assert "requests  broken for" in text
    assert "answers   no: Bitrix24 was not asked: it has failed several times in a row" in text


def test_without_redis_the_rest_is_shown(at_desk: Desk, there: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens(at_desk).put(there.token())
    monkeypatch.setenv("REDIS_URL", "unix:///nonexistent/valkey.sock")
    lines = at_desk.lines("status")
    assert lines[2].startswith("requests  unknown: Redis is out of reach")
    assert lines[3] == "answers   yes"


def test_what_keeps_requests_back_is_put_into_words() -> None:
    quiet = GateState(paused=0, methods={}, broken=0, trying=False, failures=0)
    assert list(gate_lines(quiet)) == []
    assert list(gate_lines(replace(quiet, failures=2))) == ["open; the last requests failed (2)"]
    assert list(gate_lines(replace(quiet, trying=True, failures=5))) == [
        "the next request tries whether the CRM is back, after 5 failures in a row"
    ]
    assert list(gate_lines(replace(quiet, paused=4.6, methods={LINES: 60.0}))) == [
        "paused for 5 s, as the CRM has asked",
        f"{LINES} paused for 60 s, as the CRM has asked",
    ]
