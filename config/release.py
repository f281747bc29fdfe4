"""Which version of the app this is."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

PROJECT = Path(__file__).parent.parent / "pyproject.toml"


@cache
def version() -> str:
    """The version as pyproject.toml has it."""
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])
