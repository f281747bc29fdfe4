"""What is written into the log while people log in and calls come: no secret, and no line that a stranger wrote."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from calls.users import User
from local.house import ACCOUNT, TOKEN, House
from simulator import Caller
from tests.databases import tables_are_away
from tests.voice.wire import MAIN
from tests.web.conftest import PASSWORD, Browser
from web import links
from web.access import Role

COOKIE = "__Host-ringpath"
NEW = "another fine password"
MISTYPED = "correct horse batttery"


def link_of(house: House, user: User) -> str:
    """The token of a link to a new password."""
    return links.reset_token(str(house.environment.secret_key), user)


def test_the_log_of_a_day_holds_no_secret(
    web_house: House, browser: Browser, somebody: Callable[..., User], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    user = somebody("ana", Role.ADMINISTRATOR, employee="ana")
    token = link_of(web_house, user)
    browser.post("/login", {"name": "ana", "password": MISTYPED})
    browser.post("/login", {"name": "ana", "password": PASSWORD})
    session = browser.client.get_cookie(COOKIE)
    with tables_are_away(web_house.engine, "users"):
        browser.client.get(f"/reset/{token}")
    browser.get(f"/reset/{token}")
    browser.post(f"/reset/{token}", {"password": NEW, "again": NEW})
    Caller(web_house.exchange).dials(MAIN).hangs_up()
    signed = {"X-Twilio-Signature": "c2lnbmVkIGJ5IG5vYm9keQ=="}
    assert browser.client.post("/voice/incoming", data={"AccountSid": ACCOUNT}, headers=signed).status_code == 403
    assert session is not None
    secrets = (TOKEN, str(web_house.environment.secret_key), PASSWORD, MISTYPED, NEW, token, session.value)
    assert [secret for secret in secrets if secret in caplog.text] == []
    assert "refused: X-Twilio-Signature does not fit" in caplog.text
    assert "/reset/<token> failed" in caplog.text


def test_nobody_writes_a_line_into_the_log_by_an_address(
    web_house: House, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    forged = "ERROR%20ringpath%20call%20CA1%20failed"
    with tables_are_away(web_house.engine, "users"):
        for path in ("/reset/x%0A", "/welcome/x%0A", "/voice/at/x%0A", "/voice/incoming?x=%0A", "/calls/x%0A"):
            browser.client.get(path + forged)
    assert [line for line in caplog.text.splitlines() if line.startswith("ERROR ringpath call")] == []
    assert "refused" in caplog.text
