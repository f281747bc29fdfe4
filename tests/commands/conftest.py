"""Databases for the commands about calls: migrated once, and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from calls.database import connect
from calls.upgrade import upgrade
from tests.commands.desk import VARIABLES, Desk
from tests.commands.ward import place, side, well_desk

__all__ = ["place", "side", "well_desk"]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables in it."""
    file = tmp_path_factory.mktemp("migrated") / "calls.sqlite"
    engine = connect(f"sqlite:///{file}")
    upgrade(engine)
    engine.dispose()
    return file


@pytest.fixture
def desk(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[click.Group], Desk]]:
    """Sit down at a terminal: desk(group)."""
    file = tmp_path / "calls.sqlite"
    shutil.copy(migrated, file)
    engine = connect(f"sqlite:///{file}")
    for name, value in (VARIABLES | {"DATABASE_URL": f"sqlite:///{file}"}).items():
        monkeypatch.setenv(name, value)
    yield lambda group: Desk(group, engine, tmp_path)
    engine.dispose()
