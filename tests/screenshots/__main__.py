"""`make screenshots`: pictures of the main pages for docs/, of a mixed day at the sample company.

The day, its clock and its calls are always the same, and so are the pictures, but for the fonts of the machine.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from redis import Redis

from calls import sessions, users
from config.loader import load
from local import valkey
from local.house import House, house
from tests.browsers import FLAGS, NOT_TESTED, installed
from tests.commands.mixed_day import AZAHAR, GIL, LOPEZ, MAIN, MORENO, PRADO, RIOS, Day, a_day, morning, noon
from tests.databases import migrated
from tests.moments import ROOT, SAMPLE, at
from tests.screenshots.png import smaller
from web.access import Role

FOLDER = ROOT / "docs" / "screenshots"
WIDTH, NARROW, HEIGHT = 1200, 390, 800
MOST_BYTES = 100_000
"""A page of the README shows all of them."""

Shot = Callable[[Page], None]


def opened(path: str) -> Shot:
    """A page as it is when it is opened."""
    return lambda page: _open(page, path)


def _open(page: Page, path: str) -> None:
    page.goto(path)


def a_call(page: Page) -> None:
    """The page of the call that went through most hands: by the menu to Luis, Ana, and Ana's mobile."""
    page.goto("/calls")
    page.get_by_role("link", name="24 Nov 2026 10:24").click()


def a_change(page: Page) -> None:
    """What would be published, after the forward of a group was changed."""
    page.goto("/settings/groups/entry/sales")
    page.get_by_label("If nobody answers", exact=True).select_option("forward:")
    page.get_by_role("textbox", name="Number").fill("+34911222333")
    page.get_by_role("button", name="Save in the draft").click()
    page.get_by_role("link", name="See and publish").click()


def a_rehearsal(page: Page) -> None:
    """The telephone in the browser, while a call rings."""
    page.goto("/telephone?at=2026-11-24T10:30")
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_role("button", name="Skip the words").click()
    page.get_by_role("button", name="1", exact=True).click()
    page.get_by_role("button", name="Answer").first.wait_for()


SHOTS: Mapping[str, Shot] = {
    "now": opened("/"),
    "calls": opened("/calls"),
    "call": a_call,
    "charts": opened("/calls/charts"),
    "why": opened("/why?to=%2B34910000001&from=%2B34600222001&at=2026-11-24T10:30"),
    "telephone": a_rehearsal,
    "settings": opened("/settings"),
    "number": opened("/settings/numbers/entry/+34910000003"),
    "publish": a_change,
}
"""What is shown, by the name of the file."""

NARROW_SHOTS: Mapping[str, Shot] = {"me": opened("/me")}
"""The same on a telephone's screen."""


def main(folder: Path = FOLDER) -> int:
    """Take every picture anew; the exit code is 1 when one is too large."""
    program = installed()
    if program is None:
        sys.exit(NOT_TESTED)
    folder.mkdir(parents=True, exist_ok=True)
    with a_morning() as day, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = somebody_looks(browser, day)
        sizes = [take(page, shot, folder / f"{name}.png") for name, shot in SHOTS.items()]
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        sizes += [take(page, shot, folder / f"{name}.png") for name, shot in NARROW_SHOTS.items()]
        browser.close()
    return int(max(sizes) > MOST_BYTES)


def take(page: Page, shot: Shot, file: Path) -> int:
    """Take a picture; how many bytes it has."""
    shot(page)
    picture = smaller(page.screenshot(animations="disabled", caret="hide"))
    file.write_bytes(picture)
    print(f"{file.name}: {len(picture) / 1000:.0f} kB")
    return len(picture)


@contextmanager
def a_morning() -> Iterator[Day]:
    """The sample company at lunch time: a morning of calls behind it, and some going on."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringpath-screenshots-")))
        server = valkey.ensure(folder)
        stack.callback(valkey.stop, server)
        redis = stack.enter_context(Redis.from_url(server.url))
        fixed = {"redis_url": server.url, "secret_key": "s" * 40, "published": True, "company_file": SAMPLE}

        def open_house(_: None, *, when: str, **options: Any) -> House:
            found = stack.enter_context(house(load(SAMPLE), start=at(when), with_pages=True, **fixed, **options))
            # No worker is about: what it does is done by the day, on the day's clock.
            found.app.extensions["reception"].checks["worker"] = lambda: ()
            return found

        day = stack.enter_context(a_day(open_house, redis, migrated(f"sqlite:///{folder}/calls.sqlite")))
        morning(day)
        noon(day)
        busy(day)
        yield day


def busy(day: Day) -> None:
    """Calls that are going on: three who talk, two who wait, and one who rings in vain."""
    day.call("13:50", AZAHAR, MAIN).presses("1").answers("luis")
    day.dials(MORENO, MAIN).presses("103").answers("eva")
    day.dials(RIOS, MAIN).presses("1").rings("ana")
    day.callers[-1].answers("ana").waits(40)
    day.dials(PRADO, MAIN).presses("2").waits(4).presses("1").holds()
    day.dials(LOPEZ, MAIN).presses("2").waits(4).presses("1").holds()
    day.dials(GIL, MAIN).presses("1").waits(5)


def somebody_looks(browser: Browser, day: Day) -> Page:
    """An administrator's page, on the clock of the house."""
    now = day.house.clock.now()
    with day.house.engine.begin() as connection:
        user = users.add(connection, "eva@acme.example", roles=[Role.ADMINISTRATOR], employee="eva", now=now)
        token = sessions.begin(connection, user.id, "", now)
    context = browser.new_context(
        base_url=day.house.connect_url, viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB"
    )
    place = {"domain": "127.0.0.1", "path": "/", "secure": True}
    context.add_cookies([{"name": "__Host-ringpath", "value": token, **place}])
    page = context.new_page()
    page.clock.set_fixed_time(now)
    return page


if __name__ == "__main__":
    sys.exit(main())
