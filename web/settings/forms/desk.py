"""What a settings form works on: a part of the document as plain values, and how it is changed no more than needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from config.editing import Document
from web.aside import aside
from web.choosing import MOST_OPTIONS, spellings

Place = tuple[str | int, ...]
"""Where something stands in the document, such as ("groups", "sales", "members", 0)."""

RIVALS = {"employees": "groups"}
"""Section → the one that is searched before it where an entry of either may be named, as a mailbox."""


@dataclass(frozen=True)
class Entries:
    """The entries of a section by key, with what people call them; `rival` is searched before it where both may be."""

    section: str
    values: dict[str, Any]
    rival: Entries | None = None

    @cached_property
    def names(self) -> dict[str, str]:
        """The name of each entry, with its key where the name alone could mean another; each leads back to its key."""
        names = {key: plain(text_of(part(entry, "name"))) or key for key, entry in self.values.items()}
        meant: dict[str, set[str]] = {}
        for key, name in names.items():
            for text in (name, key, text_of(part(self.values[key], "extension"))):
                meant.setdefault(text.casefold(), set()).add(key)
        rival = self.rival._spelled if self.rival else {}
        alone = {key for key, name in names.items() if meant[name.casefold()] == {key} and name.casefold() not in rival}
        names = {key: name if key in alone else f"{name} ({key})" for key, name in names.items()}
        times = Counter(name.casefold() for name in names.values())
        return {key: name if times[name.casefold()] == 1 else key for key, name in names.items()}

    @property
    def many(self) -> bool:
        """Whether they are too many for a list to choose from."""
        return len(self.values) > MOST_OPTIONS

    def name(self, key: str) -> str:
        """What people call an entry; the key itself when there is no such entry."""
        return self.names.get(key, key)

    def found(self, typed: str) -> str:
        """Return the key of the entry that somebody means by its name, key or extension; the text itself if none."""
        return typed if typed in self.values else self._spelled.get(plain(typed).casefold(), typed.strip())

    @cached_property
    def _spelled(self) -> dict[str, str]:
        return spellings(self.names, {text_of(part(entry, "extension")): key for key, entry in self.values.items()})


@dataclass(frozen=True)
class Desk:
    """A document, the place of the entry that the form shows, and whether there is such an entry."""

    document: Document
    base: Place = ()

    def about(self, base: Place) -> Desk:
        """The same document, seen from another entry; what was read of it is not read again."""
        moved = replace(self, base=base)
        shared = {"_read": self._read, "_entries": self._entries, "remembered": self.remembered}
        moved.__dict__.update(shared)
        return moved

    def get(self, place: Place) -> Any:
        """Return what stands at a place of the document, None when nothing does."""
        value = self._sections(str(place[0])) if place else self.document.get(())
        for step in place[1:]:
            value = part(value, step)
        return value

    def entries(self, section: str) -> Entries:
        """Return the entries of a section."""
        if section not in self._entries:
            values = self._sections(section)
            rival = self.entries(RIVALS[section]) if section in RIVALS else None
            self._entries[section] = Entries(section, values if isinstance(values, dict) else {}, rival)
        return self._entries[section]

    @property
    def country(self) -> str:
        """The company's country, in which numbers are typed without their country code."""
        return text_of(self._sections("country")) or "ES"

    def _sections(self, section: str) -> Any:
        if section not in self._read:
            self._read[section] = aside(self.document.get, (section,))
        return self._read[section]

    @cached_property
    def _read(self) -> dict[str, Any]:
        return {}

    @cached_property
    def _entries(self) -> dict[str, Entries]:
        return {}

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """What is worked out once for a page, such as the destinations that may be chosen."""
        return {}


def part(value: Any, step: str | int) -> Any:
    """Return a part of a mapping or list, None when it has no such part."""
    if isinstance(value, dict):
        return value.get(step)
    known = isinstance(value, list | tuple) and isinstance(step, int) and step < len(value)
    return value[step] if known else None


def text_of(value: Any) -> str:
    """Write a scalar as the settings have it; nothing, and what is no scalar, is empty."""
    if value is None or isinstance(value, dict | list | tuple):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def plain(text: str) -> str:
    """A name as it survives in a line to type: one line, one space between words and none around them."""
    return " ".join(text.split())


def is_scalar(value: Any) -> bool:
    """Tell whether a value is one word, number or text."""
    return not isinstance(value, dict | list | tuple)


def dotted(place: Place) -> str:
    """Write a place as problems name it."""
    return ".".join(str(step) for step in place)


def nearest(path: str, places: Iterator[str]) -> str | None:
    """Return the longest of some dotted places at or above a path."""
    above = (place for place in places if path == place or path.startswith(place + "."))
    return max(above, key=len, default=None)
