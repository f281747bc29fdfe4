"""What differs between two settings documents: the paths of it, and how one's changes come into another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from config.editing import Document
from config.splices import Path, same


class _Absent:
    def __repr__(self) -> str:
        return "absent"

    def __bool__(self) -> bool:
        return False


ABSENT: Any = _Absent()
"""What stands where nothing is written."""


class Change(NamedTuple):
    """A value that differs, ABSENT before or after; what is below `path` differs no further."""

    path: Path
    before: Any
    after: Any


def changes(before: Any, after: Any, path: Path = ()) -> Iterator[Change]:
    """List what differs, as deep as mappings go: lists and what is added or removed are one change each."""
    if same(before, after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            yield from changes(before.get(key, ABSENT), after.get(key, ABSENT), (*path, key))
    else:
        yield Change(path, before, after)


def overlaps(mine: list[Change], theirs: list[Change]) -> list[tuple[Change, Change]]:
    """Pair the changes of two people that speak of the same place, and do not say the same."""
    return [
        (one, other)
        for one in mine
        for other in theirs
        if _touch(one.path, other.path) and not (one.path == other.path and same(one.after, other.after))
    ]


def _touch(one: Path, other: Path) -> bool:
    least = min(len(one), len(other))
    return one[:least] == other[:least]


def value_at(value: Any, path: Path) -> Any:
    """Return what stands at a path of keys, ABSENT where nothing does."""
    for part in path:
        value = value.get(part, ABSENT) if isinstance(value, dict) else ABSENT
    return value


def bring(document: Document, found: Iterable[Change]) -> None:
    """Make changes to a document, the removals first; raises EditError."""
    for change in sorted(found, key=lambda each: each.after is not ABSENT):
        if change.after is ABSENT:
            document.remove(change.path)
        else:
            document.put(change.path, change.after)
