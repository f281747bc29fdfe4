"""Guessing which known word somebody meant."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches

MOST_GUESSES = 25
"""Guesses for one file: each compares a word with thousands of names, and the first few teach enough."""
MOST_LISTED = 12


class Guesses:
    """Finds the known word that is nearest to a wrong one, until it has done so often enough."""

    def __init__(self) -> None:
        self._left = MOST_GUESSES

    def meant(self, word: object, known: Collection[str]) -> str:
        """Return "; did you mean …?" or nothing."""
        if self._left == 0 or not isinstance(word, str) or not word or len(word) > 100:
            return ""
        self._left -= 1
        lowered = {name.lower(): name for name in known if abs(len(name) - len(word)) <= 3}
        near = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
        return f"; did you mean {lowered[near[0]]}?" if near else ""


def listed(names: Iterable[str]) -> str:
    """Write names as "ana, luis, eva", the first dozen of them."""
    names = list(names)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + more
