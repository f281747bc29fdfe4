"""People at the forms of the settings, as browsers without scripts send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from calls import drafts
from config.editing import Document
from config.loader import read_text
from local.house import House
from tests.moments import SAMPLE
from tests.web.conftest import Browser
from tests.web.filled import Filled, forms, settings_form
from web.access import Role

Draft = Callable[[], Document]


@pytest.fixture
def ana(logged_in: Callable[..., Browser]) -> Browser:
    """An administrator."""
    return logged_in(Role.ADMINISTRATOR, name="ana")


@pytest.fixture
def eva(logged_in: Callable[..., Browser]) -> Browser:
    """Another one."""
    return logged_in(Role.ADMINISTRATOR, name="eva")


@pytest.fixture
def draft(web_house: House) -> Draft:
    """The draft; the published settings while there is none."""

    def read() -> Document:
        with web_house.engine.connect() as connection:
            found = drafts.read(connection)
        return Document.read(found.document if found else read_text(SAMPLE))

    return read


def opened(browser: Browser, page: str) -> Filled:
    """Open the form of an entry."""
    answer = browser.get(f"/settings/{page}")
    assert answer.status_code == 200, answer.text
    return settings_form(answer.text)


def version(browser: Browser) -> str:
    """The version of the settings as they are now."""
    page = browser.get("/settings/yaml").text
    return next(form.fields["version"][0] for form in forms(page) if "text" in form.fields)


def saved(browser: Browser, text: str) -> None:
    """Save the settings as text."""
    answer = browser.post("/settings/yaml", {"version": version(browser), "text": text})
    assert answer.status_code == 303, answer.text


def changed(browser: Browser, page: str, **changes: str | list[str]) -> Any:
    """Open the form of an entry, change some fields and send it; in names __ stands for -."""
    form = opened(browser, page)
    return browser.post(f"/settings/{page}", form.but(**{name.replace("__", "-"): v for name, v in changes.items()}))
