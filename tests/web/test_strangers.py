"""What a stranger would try: a session planted beforehand, one that should have ended, other sites, forged hosts."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from calls.users import User
from local.house import PUBLIC_URL, House
from tests.web.conftest import PASSWORD, Browser
from tests.web.site_map import addresses, text_of
from web.access import Role

COOKIE = "__Host-ringpath"
ANA = {"name": "ana", "password": PASSWORD}

Somebody = Callable[..., User]


def cookie_of(browser: Browser, name: str = COOKIE) -> str | None:
    """The value of a cookie that the browser keeps."""
    found = browser.client.get_cookie(name)
    return found.value if found else None


def test_each_login_has_a_session_of_its_own_and_the_forms_of_before_are_void(
    browser: Browser, somebody: Somebody
) -> None:
    somebody("ana", Role.MANAGER)
    before = browser.token()
    browser.post("/login", ANA)
    first = cookie_of(browser)
    assert browser.post("/account/language", {"language": "es"}, token=before).status_code == 400
    browser.client.delete_cookie(COOKIE)
    browser.post("/login", ANA)
    assert len({first, cookie_of(browser), None}) == 3


ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "%2f%2fevil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "https:evil.example",
    "/@evil.example\r\nLocation: https://evil.example",
    "evil.example",
    " //evil.example",
    "/\u2028/evil.example",
    "http://[::1",
]


def test_logging_in_leads_to_no_other_site(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    led: dict[str, set[str | None]] = {}
    for wanted in ELSEWHERE:
        browser.client.delete_cookie(COOKIE)
        path = f"/login?next={quote(wanted)}"
        led[wanted] = {browser.post(path, ANA).location, browser.get(path).location}
    assert led == {each: {"/"} for each in ELSEWHERE}


@pytest.mark.parametrize("wanted", ["/account", "/users?name=%C3%B1", "/calls?from=2026-11-01&to=2026-11-24"])
def test_logging_in_leads_to_the_page_that_was_asked_for(wanted: str, browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    assert browser.post(f"/login?next={quote(wanted)}", ANA).location == wanted


def check_headers(answer: TestResponse) -> list[str]:
    """What is wrong with what a browser is told about a page."""
    said = answer.headers
    policy = dict(part.strip().partition(" ")[::2] for part in said.get("Content-Security-Policy", "").split(";"))
    expected = {
        "no framing by old browsers": said.get("X-Frame-Options", "").upper() == "DENY",
        "no framing": policy.get("frame-ancestors") == "'none'",
        "nothing by default": policy.get("default-src") == "'none'",
        "scripts of ours alone": policy.get("script-src") == "'self'",
        "styles of ours alone": policy.get("style-src") == "'self'",
        "no other base": policy.get("base-uri") == "'none'",
        "forms to us alone": policy.get("form-action") == "'self'",
        "nothing inline": "unsafe" not in said.get("Content-Security-Policy", "unsafe"),
        "no guessing of types": said.get("X-Content-Type-Options") == "nosniff",
        "https for a year": said.get("Strict-Transport-Security", "").startswith("max-age=31536000"),
        "no addresses to others": said.get("Referrer-Policy") in {"same-origin", "no-referrer"},
        "no copies": "no-store" in said.get("Cache-Control", ""),
    }
    return [name for name, holds in expected.items() if not holds]


def test_every_answer_tells_the_browser_what_it_may_do(web_house: House, logged_in: Callable[..., Browser]) -> None:
    browser, wrong = logged_in(Role.ADMINISTRATOR), {}
    for address in addresses(web_house.app):
        answer = browser.client.open(address.path, method=address.method)
        if problems := check_headers(answer):
            wrong[str(address)] = problems
        answer.close()
    assert wrong == {}


@pytest.mark.parametrize("path", ["/no-such-page", "/users/999", "/static/../app.py", "/%2e%2e/app.py"])
def test_answers_that_are_none_are_as_careful(path: str, logged_in: Callable[..., Browser]) -> None:
    answer = logged_in(Role.ADMINISTRATOR).get(path)
    assert answer.status_code == 404
    assert [each for each in check_headers(answer) if each != "no copies"] == []


@pytest.mark.parametrize(
    "forged", [{"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "ftp"}]
)
def test_a_forged_host_appears_nowhere(
    forged: dict[str, str], web_house: House, logged_in: Callable[..., Browser]
) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    token = browser.token()
    for address in addresses(web_house.app):
        data = {"csrf_token": token} if address.method == "POST" else None
        assert "evil.example" not in text_of(address, browser.client, headers=forged, data=data), address


def test_a_link_to_a_new_password_leads_to_the_public_address(
    browser: Browser, logged_in: Callable[..., Browser], somebody: Somebody
) -> None:
    user = somebody("ana", Role.MANAGER)
    answer = logged_in(Role.ADMINISTRATOR).post(f"/users/{user.id}/link", headers={"X-Forwarded-Host": "evil.example"})
    assert re.search(rf'value="{PUBLIC_URL}/reset/[^"]+"', answer.text)


# A browser opens a WebSocket of ours for any site, and sends the cookies along.
def test_no_other_site_talks_over_our_websockets(web_house: House, logged_in: Callable[..., Browser]) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    sockets = [each.path for each in addresses(web_house.app) if each.path.startswith("ws")]
    for path in sockets:
        for origin in (
            {},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": PUBLIC_URL + ".evil.example"},
        ):
            assert browser.client.get(path, headers=origin).status_code == 403, origin


MANY = 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        {"data": b"name=" + b"a" * MANY, "content_type": "application/x-www-form-urlencoded"},
        {
            "data": "&".join(f"f{each}=1" for each in range(100_000)),
            "content_type": "application/x-www-form-urlencoded",
        },
        {"data": {f"f{each}": "1" for each in range(2_000)}, "content_type": "multipart/form-data"},
    ],
    ids=["long", "many fields", "many parts"],
)
def test_a_huge_form_is_refused_before_it_costs_anything(body: dict[str, object], browser: Browser) -> None:
    answer = browser.client.post("/login", **body)
    assert answer.status_code in {400, 413}
