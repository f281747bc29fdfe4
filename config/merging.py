"""Bringing a draft onto a newer revision: what both changed from a common base, setting by setting.

An entry that one of them has renamed is the same entry: all is compared under the keys that hold in the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from config.changes import ABSENT, Change, bring, changes, overlaps, value_at
from config.differences import lifted
from config.draft import entries_of
from config.editing import Document, EditError
from config.merged_lines import comments, merged_lines
from config.renames import Renames, Step, moved, renames, steps
from config.source import read
from config.splices import same

Side = Literal["mine", "theirs"]


@dataclass(frozen=True, kw_only=True)
class _Version:
    """A text, the document that it says, and the entries to which it has given another key than the base has."""

    text: str
    document: Any = field(repr=False)
    renamed: Renames

    def under(self, keys: Renames) -> Any:
        """Give the entries the keys that are wanted."""
        found: Any = self.document
        return moved(found, steps(self.renamed, keys)) if isinstance(found, dict) else found


@dataclass(frozen=True, kw_only=True)
class _Versions:
    """What both were made from, the draft, and the newer revision."""

    base: _Version
    mine: _Version
    theirs: _Version

    def overlaps(self) -> tuple[tuple[Change, Change], ...]:
        """Pair the draft's changes with those of the revision that cannot hold too; of a rename `after` is the key."""
        ours, others = self.keys("mine"), self.keys("theirs")
        disputed = [entry for entry in {**ours, **others} if ours.get(entry) != others.get(entry)]
        renamed = (
            (Change(entry, entry[1], ours.get(entry, entry[1])), Change(entry, entry[1], others.get(entry, entry[1])))
            for entry in disputed
        )
        return (*renamed, *overlaps(*self.changes_under(ours)))

    def keys(self, prefer: Side) -> Renames:
        """Return the renames that hold: one's own, and the other's as far as they do not clash with those."""
        own, other = (self.mine, self.theirs) if prefer == "mine" else (self.theirs, self.mine)
        free = {
            (section, old): new
            for (section, old), new in other.renamed.items()
            if not isinstance(own.document, dict) or new not in entries_of(own.document, section)
        }
        return free | own.renamed

    def changes_under(self, keys: Renames) -> tuple[list[Change], list[Change]]:
        """List what the draft and what the revision changes, with the entries under these keys."""
        before, ours, others = (each.under(keys) for each in (self.base, self.mine, self.theirs))
        mine = _kept(_settings(before, ours), ours, others, self.mine.renamed, keys)
        theirs = _kept(_settings(before, others), others, ours, self.theirs.renamed, keys)
        return mine, theirs

    def brought(self, keys: Renames, prefer: Side) -> Iterable[Change]:
        """List the draft's changes that are to be made to the revision."""
        mine, theirs = self.changes_under(keys)
        disputed = overlaps(mine, theirs)
        if prefer == "theirs":
            dropped = {change.path for change, _ in disputed}
            return [change for change in mine if change.path not in dropped]
        ours = self.mine.under(keys)
        wider = [other._replace(after=value_at(ours, other.path)) for _, other in disputed]
        return list({change.path: change for change in (*mine, *wider)}.values())


@dataclass(frozen=True, kw_only=True)
class Merge:
    """What a draft and a newer revision have each changed, and the changes of both that cannot both hold.

    An overlap is the draft's change and the revision's; of an entry with two new keys they are the keys.
    """

    versions: _Versions
    overlaps: tuple[tuple[Change, Change], ...]

    def text(self, prefer: Side = "mine") -> str:
        """Write the newer revision with the draft's changes; where both say something, `prefer` decides.

        What the draft has besides its values, its comments above all, comes along where it can. Raises EditError.
        """
        base, mine, theirs = self._each
        keys = self.versions.keys(prefer)
        document = _renamed(theirs.text, steps(theirs.renamed, keys))
        bring(document, self.versions.brought(keys, prefer))
        written = document.text
        merged = merged_lines(base.text, mine.text, written)
        before, after = read(written), read(merged)
        return merged if same(before.document, after.document) and not after.problems else written

    @property
    def without_mine(self) -> str:
        """What both were made from, with those of their changes that the draft does not make too; raises EditError."""
        base, mine, theirs = self._each
        keys = {entry: key for entry, key in theirs.renamed.items() if mine.renamed.get(entry) != key}
        ours, others = self.versions.changes_under(keys)
        document = _renamed(base.text, steps({}, keys))
        bring(document, [each for each in others if not any(_alike(each, other) for other in ours)])
        return document.text

    @property
    def lost(self) -> tuple[str, ...]:
        """The draft's own comments that are not in a text that may come of it, as they are written."""
        base, mine, _ = self._each
        every = comments(mine.text)
        own = every - comments(base.text)
        if not own:
            return ()
        try:
            kept = [comments(self.text(side)) for side in _SIDES[: 2 if self.overlaps else 1]]
        except EditError:
            return ()  # whoever merges is told
        return tuple(comment for comment in own if any(text[comment] < every[comment] for text in kept))

    @property
    def _each(self) -> tuple[_Version, _Version, _Version]:
        return self.versions.base, self.versions.mine, self.versions.theirs


_SIDES: tuple[Side, ...] = ("mine", "theirs")


def merge(base: str, mine: str, theirs: str) -> Merge:
    """Compare two texts with what both were made from."""
    old = read(base).document
    ours, others = read(mine).document, read(theirs).document
    versions = _Versions(
        base=_Version(text=base, document=old, renamed={}),
        mine=_Version(text=mine, document=ours, renamed=renames(old, ours)),
        theirs=_Version(text=theirs, document=others, renamed=renames(old, others)),
    )
    return Merge(versions=versions, overlaps=versions.overlaps())


def _settings(before: Any, after: Any) -> Iterator[Change]:
    """List what differs, of a setting such as a destination as one change."""
    found = (lifted(change, before, after) for change in changes(before, after))
    yield from {change.path: change for change in found}.values()


def _kept(found: Iterator[Change], own: Any, other: Any, renamed: Renames, keys: Renames) -> list[Change]:
    """Take an entry that the other has removed for changed as a whole where it was renamed: it was meant to stay."""
    every = list(found)
    for section, old in renamed:
        path = (section, keys.get((section, old), old))
        if value_at(other, path) is ABSENT and (entry := value_at(own, path)) is not ABSENT:
            every = [change for change in every if change.path[:2] != path]
            every.append(Change(path, entry, entry))
    return every


def _alike(one: Change, other: Change) -> bool:
    return one.path == other.path and same(one.after, other.after)


def _renamed(text: str, wanted: list[Step]) -> Document:
    """Give entries of a text other keys; another entry that has such a key gives way. Raises EditError."""
    document = Document.read(text)
    for section, old, new in wanted:
        entries = entries_of(document.get(()), section)
        if old in entries:
            if new in entries:
                document.remove((section, new))
            document.rename(section, old, new)
    return document
