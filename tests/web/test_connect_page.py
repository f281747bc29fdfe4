"""GET /crm/connected: where Bitrix24 sends an administrator back who has let the app in, through the real app."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from redis import Redis
from werkzeug.test import TestResponse

from app import create_app
from calls.database import connect
from calls.tables import metadata
from calls.tokens import Tokens
from config.company import Company
from config.environment import Environment
from crm.bitrix24 import oauth, wire
from crm.bitrix24.connect import Connecting
from crm.bitrix24.oauth import oauth_of
from local.house import PUBLIC_URL, empty_database, house_environment
from tests.crm.offices import KEY, application
from tests.portal.parameters import OAUTH
from tests.portal.patience import patience
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, Portal, portal

PAGE = "/crm/connected"


@pytest.fixture
def there() -> Iterator[Portal]:
    """A portal that has not let the app in yet."""
    with portal() as found:
        yield found
        assert found.complaints == []


@pytest.fixture
def environment(there: Portal, redis_url: str, tmp_path: Any) -> Environment:
    """An app that is to be connected."""
    database = empty_database(tmp_path)
    return house_environment(
        redis_url, "twilio", crm="bitrix24", secret_key=KEY, database_url=database, **application(there)
    )


@pytest.fixture
def browser(environment: Environment, redis: Redis, sample: Company) -> FlaskClient:
    """The administrator's browser."""
    return create_app(environment, company=sample).test_client()


@pytest.fixture
def way(environment: Environment) -> Callable[..., Connecting]:
    """What `flask crm connect` does, at another time or with another key: way(ago=…, key=…)."""

    def make(ago: timedelta = timedelta(), key: str = KEY) -> Connecting:
        clock = lambda: datetime.now(UTC) - ago  # noqa: E731
        tokens = kept(environment)
        return Connecting(oauth=oauth_of(environment, wire.session()), tokens=tokens, secret_key=key, clock=clock)

    return make


Way = Callable[..., Connecting]


def kept(environment: Environment) -> Tokens:
    """The tokens in the app's database."""
    return Tokens(connect(str(environment.database_url)), "bitrix24", KEY)


def sent_back(there: Portal, address: str) -> dict[str, str]:
    """Open the address, as an administrator who is signed in; returns what he is sent back with."""
    answer = requests.get(address, allow_redirects=False, timeout=10)
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == PUBLIC_URL + PAGE
    return {name: values[0] for name, values in parse_qs(where.query).items()}


def refused(page: TestResponse) -> str:
    """Why a page says that the app is not connected."""
    assert page.status_code == 400
    found = re.search(r"<p>The CRM is not connected: (.*)\.</p>", page.text)
    assert found
    return found[1]


def test_a_code_becomes_a_token(browser: FlaskClient, there: Portal, way: Way, environment: Environment) -> None:
    back = sent_back(there, way().address())
    assert back.keys() == {"code", "state", "domain", "member_id", "scope", "server_domain"}
    page = browser.get(PAGE, query_string=back)
    assert page.status_code == 200
    assert "Connected" in page.text
    token = kept(environment).read()
    assert token is not None
    assert token.access in there.authority.access


def test_the_address_leads_to_the_portal_with_nothing_but_the_application(there: Portal, way: Way) -> None:
    address = urlsplit(way().address())
    assert f"{address.scheme}://{address.netloc}" == there.url
    assert address.path == "/oauth/authorize/"
    assert parse_qs(address.query).keys() == {"client_id", "state"}
    assert parse_qs(address.query)["client_id"] == [CLIENT_ID]


def test_a_token_of_before_is_replaced(browser: FlaskClient, there: Portal, way: Way, environment: Environment) -> None:
    old = there.token()
    kept(environment).put(old)
    assert browser.get(PAGE, query_string=sent_back(there, way().address())).status_code == 200
    assert kept(environment).read() not in (None, old)


# Somebody else's browser must not be able to connect the app to somebody else's portal.
@pytest.mark.parametrize("state", ["", "x", "x.y", "WzEsMl0.forged", "null", "é", "a" * 10_000])
def test_a_state_that_is_not_ours_is_refused(
    browser: FlaskClient, there: Portal, environment: Environment, state: str
) -> None:
    page = browser.get(PAGE, query_string={"code": there.authority.code(), "state": state})
    assert "was not made by this app" in refused(page)
    assert there.asked(OAUTH) == []
    assert kept(environment).read() is None


def test_a_state_signed_with_another_key_is_refused(browser: FlaskClient, there: Portal, way: Way) -> None:
    back = sent_back(there, way(key="another key").address())
    assert "was not made by this app" in refused(browser.get(PAGE, query_string=back))


@pytest.mark.parametrize("ago", [timedelta(minutes=10, seconds=2), -timedelta(minutes=1)])
def test_a_state_of_another_time_is_refused(browser: FlaskClient, there: Portal, way: Way, ago: timedelta) -> None:
    back = sent_back(there, way(ago=ago).address())
    assert "longer than ten minutes" in refused(browser.get(PAGE, query_string=back))
    assert there.asked(OAUTH) == []


def test_a_state_of_nine_minutes_ago_is_good(browser: FlaskClient, there: Portal, way: Way) -> None:
    back = sent_back(there, way(ago=timedelta(minutes=9)).address())
    assert browser.get(PAGE, query_string=back).status_code == 200


def test_a_token_of_another_portal_is_refused(
    browser: FlaskClient, there: Portal, way: Way, environment: Environment
) -> None:
    there.authority.endpoint = lambda: "https://evil.example.com/rest/"
    page = browser.get(PAGE, query_string=sent_back(there, way().address()))
    assert "a token of evil.example.com, and not of BITRIX24_PORTAL" in refused(page)
    assert kept(environment).read() is None


def test_without_a_code_nothing_is_asked(browser: FlaskClient, there: Portal, way: Way) -> None:
    back = sent_back(there, way().address())
    assert "sent no code" in refused(browser.get(PAGE, query_string={"state": back["state"]}))
    assert there.asked(OAUTH) == []


def test_a_code_is_good_once(browser: FlaskClient, there: Portal, way: Way) -> None:
    back = sent_back(there, way().address())
    browser.get(PAGE, query_string=back)
    assert "connect again: flask crm connect" in refused(browser.get(PAGE, query_string=back))


@pytest.mark.parametrize("fault", ["timeout before", "drop before", "html", "internal", "invalid client", "a list"])
def test_an_oauth_server_that_fails_is_said(
    browser: FlaskClient, there: Portal, way: Way, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "PATIENCE", patience(lambda: there.may_hang))
    back = sent_back(there, way().address())
    there.fail(fault, method=OAUTH)
    assert "the OAuth server" in refused(browser.get(PAGE, query_string=back))


def test_a_portal_that_is_away_is_said(browser: FlaskClient, there: Portal, way: Way) -> None:
    back = sent_back(there, way().address())
    there.goes_away()
    assert "cannot be reached" in refused(browser.get(PAGE, query_string=back))
    there.comes_back()


def test_a_database_that_refuses_is_said(
    browser: FlaskClient, there: Portal, way: Way, environment: Environment
) -> None:
    back = sent_back(there, way().address())
    metadata.drop_all(connect(str(environment.database_url)))
    assert "the token could not be kept" in refused(browser.get(PAGE, query_string=back))


EVIL = "<script>alert(1)</script>"


@pytest.mark.parametrize("name", ["code", "state", "domain", "error", "error_description", "title"])
def test_nothing_of_the_address_is_on_the_page(browser: FlaskClient, there: Portal, way: Way, name: str) -> None:
    back = sent_back(there, way().address()) | {name: EVIL}
    assert "script" not in browser.get(PAGE, query_string=back).text


def test_what_the_portal_says_cannot_become_markup(browser: FlaskClient, there: Portal, way: Way) -> None:
    there.authority.endpoint = lambda: f"https://{EVIL}.example.com/rest"
    page = browser.get(PAGE, query_string=sent_back(there, way().address()))
    assert "<script" not in page.text
    assert "not of BITRIX24_PORTAL" in refused(page)


def test_the_page_is_kept_by_nobody_and_loads_nothing(browser: FlaskClient) -> None:
    page = browser.get(PAGE)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Content-Security-Policy"] == "default-src 'none'"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.content_type == "text/html; charset=utf-8"
    assert "Set-Cookie" not in page.headers


def test_it_is_there_to_be_looked_at_only(browser: FlaskClient) -> None:
    assert browser.post(PAGE).status_code == 405


# Without Bitrix24 there is nothing to be connected, and no door to it.
def test_with_another_crm_there_is_no_such_page(redis_url: str, sample: Company) -> None:
    app = create_app(house_environment(redis_url, "twilio"), company=sample)
    assert app.test_client().get(PAGE).status_code == 404


def test_no_secret_gets_into_the_log(browser: FlaskClient, there: Portal, way: Way, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    back = sent_back(there, way().address())
    caplog.clear()  # what the browser of this test has written down is its own
    browser.get(PAGE, query_string=back)
    browser.get(PAGE, query_string=back)
    assert "the CRM is connected" in caplog.text
    assert "was not connected" in caplog.text
    assert [secret for secret in [*there.authority.given, CLIENT_SECRET] if secret in caplog.text] == []
