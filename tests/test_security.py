"""SECURITY.md is true: every threat names its tests, and every test and module that it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.moments import ROOT

PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
THREATS = (
    "Forged webhooks",
    "Toll fraud",
    "Digits as numbers",
    "Replay",
    "CSRF",
    "Recordings leaking",
    "Secrets in logs",
    "A stolen session",
    "A hostile settings file",
    "Somebody who can write to Redis",
)
"""What issue 5, part 8, wants to be answered, and who came to mind since."""

PARTS = ("**Who, and what for.**", "**What stops it.**", "**What remains.**", "**Tests.**")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def section(threat: str) -> str:
    """What stands under a heading."""
    return PAGE.split(f"\n## {threat}\n", 1)[1].split("\n## ", 1)[0]


@cache
def collected(path: str) -> frozenset[str]:
    """The tests that pytest would collect from a file."""
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    return frozenset(node.name for node in body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"))


@pytest.mark.parametrize("threat", THREATS)
def test_every_threat_says_who_what_and_what_remains_and_names_its_tests(threat: str) -> None:
    said = section(threat)
    places = [said.find(part) for part in PARTS]
    assert places == sorted(places)
    assert min(places) >= 0
    assert len(re.findall(r"^- `tests/.*::test_\w+`$", said, re.M)) >= 3
    assert re.search(r"\(`(voice|config|flows|calls|web|crm|live)/", said), "names the module that stops it"


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_that_the_page_names_exists(path: str, name: str) -> None:
    assert name in collected(path)


def test_every_module_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`([\w/]+\.(?:py|md|lock))`", PAGE))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
