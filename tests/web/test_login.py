"""Getting in and out: login, sessions, links, throttling."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from redis import Redis

from calls import sessions, users
from calls.users import User
from local.house import House
from tests.web.conftest import PASSWORD, Browser
from web import links, passwords
from web.access import Role
from web.reception import NAME

COOKIE = "__Host-ringpath"
NEW = "another fine password"

Somebody = Callable[..., User]


def login(browser: Browser, name: str = "ana", password: str = PASSWORD, path: str = "/login") -> int:
    return browser.post(path, {"name": name, "password": password}).status_code


def secret(house: House) -> str:
    return str(house.environment.secret_key)


def test_a_page_sends_a_stranger_to_the_login_and_back(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    answer = browser.get("/account?x=1")
    assert (answer.status_code, answer.location) == (303, "/login?next=/account?x%3D1")
    assert "Log in" in browser.get(answer.location).text
    answer = browser.post(answer.location, {"name": " ANA ", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/account?x=1")
    assert browser.get("/account").status_code == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "",
    ],
)
def test_the_login_leads_to_no_other_site(browser: Browser, somebody: Somebody, target: str) -> None:
    somebody("ana", Role.MANAGER)
    answer = browser.post("/login", {"name": "ana", "password": PASSWORD}, query_string={"next": target})
    assert answer.location.startswith("/")
    assert not answer.location.startswith("//")
    assert "evil" not in answer.location


def test_the_cookie_is_only_for_this_site_and_no_script(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    answer = browser.post("/login", {"name": "ana", "password": PASSWORD})
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE + "="))
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_neither_name_nor_password_is_said_to_be_the_wrong_one(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    pages = []
    for name, password in (("ana", "wrong password"), ("nobody", PASSWORD)):
        assert login(browser, name, password) == 422
        pages.append(browser.page.replace(name, ""))
    assert [("Name and password do not fit" in page) for page in pages] == [True, True]
    assert browser.get("/account").status_code == 303


def test_one_who_is_locked_or_has_no_password_does_not_get_in(
    browser: Browser, somebody: Somebody, web_house: House
) -> None:
    locked, bare = somebody("locked", Role.MANAGER), somebody("bare", Role.MANAGER)
    with web_house.engine.begin() as connection:
        users.change(connection, locked.id, active=False)
        users.change(connection, bare.id, password=None)
    assert [login(browser, name) for name in ("locked", "bare")] == [422, 422]
    assert login(browser, "bare", "") == 422


# A token that the browser brought along may be known to somebody else (session fixation).
def test_a_login_begins_a_new_session_whatever_cookie_was_there(
    browser: Browser, somebody: Somebody, web_house: House
) -> None:
    user = somebody("ana", Role.MANAGER)
    with web_house.engine.begin() as connection:
        planted = sessions.begin(connection, user.id, "a stranger's", web_house.clock.now())
    browser.client.set_cookie(COOKIE, planted)
    browser.client.get("/logout")
    browser.post("/logout")
    assert login(browser) == 303
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    assert cookie.value != planted
    with web_house.engine.connect() as connection:
        assert sessions.user(connection, planted, web_house.clock.now()) is None


def test_a_token_of_ones_own_making_is_no_session(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    browser.client.set_cookie(COOKIE, "A" * 43)
    assert browser.get("/account").status_code == 303


def test_who_reads_the_table_of_sessions_cannot_use_them(
    browser: Browser, somebody: Somebody, web_house: House
) -> None:
    user = somebody("ana", Role.MANAGER)
    login(browser)
    with web_house.engine.connect() as connection:
        kept = sessions.every(connection, user.id, web_house.clock.now())[0].token
    browser.client.set_cookie(COOKIE, kept)
    assert browser.get("/account").status_code == 303


def test_logging_out_ends_the_session_itself(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    login(browser)
    cookie = browser.client.get_cookie(COOKIE)
    assert cookie is not None
    assert browser.post("/logout").location == "/login"
    browser.client.set_cookie(COOKIE, cookie.value)
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize(("hours", "every", "alive"), [(11, 11, True), (13, 13, False), (7 * 24 + 1, 10, False)])
def test_a_session_ends_when_it_is_not_used_and_after_a_week_in_any_case(
    browser: Browser, somebody: Somebody, web_house: House, hours: int, every: int, alive: bool
) -> None:
    somebody("ana", Role.MANAGER)
    login(browser)
    status = 0
    for _ in range(-(-hours // every)):
        web_house.clock.advance(timedelta(hours=every).total_seconds())
        status = browser.get("/account").status_code
    assert status == (200 if alive else 303)


def test_the_sixth_wrong_password_is_not_even_looked_at(browser: Browser, somebody: Somebody, redis: Redis) -> None:
    somebody("ana", Role.MANAGER)
    assert [login(browser, password="wrong password") for _ in range(6)] == [422] * 5 + [429]
    assert login(browser) == 429
    assert "Too many attempts" in browser.page
    somebody("eva", Role.MANAGER)
    assert login(browser, "eva") == 303
    assert {key.partition(b"}")[0] for key in redis.keys("*logins*")} == {b"{ringpath"}


def test_right_passwords_are_not_counted(browser: Browser, somebody: Somebody) -> None:
    somebody("ana", Role.MANAGER)
    assert [login(browser) for _ in range(7)] == [303] * 7


# X-Forwarded-For is what a stranger says, but for its last part, where a proxy has added it that we were told of.
def test_another_address_has_attempts_of_its_own_and_cannot_be_made_up(
    browser: Browser, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.1, 10.1.2.0/24")
    somebody("ana", Role.MANAGER)

    def attempt(said: str, peer: str) -> int:
        environ = {"environ_base": {"REMOTE_ADDR": peer}, "headers": {"X-Forwarded-For": said}}
        return browser.post("/login", {"name": "ana", "password": "wrong password"}, **environ).status_code

    assert [attempt(f"203.0.113.{i}, 198.51.100.7", "10.1.2.3") for i in range(6)][-1] == 429
    assert attempt("198.51.100.8", "10.1.2.3") == 422
    for stranger in ("2.16.1.9", "10.1.3.3", "192.168.1.9"):  # of a private network too
        assert [attempt(f"203.0.113.{i}", stranger) for i in range(6)][-1] == 429


def test_the_first_administrator_is_made_by_a_link_and_once(browser: Browser, web_house: House) -> None:
    address = "/welcome/" + links.welcome_token(secret(web_house))
    assert "You will be the administrator" in browser.get(address).text
    fields = {"name": "Boss@Example.com", "password": NEW, "again": NEW}
    assert browser.post(address, fields | {"again": "x"}).status_code == 422
    assert browser.post(address, fields | {"password": "short", "again": "short"}).status_code == 422
    assert browser.post(address, fields).location == "/"
    assert "Try it out: Telephone calls the company" in browser.get("/").text
    assert browser.get("/users").status_code == 200
    assert browser.get(address).status_code == 410
    assert browser.post(address, fields | {"name": "second"}).status_code == 410
    with web_house.engine.connect() as connection:
        assert [(user.name, user.roles) for user in users.every(connection)] == [
            ("boss@example.com", frozenset({"administrator"}))
        ]


def test_a_made_up_welcome_leads_nowhere(browser: Browser, web_house: House) -> None:
    for token in ("x", links.welcome_token("another secret altogether"), ""):
        assert browser.get("/welcome/" + token).status_code in {404, 410}


def test_a_link_lets_choose_a_password_once_and_ends_every_session(
    browser: Browser, somebody: Somebody, web_house: House
) -> None:
    user = somebody("ana", Role.MANAGER)
    login(browser)
    address = "/reset/" + links.reset_token(secret(web_house), user)
    elsewhere = Browser(web_house.app)
    assert elsewhere.post(address, {"password": NEW, "again": NEW}).location == "/"
    assert "Your password is changed" in elsewhere.get("/").text
    assert elsewhere.get("/account").status_code == 200
    assert browser.get("/account").status_code == 303
    assert elsewhere.get(address).status_code == 410
    assert [login(browser, password=password) for password in (PASSWORD, NEW)] == [422, 303]


def test_a_link_is_void_for_another_user_purpose_or_a_locked_one(
    browser: Browser, somebody: Somebody, web_house: House
) -> None:
    user = somebody("ana", Role.MANAGER)
    assert browser.get("/reset/" + links.welcome_token(secret(web_house))).status_code == 410
    assert browser.get("/reset/" + links.reset_token("another secret altogether", user)).status_code == 410
    token = links.reset_token(secret(web_house), user)
    with web_house.engine.begin() as connection:
        users.change(connection, user.id, active=False)
    assert browser.get("/reset/" + token).status_code == 410


@pytest.mark.parametrize("path", ["/login", "/logout", "/account/password", "/account/language", "/users/new"])
def test_a_form_from_elsewhere_is_refused(logged_in: Callable[..., Browser], path: str) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    for token in ("", "made up"):
        assert browser.post(path, {"name": "x", "password": "y"}, token=token).status_code == 400
    assert browser.get("/account").status_code == 200


def test_browsers_are_told_to_load_and_keep_nothing(browser: Browser) -> None:
    headers = browser.get("/login").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "max-age=31536000" in headers["Strict-Transport-Security"]


def test_many_attempts_at_once_are_counted_before_they_are_looked_at(
    browser: Browser, somebody: Somebody, web_house: House
) -> None:
    somebody("ana", Role.MANAGER)
    token, began = browser.token(), threading.Barrier(12)
    cookies = {cookie: browser.client.get_cookie(cookie) for cookie in ("__Host-ringpath-form",)}
    found: list[int] = []

    def attempt() -> None:
        client = web_house.app.test_client()
        for name, cookie in cookies.items():
            assert cookie is not None
            client.set_cookie(name, cookie.value)
        began.wait()
        fields = {"name": "ana", "password": "wrong password", "csrf_token": token}
        found.append(client.post("/login", data=fields).status_code)

    people = [threading.Thread(target=attempt) for _ in range(12)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(found) == [422] * 5 + [429] * 7


def test_without_redis_attempts_are_counted_all_the_same(somebody: Somebody, web_house: House) -> None:
    somebody("ana", Role.MANAGER)
    reception = web_house.app.extensions[NAME]
    away = Redis.from_url("unix:///nonexistent/valkey.sock")
    web_house.app.extensions[NAME] = replace(reception, redis=away)
    browser = Browser(web_house.app)
    assert login(browser) == 303
    browser.post("/logout")
    assert [login(browser, password="wrong password") for _ in range(6)] == [422] * 5 + [429]


def test_when_too_many_passwords_are_looked_at_the_next_is_told_to_wait(
    browser: Browser, somebody: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody("ana", Role.MANAGER)
    monkeypatch.setattr(passwords, "_TURNS", threading.BoundedSemaphore(1))
    monkeypatch.setattr(passwords, "WAITS", 0.01)
    with passwords._turn():
        assert login(browser) == 429
    assert "Too many people are logging in" in browser.page
    assert login(browser) == 303
