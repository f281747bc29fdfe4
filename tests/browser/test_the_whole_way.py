"""As a new user would: everything started, the printed address opened, a route changed, and heard in the next call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD
from tests.browser.newcomer import free_port, running
from tests.browsers import Open
from tests.local.conftest import Run

# The number that is open at any hour: its group has no members, so that the group's forward is all there is.
DIRECT, GROUP = "+34910000002", "Guardia"
MOST_CALLS = 20
BEFORE, AFTER = "+34 910 00 09 99", "+34 911 22 23 33"


@pytest.fixture
def run(chromium: Browser, tmp_path: Path) -> Iterator[Run]:
    """All that `make run` starts; nothing, where there is no browser to look at it."""
    with running(tmp_path, free_port()) as found:
        yield found


# "log in, change a group's forward number, publish, place a call in the browser telephone, hear the new route, find it
# in call details with its trace" (issue 4); with two web processes, of which any may answer, and the worker.
def test_a_newcomer_changes_a_route_and_hears_it(run: Run, open_browser: Open) -> None:
    link = run.says(r"makes you the administrator, once:\n  (\S+)\n")[1]
    page = open_browser(link.partition("/welcome/")[0])
    becomes_the_administrator(page, link)
    calls_the_company(page, BEFORE)
    changes_the_forward(page, AFTER.replace(" ", ""))
    calls_the_company(page, AFTER)
    finds_the_call(page)


def becomes_the_administrator(page: Page, link: str) -> None:
    """The first page of all; its link is void afterwards."""
    page.goto(link)
    page.get_by_label("Name or e-mail").fill("eva@acme.example")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Start").click()
    expect(page).to_have_title("Now · Ringpath")
    expect(page.get_by_role("status")).to_contain_text("Telephone calls the company")
    page.goto(link)
    expect(page.get_by_role("heading", level=1)).to_have_text("This link is void")
    page.get_by_role("link", name="Ringpath").click()


def calls_the_company(page: Page, wanted: str) -> None:
    """Call until it rings at the number wanted, which picks up: a change is in force everywhere within two seconds."""
    answer = page.get_by_role("button", name=re.compile("^Answer"))
    for _ in range(MOST_CALLS):
        page.get_by_role("link", name="Telephone", exact=True).click()
        page.get_by_label("Number to call").select_option(DIRECT)
        page.get_by_role("button", name="Call", exact=True).click()
        answer.wait_for()
        if wanted in page.get_by_role("list", name="Devices that ring").inner_text():
            break
        hangs_up(page)
    answer.click()
    expect(page.get_by_role("status")).to_have_text(f"You are talking to {wanted}.")
    expect(page.get_by_role("list", name="Why it goes that way")).to_contain_text(wanted.replace(" ", ""))
    hangs_up(page)


def hangs_up(page: Page) -> None:
    """End the call."""
    page.get_by_role("button", name="Hang up").click()
    expect(page.get_by_role("status")).to_contain_text("The call is over")


def changes_the_forward(page: Page, number: str) -> None:
    """In the form of the group; nothing is in force before it is published."""
    page.get_by_role("link", name="Settings", exact=True).click()
    page.get_by_role("navigation", name="Settings").get_by_role("link", name="Groups").click()
    page.get_by_role("link", name=GROUP).click()
    page.get_by_label("If nobody answers", exact=True).select_option("forward:")
    page.get_by_role("textbox", name="Number").fill(number)  # the one that shows
    page.get_by_role("button", name="Save in the draft").click()
    page.get_by_role("link", name="See and publish").click()
    expect(page.get_by_role("region", name="What changes")).to_contain_text(number)
    page.get_by_label("What for").fill("The accountants answer at night")
    page.get_by_role("button", name="Publish these changes").click()
    expect(page.get_by_role("status")).to_contain_text("Revision 2 is in force")


def finds_the_call(page: Page) -> None:
    """In call details, marked as a simulation, with the way that it went."""
    page.get_by_role("link", name="The call in the call details").click()
    expect(page.get_by_role("main")).to_contain_text("simulated")
    expect(page.get_by_role("main")).to_contain_text(AFTER)
    why = page.get_by_role("region", name="Why it went where it went")
    expect(why).to_contain_text(AFTER.replace(" ", ""))
