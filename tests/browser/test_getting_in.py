"""Getting in and out, in a real browser."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Enter, Office
from tests.browsers import Open
from web.access import Role


def test_somebody_logs_in_by_keyboard_and_out_again(office: Office, open_browser: Open) -> None:
    office.hires(Role.ADMINISTRATOR, name="eva@acme.example", password=PASSWORD)
    page = open_browser(office.url)
    page.goto("/users?sort=name")
    expect(page).to_have_title("Log in · Ringpath")
    expect(page.get_by_label("Name or e-mail")).to_be_focused()
    page.keyboard.type("Eva@acme.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/users?sort=name")
    kept = page.context.cookies()
    page.get_by_role("button", name="Log out").press("Enter")
    page.wait_for_url("**/login")
    page.context.add_cookies(list(kept))
    page.goto("/users")
    expect(page).to_have_title("Log in · Ringpath")


def test_the_session_cookie_is_not_for_scripts_nor_for_http(office: Office, enter: Enter, open_browser: Open) -> None:
    office.hires(Role.MANAGER, name="luis", password=PASSWORD)
    page = open_browser(office.url)
    page.goto("/login")
    page.get_by_label("Name or e-mail").fill("luis")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(office.url + "/")
    cookies = {each["name"]: each for each in page.context.cookies()}
    assert cookies.keys() == {"__Host-ringpath", "__Host-ringpath-form"}
    assert all(each["httpOnly"] and each["secure"] for each in cookies.values())
    assert {each["sameSite"] for each in cookies.values()} == {"Lax"}
    assert page.evaluate("document.cookie") == ""
