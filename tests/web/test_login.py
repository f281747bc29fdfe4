"""Getting in and out."""

from __future__ import annotations

from tests.web.conftest import PASSWORD, Browser
from web.access import Role


def test_a_page_sends_a_stranger_to_the_login_and_back(browser: Browser, somebody) -> None:
    somebody("ana", Role.MANAGER)
    answer = browser.get("/account?x=1")
    assert (answer.status_code, answer.location) == (303, "/login?next=/account?x%3D1")
    browser.get(answer.location)
    assert "Log in" in browser.page
    answer = browser.post(answer.location, {"name": " ANA ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/account?x=1")
    assert browser.get("/account").status_code == 200
