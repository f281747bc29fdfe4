"""Houses whose settings are published, and published anew while calls are up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calls.renamed import follow
from config.editing import Document
from local.house import House
from tests.calls.companies import OpenHouse
from tests.databases import migrated
from tests.providers import chosen, for_provider
from tests.published import publish

OpenPublished = Callable[[str], House]


def settings_of(house: House) -> Any:
    return house.app.extensions["ringpath"].settings


@pytest.fixture
def open_published(open_house: OpenHouse, tmp_path: Path) -> OpenPublished:
    """Open a house whose settings are published: open_published(document)."""

    def open_(document: str) -> House:
        file = tmp_path / "company.yaml"
        file.write_text(for_provider(document, chosen()), "utf-8")
        database = migrated(f"sqlite:///{tmp_path}/calls.sqlite")
        return open_house(document, published=True, database=database, company_file=file)

    return open_


def publishes(house: House, document: str) -> None:
    """Publish settings, and let calls on file follow, as the jobs do."""
    publish(house.engine, for_provider(document, house.environment.provider), now=house.clock.now())
    assert settings_of(house).refresh()
    follow(house.engine, lambda: True)


def renamed(document: str, *pairs: tuple[str, str], section: str = "employees") -> str:
    """The same settings with other keys, and all that names them."""
    there = Document.read(document)
    for old, new in pairs:
        there.rename(section, old, new)
    return there.text
