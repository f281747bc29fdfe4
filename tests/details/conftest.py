"""What the tests of what is kept share: settings of a process, and a database that tells how it finds things."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from calls.database import connect
from calls.missed import called_back
from calls.settings import Settings
from local.house import empty_database
from tests.calls.companies import acme
from tests.details.rows import MORENO, a_call, on_file
from tests.moments import at

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


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Engine]:
    """SQLite with one call in it, and a call back."""
    engine = connect(empty_database(tmp_path))
    on_file(engine, a_call("2026-11-24 11:00", caller=MORENO))
    called_back(engine, MORENO, at("2026-11-24 10:00"), "by Ana")
    yield engine
    engine.dispose()
