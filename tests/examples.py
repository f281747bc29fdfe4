"""How many examples a property is tried with: all of them on a clean checkout (CI), a third at one's desk."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("CI"))


def examples(count: int) -> int:
    """Return how many of `count` examples are tried here."""
    return count if THOROUGH else max(count // 3, 5)
