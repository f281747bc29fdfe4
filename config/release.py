"""Which version of the app this is, down to the commit that was deployed: 0.1.0+4beed24a1b."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent

TOLD_BY = ("RINGPATH_COMMIT", "HEROKU_BUILD_COMMIT", "HEROKU_SLUG_COMMIT")
"""Variables that name the commit: our own, as of an image; Heroku's, with its dyno metadata
(https://devcenter.heroku.com/articles/dyno-metadata)."""

DIGITS = 10
"""Of a commit that are told: enough to find it again."""


@cache
def version() -> str:
    """The version as pyproject.toml has it, with the commit where that is known."""
    number, commit = number_of(ROOT), commit_of(os.environ, ROOT)
    return f"{number}+{commit}" if commit else number


def number_of(root: Path) -> str:
    """Tell the number that pyproject.toml has; "0" where that is not here: calls are answered without it."""
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])
    except OSError:
        return "0"


def commit_of(variables: Mapping[str, str], root: Path) -> str | None:
    """Tell the commit of a folder, by a variable or by its .git; None when neither says."""
    named = next((variables[name] for name in TOLD_BY if variables.get(name)), None)
    try:
        commit = named or _of_git(root / ".git")
    except (OSError, ValueError):  # there is none, or it is not for our eyes
        return None
    found = re.match(rf"[0-9a-f]{{7,{DIGITS}}}", commit.strip().lower())
    return found[0] if found else None


def _of_git(place: Path) -> str:
    """Read what HEAD names, as git lays it out (git help repository-layout); raises OSError."""
    if place.is_file():  # a further worktree, whose references are with the first one's
        place = place.parent / place.read_text("utf-8").partition("gitdir:")[2].strip()
    head = (place / "HEAD").read_text("utf-8").strip()
    if not head.startswith("ref: "):
        return head
    name, shared = head.removeprefix("ref: "), place / "commondir"
    common = place / shared.read_text("utf-8").strip() if shared.is_file() else place
    if (common / name).is_file():
        return (common / name).read_text("utf-8")
    packed = (line.partition(" ") for line in (common / "packed-refs").read_text("utf-8").splitlines())
    return next((commit for commit, _, ref in packed if ref == name), "")
