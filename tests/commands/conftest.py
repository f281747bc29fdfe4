"""Databases for the commands about calls, and terminals at which they are typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

from calls.database import connect
from tests.commands.desk import VARIABLES, Desk
from tests.commands.ward import place, side, well_desk
from tests.databases import migrated

__all__ = ["place", "side", "well_desk"]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[click.Group], Desk]]:
    """Sit down at a terminal: desk(group)."""
    url = migrated(f"sqlite:///{tmp_path}/calls.sqlite")
    engine = connect(url)
    for name, value in (VARIABLES | {"DATABASE_URL": url}).items():
        monkeypatch.setenv(name, value)
    yield lambda group: Desk(group, engine, tmp_path)
    engine.dispose()
