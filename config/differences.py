"""What differs between two settings documents, in words for whoever administers them.

Nothing is left out: what has no words of its own is named by its path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from config.changes import ABSENT, Change, changes, value_at
from config.draft import entries_of
from config.expected import expected_at
from config.references import names_of
from config.renames import moved, renames, steps
from config.splices import Path, same
from config.spoken import ENTRIES, SECTIONS, Translate, label_of, lazy, name_in, said, told_apart

Kind = Literal["added", "removed", "renamed", "changed"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What differs in one entry, or one part of the settings: a title, and a sentence for each change.

    `key` is "" for what is no entry. `paths` are those that the sentences speak of.
    """

    section: str
    key: str
    title: str
    kind: Kind
    sentences: tuple[str, ...]
    paths: tuple[Path, ...]


def differences(before: Any, after: Any, translate: Translate) -> tuple[Difference, ...]:
    """Say what differs between two documents as config.source reads them, in the order of the new one."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return () if same(before, after) else (_as_a_whole(translate),)
    renamed = renames(before, after)
    before = moved(before, steps({}, renamed))
    grouped: dict[Path, list[Change]] = {(section, new): [] for (section, _), new in renamed.items()}
    for change in changes(before, after):
        for each in _entries(change):
            whole = lifted(each, before, after)
            found = grouped.setdefault(_place(each.path), [])
            if all(whole.path != other.path for other in found):
                found.append(whole)
    back: dict[Path, str] = {(section, new): old for (section, old), new in renamed.items()}
    speaker = _Speaker(before, after, translate)
    return tuple(speaker.difference(place, found, back.get(place)) for place, found in grouped.items())


def _as_a_whole(translate: Translate) -> Difference:
    text = translate(lazy("The text cannot be read as settings, so what differs cannot be said."))
    return Difference(
        section="", key="", title=translate(lazy("Settings")), kind="changed", sentences=(text,), paths=((),)
    )


def _entries(change: Change) -> Iterator[Change]:
    """Take a section that came or went as a whole apart into its entries."""
    path, old, new = change
    if len(path) == 1 and path[0] in ENTRIES and isinstance(old or {}, dict) and isinstance(new or {}, dict):
        below = [*changes(old or {}, new or {}, path)]
        yield from below or [change]
    else:
        yield change


def lifted(change: Change, before: Any, after: Any) -> Change:
    """Take a change for one of the setting that it is part of: a destination is one, and said as a whole."""
    for end in range(len(change.path), 0, -1):
        path = change.path[:end]
        if label_of(path, untranslated) is not None:
            return Change(path, value_at(before, path), value_at(after, path))
    return change


def _place(path: Path) -> Path:
    """Return what a change is grouped by: its entry, its part of the settings, or the company."""
    if path and path[0] in ENTRIES:
        return path[:2]
    return path[:1] if path and path[0] in SECTIONS else ()


class _Speaker:
    def __init__(self, before: dict[str, Any], after: dict[str, Any], translate: Translate) -> None:
        self._before, self._after = told_apart(before, after)
        self._ = translate

    def difference(self, place: Path, found: list[Change], old_key: str | None) -> Difference:
        """Say what has changed at one place."""
        kind: Kind = "renamed" if old_key is not None else "changed"
        sentences: list[str] = []
        for change in found:
            if change.path == place and len(place) > 1:
                kind = _kind_of(change)
                sentences += self._whole(change)
            else:
                sentences += self._part(change)
        if old_key is not None:
            now = str(place[1])
            sentences.insert(0, self._(lazy("Renamed: %(now)s (was: %(was)s)."), now=now, was=old_key))
        return Difference(
            section=str(place[0]) if place else "",
            key=str(place[1]) if len(place) > 1 else "",
            title=self._title(place),
            kind=kind,
            sentences=tuple(sentences),
            paths=(*(change.path for change in found), *self._renamed(place, old_key)),
        )

    def _renamed(self, place: Path, old: str | None) -> tuple[Path, ...]:
        """List what a new key changes: the entry, and everything that names it."""
        if old is None:
            return ()
        section, key = str(place[0]), str(place[1])
        return (place, (section, old), *names_of(self._after, section, key))

    def _title(self, place: Path) -> str:
        if not place:
            return self._(lazy("Company"))
        section = str(place[0])
        if len(place) == 1:
            return self._(SECTIONS[section])
        key = str(place[1])
        where = self._after if key in entries_of(self._after, section) else self._before
        return self._(ENTRIES[section], name=name_in(where, section, key))

    def _whole(self, change: Change) -> list[str]:
        """Say that an entry has come or gone; of a new one with all that is in it."""
        if change.after is ABSENT:
            return [self._(lazy("Removed."))]
        if change.before is not ABSENT or not isinstance(change.after, dict):
            return [self._changed(change)]
        lines = [self._(lazy("Added."))]
        for part in changes({}, change.after, change.path):
            lines += [self._set(each) for each in _apart(part)]
        return lines

    def _part(self, change: Change) -> list[str]:
        if isinstance(change.before, list) and isinstance(change.after, list) and "weekly" not in change.path:
            return self._list(change)
        parts = _apart(change)
        return [self._changed(each) for each in parts]

    def _list(self, change: Change) -> list[str]:
        """Say what has come into a list and what has gone, or that the order is another."""
        path, old, new = change
        come, gone = _without(new, old), _without(old, new)
        label = self._label(path)
        lines = []
        if come:
            lines.append(
                self._(lazy("%(what)s, added: %(items)s."), what=label, items=self._said(path, come, self._after))
            )
        if gone:
            lines.append(
                self._(lazy("%(what)s, removed: %(items)s."), what=label, items=self._said(path, gone, self._before))
            )
        if not lines:
            now = self._said(path, new, self._after)
            lines.append(self._(lazy("%(what)s, in another order: %(items)s."), what=label, items=now))
        return lines

    def _changed(self, change: Change) -> str:
        path, old, new = change
        now, was = self._held(path, new, self._after), self._held(path, old, self._before)
        return self._(lazy("%(what)s: now %(now)s (was: %(was)s)."), what=self._label(path), now=now, was=was)

    def _set(self, change: Change) -> str:
        return self._(
            lazy("%(what)s: %(now)s."),
            what=self._label(change.path),
            now=self._said(change.path, change.after, self._after),
        )

    def _label(self, path: Path) -> str:
        found = label_of(path, self._) if path else None
        if found is None and len(path) == 1 and path[0] in SECTIONS:
            return self._(SECTIONS[str(path[0])])
        return found or ".".join(map(str, path[2:] if path[:1] and path[0] in ENTRIES else path)) or "."

    def _held(self, path: Path, value: Any, document: Any) -> str:
        """Say what holds at a path: where nothing is written the default."""
        known = _known(path, value)
        text = self._said(path, known, document)
        return text if known is value else self._(lazy("%(value)s, by default"), value=text)

    def _said(self, path: Path, value: Any, document: Any) -> str:
        return said(path, value, document, self._)


def _kind_of(change: Change) -> Kind:
    return "removed" if change.after is ABSENT else "added" if change.before is ABSENT else "changed"


def _apart(change: Change) -> list[Change]:
    """Take what came or went below a key apart, as far as its parts have names of their own."""
    path, old, new = change
    old_parts, new_parts = old if old is not ABSENT else {}, new if new is not ABSENT else {}
    both = isinstance(old_parts, dict) and isinstance(new_parts, dict)
    if not both or label_of(path, untranslated) is not None or old_parts == new_parts:
        return [change]
    return [part for each in changes(old_parts, new_parts, path) for part in _apart(each)]


def untranslated(text: str, **_: object) -> str:
    """Say a text as it is, for asking whether there is one."""
    return text


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    rest = list(others)
    kept = []
    for item in items:
        place = next((place for place, other in enumerate(rest) if same(item, other)), None)
        if place is None:
            kept.append(item)
        else:
            del rest[place]
    return kept


def _known(path: Path, value: Any) -> Any:
    """Return a value, where nothing is written the default that holds, as far as that is a plain value."""
    if value is not ABSENT or not path:
        return value
    record = expected_at(path[:-1]).record
    known = record.model_fields.get(str(path[-1])) if record else None
    default = known.default if known else ABSENT
    return default if isinstance(default, (str, bool, int, float)) else ABSENT
