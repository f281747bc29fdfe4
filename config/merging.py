"""Bringing a draft onto a newer revision: what both changed from a common base, path by path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from config.changes import Change, brought, changes, overlaps
from config.source import read
from config.splices import same

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What a draft and a newer revision have each changed, and the changes that speak of the same place."""

    base_text: str
    theirs_text: str
    mine: tuple[Change, ...]
    theirs: tuple[Change, ...]
    overlaps: tuple[tuple[Change, Change], ...]

    def text(self, prefer: Side = "mine") -> str:
        """Write the newer revision with the draft's changes; where both say something, `prefer` decides.

        Raises EditError.
        """
        disputed = {change.path for change, _ in self.overlaps} if prefer == "theirs" else set()
        return brought(self.theirs_text, [change for change in self.mine if change.path not in disputed]).text

    @property
    def without_mine(self) -> str:
        """What both were made from, with those of their changes that the draft does not make too; raises EditError."""
        news = [each for each in self.theirs if not any(_alike(each, other) for other in self.mine)]
        return brought(self.base_text, news).text


def _alike(one: Change, other: Change) -> bool:
    return one.path == other.path and same(one.after, other.after)


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Compare two texts with what both were made from; a text that cannot be read changes nothing."""
    old = read(base).document
    ours, others = list(changes(old, read(mine).document)), list(changes(old, read(theirs).document))
    return Merge(
        base_text=base,
        theirs_text=theirs,
        mine=tuple(ours),
        theirs=tuple(others),
        overlaps=tuple(overlaps(ours, others)),
    )
