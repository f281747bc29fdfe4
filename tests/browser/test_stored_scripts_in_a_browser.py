"""Texts of people and strangers in a real browser, where scripts of ours put them on the pages as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from local.house import house
from tests.browser.conftest import Office
from tests.browsers import Open
from tests.moments import OPEN, at
from tests.web.hostile import TEXT, filled, hostile_company
from web.access import Role


@pytest.fixture
def victims(redis_url: str) -> Iterator[Office]:
    """A company where every text is a script."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
    with house(
        hostile_company(), redis_url=redis_url, start=at(OPEN), with_pages=True, secret_key="a secret of these tests"
    ) as found:
        filled(found.engine, found.clock.now())
        yield Office(found)


# Not one runs: the policy would tell (tests.browsers.Watch), and nothing is there for it to refuse.
def test_no_text_becomes_a_part_of_a_page(victims: Office, open_browser: Open) -> None:
    user = victims.hires(Role.ADMINISTRATOR, name=TEXT + "!", employee="ana")
    page = victims.brings_in(user, open_browser(victims.url))
    spoilt = []
    for path in victims.pages_of(user):
        page.goto(path)
        if page.locator("[data-hostile]").count() or page.evaluate("window.stolen"):
            spoilt.append(path)
    assert spoilt == []
