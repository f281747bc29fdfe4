"""The forms of the settings in a browser: what was typed and not saved is asked about before the page is left."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Enter
from web.access import Role

PAGE = "/settings/groups/entry/sales"
LEAVES = "() => window.dispatchEvent(new Event('beforeunload', { cancelable: true }))"


def asks(page: Page) -> bool:
    """Whether the browser would ask before it leaves the page."""
    return not page.evaluate(LEAVES)


def test_leaving_is_asked_about_once_something_is_typed(enter: Enter) -> None:
    page = enter(Role.ADMINISTRATOR)
    page.goto(PAGE)
    assert not asks(page)
    page.get_by_label("Key", exact=True).fill("comercial")  # of the form that renames, not of the entry's own
    assert not asks(page)
    page.get_by_label("Seconds that each rings").fill("31")
    assert asks(page)
    page.get_by_role("button", name="Save in the draft").click()  # about which nothing is asked
    page.get_by_text("Kept in the draft").wait_for()
    assert not asks(page)


def test_leaving_is_asked_about_once_a_member_is_moved(enter: Enter) -> None:
    page = enter(Role.ADMINISTRATOR)
    page.goto(PAGE)
    page.get_by_role("button", name="down").first.click()
    assert asks(page)


def test_leaving_is_asked_about_while_what_was_typed_could_not_be_kept(enter: Enter) -> None:
    page = enter(Role.ADMINISTRATOR)
    page.goto("/settings/forwarding")
    page.get_by_label("Least balance at the provider").fill("1.000")
    page.get_by_role("button", name="Save in the draft").click()
    page.get_by_text("this can be read as either").first.wait_for()
    assert asks(page)
