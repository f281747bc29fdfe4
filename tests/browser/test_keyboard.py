"""The pages with a keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from web.access import Role

FOCUS = """() => {
  const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
  const seen = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const inside = box.right > 0 && box.left < innerWidth && box.width > 0 && box.height > 0;
  return [each.tagName + ' ' + (each.name || each.textContent.trim()).slice(0, 40), seen && inside];
}"""
MOST = 60


def tabbed(page: Page) -> list[tuple[str, bool]]:
    """What Tab reaches, one after the other, and whether it can be seen that it has."""
    found: list[tuple[str, bool]] = []
    for _ in range(MOST):
        page.keyboard.press("Tab")
        name, seen = page.evaluate(FOCUS)
        if name.startswith("BODY"):
            break
        found.append((name, seen))
    return found


def test_the_first_tab_leads_past_the_navigation(enter: Enter) -> None:
    page = enter(Role.ADMINISTRATOR)
    page.goto("/users")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="To the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Add a user")).to_be_focused()


def test_whatever_tab_reaches_can_be_seen_to_be_reached(enter: Enter) -> None:
    page = enter(Role.ADMINISTRATOR, width=360)
    for path in ("/users/roles", "/account"):
        page.goto(path)
        found = tabbed(page)
        assert [name for name, seen in found if not seen] == [], path
        assert len(found) > 10
        assert "BUTTON Log out" in {name for name, _ in found}


def test_a_user_is_added_by_keyboard(enter: Enter) -> None:
    page = enter(Role.ADMINISTRATOR)
    page.goto("/users/new")
    page.get_by_label("Name or e-mail").focus()
    page.keyboard.type("luis@acme.example")
    page.keyboard.press("Tab")
    page.keyboard.type("Luis")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Administrator")).to_be_checked()
    page.get_by_role("button", name="Add").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Link for luis@acme.example")
    page.goto("/users")
    row = page.get_by_role("row").filter(has_text="luis@acme.example")
    expect(row).to_contain_text("Luis Ortega")
    expect(row).to_contain_text("Administrator")
