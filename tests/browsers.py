"""A real browser: the system's Chromium, driven through Playwright; one for each test process.

CHROMIUM may name another one. Where there is none, the tests that need it are skipped, and the suite says so.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

from tests.not_run import tell

VARIABLE = "CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
NOT_TESTED = f"the pages are not tested in a browser: there is no Chromium, and {VARIABLE} names none"

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb")
"""The first because tests may run as root, the third because containers give little shared memory."""

PATIENCE = 10_000.0
"""Milliseconds for anything that takes a few when all is well."""

STATUS = "Failed to load resource"
"""How Chromium's console begins about an answer that is none; which of them are faults, `seen` knows better."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say once what was not tested, before pytest's own summary."""
    tell(
        terminalreporter,
        NOT_TESTED,
        "The browser tests were NOT run",
        f"that need Chromium were skipped. They run where it is installed (Debian: apt install chromium), or "
        f"{VARIABLE}=/path/to/chromium make test.",
    )


def installed() -> str | None:
    """Find the browser."""
    given = os.environ.get(VARIABLE)
    return shutil.which(given) if given else next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser of this test process."""
    program = installed()
    if program is None:
        pytest.skip(NOT_TESTED)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watch:
    """What went wrong in a browser: on its console, in scripts, against the policy, towards other hosts."""

    host: str
    faults: list[str] = field(default_factory=list)

    def over(self, page: Page) -> None:
        """Watch a page from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error} ({page.url})"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(STATUS):
            self.faults.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in {"data", "blob", "about"} and address.netloc != self.host:
            self.faults.append(f"asked another host: {request.url}")

    def _answered(self, response: Response) -> None:
        wanted = 500 if response.request.is_navigation_request() else 400
        if response.status >= wanted:
            self.faults.append(f"{response.status}: {response.url}")


Open = Callable[..., Page]


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Open]:
    """Open browsers that know nothing yet: open_browser(address, language="es", width=360, dark=True).

    At the end nothing may have gone wrong in any of them; `expected` is the beginning of what may.
    """
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_(base_url: str, *, language: str = "en", width: int = 1200, dark: bool = False, **more: Any) -> Page:
        context = chromium.new_context(
            base_url=base_url,
            locale={"en": "en-GB", "es": "es-ES"}[language],
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            **more,
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        watches.append(Watch(host=urlsplit(base_url).netloc))
        context.on("page", watches[-1].over)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()
    assert [fault for watch in watches for fault in watch.faults] == []


if __name__ == "__main__":
    sys.exit(None if installed() else NOT_TESTED)
