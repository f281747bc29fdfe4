"""People who edit the settings in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from calls import drafts, revisions
from local.house import House
from tests.moments import SAMPLE
from tests.web.conftest import Browser
from web.access import Role

TEXT = SAMPLE.read_text(encoding="utf-8")
RING = "    distribution: evenly            # evenly | in_order | everybody\n    ring_seconds: 20"


class SettingsDesk:
    """A browser on the pages of the settings, which keeps the version that its page was shown with."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.version = ""

    def opens(self, path: str) -> str:
        """Open a page, with all its words as they are read."""
        answer = self.browser.get(path)
        assert answer.status_code == 200, answer.text
        found = re.search(r'name="version" value="([^"]*)"', answer.text)
        self.version = found[1] if found else ""
        return words(answer)

    def sends(self, path: str, **fields: Any) -> TestResponse:
        """Send a form as it was shown."""
        return self.browser.post(path, {"version": self.version, **fields})

    def saves(self, text: str) -> TestResponse:
        """Open the text, and save another."""
        self.opens("/settings/yaml")
        return self.sends("/settings/yaml", text=text)

    def publishes(self, comment: str = "for the tests") -> TestResponse:
        """Look at what would change, and publish it."""
        self.opens("/settings/publish")
        return self.sends("/settings/publish", comment=comment)


def words(answer: TestResponse) -> str:
    """What is read on a page, on one line."""
    content = answer.text.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", content)).split())


def ringing(seconds: int, text: str = TEXT) -> str:
    """The sample, with another time that the sales group rings."""
    assert RING in text
    return text.replace(RING, RING.replace("20", str(seconds)))


def draft(engine: Engine) -> drafts.Draft | None:
    """The draft."""
    with engine.connect() as connection:
        return drafts.read(connection)


def newest(engine: Engine) -> revisions.Revision:
    """The revision in force."""
    with engine.connect() as connection:
        found = revisions.newest(connection)
    assert found
    return found


@pytest.fixture
def house(web_house: House) -> House:
    """The sample company, published once."""
    publish(web_house, TEXT, "the first", None)
    return web_house


@pytest.fixture
def ana(house: House, logged_in: Callable[..., Browser]) -> SettingsDesk:
    """An administrator."""
    return SettingsDesk(logged_in(Role.ADMINISTRATOR, name="ana"))


@pytest.fixture
def eva(house: House, logged_in: Callable[..., Browser]) -> SettingsDesk:
    """Another one."""
    return SettingsDesk(logged_in(Role.ADMINISTRATOR, name="eva"))


def publish(house: House, text: str, comment: str, base: int | None) -> int:
    """Publish as the command line does."""
    checked = revisions.check(text)
    with house.engine.begin() as connection:
        return revisions.publish(connection, checked, author="cli", comment=comment, now=house.clock.now(), base=base)
