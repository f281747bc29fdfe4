"""How thorough the tests are: on a clean checkout (CI) all examples of a property, at one's desk a third of them."""

from __future__ import annotations

import os

THOROUGH = bool(os.environ.get("CI"))


def examples(count: int) -> int:
    """Return how many of `count` examples are tried here."""
    return count if THOROUGH else max(count // 3, 5)
