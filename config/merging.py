"""Bringing a draft onto a newer revision: what both changed from a common base, path by path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.changes import Change, brought, changes, overlaps
from config.source import read

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What a draft and a newer revision have each changed, and the changes that speak of the same place."""

    theirs_text: str
    mine: tuple[Change, ...]
    overlaps: tuple[tuple[Change, Change], ...]

    def text(self, prefer: Side = "mine") -> str:
        """Write the newer revision with the draft's changes; where both say something, `prefer` decides.

        Raises EditError.
        """
        disputed = {change.path for change, _ in self.overlaps} if prefer == "theirs" else set()
        return brought(self.theirs_text, [change for change in self.mine if change.path not in disputed]).text


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Compare two texts with what both were made from; a text that cannot be read changes nothing."""
    old = read(base).document
    ours, others = list(changes(old, read(mine).document)), list(changes(old, read(theirs).document))
    return Merge(theirs_text=theirs, mine=tuple(ours), overlaps=tuple(overlaps(ours, others)))
