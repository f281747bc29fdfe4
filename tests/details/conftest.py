"""The published settings of a process, as the tests of them make them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from calls.database import connect
from calls.settings import Settings
from tests.calls.companies import acme

FIRST, SECOND, THIRD = acme(company="First"), acme(company="Second"), acme(company="Third")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file."""
    found = tmp_path / "company.yaml"
    found.write_text(FIRST, "utf-8")
    return found


@pytest.fixture
def of_database(engine: Engine, file: Path) -> Iterator[Callable[[], Settings]]:
    """Settings as a process makes them: of_database(); each has connections of its own."""
    made: list[Settings] = []
    engines: list[Engine] = []

    def make() -> Settings:
        engines.append(connect(engine.url.render_as_string(hide_password=False)))
        made.append(Settings.of_database(engines[-1], file))
        return made[-1]

    yield make
    for each in made:
        each.close()
    for there in engines:
        there.dispose()
