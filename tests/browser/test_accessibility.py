"""Every page, looked at by axe: in both languages, on a telephone's screen and a desk's, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import COLOURS, equipped, shape, violations
from tests.browser.conftest import Office
from tests.browsers import Open
from tests.examples import THOROUGH
from web.access import Role

# Every page in each of these, one after the other; what does not depend on the colours is looked at in the first alone.
LOOKS = {"en": (1200, ("light", "dark")), "es": (360, ("dark",))} if THOROUGH else {"es": (360, ("light",))}


def problems(page: Page, path: str, schemes: tuple[str, ...]) -> list[str]:
    """What is wrong with one page."""
    first, *others = schemes
    page.emulate_media(color_scheme=first)
    page.goto(path)
    found = [*shape(page), *violations(page)]
    for scheme in others:
        page.emulate_media(color_scheme=scheme)
        found += violations(page, COLOURS)
    return [f"{path}: {each}" for each in found]


@pytest.mark.parametrize("language", LOOKS)
def test_every_page_can_be_used_by_everybody(language: str, office: Office, open_browser: Open) -> None:
    width, schemes = LOOKS[language]
    user = office.hires(Role.ADMINISTRATOR, employee="ana")
    page = equipped(office.brings_in(user, open_browser(office.url, language=language, width=width)))
    found = [problem for path in office.pages_of(user) for problem in problems(page, path, schemes)]
    assert not found, "\n".join(found)


def test_whoever_is_not_in_yet_finds_the_way(office: Office, open_browser: Open) -> None:
    page = equipped(open_browser(office.url, language="es", width=360))
    assert problems(page, "/login", ("light", "dark")) == []
