"""References: names that must lead somewhere, and names that must be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.destinations import FORMS
from config.draft import SECTIONS, Draft, canonical, entries_of
from config.problems import Problem, short

Reference = tuple[str, str, tuple[str, ...]]
"""Where a name stands, the name, and the sections that may hold it."""

_ONE_OF = {
    "employees": "an employee",
    "groups": "a group",
    "menus": "a menu",
    "schedules": "a schedule",
}

NAMED: dict[str, tuple[str, ...]] = {
    "schedule": ("schedules",),
    "members": ("employees",),
    "menu": ("menus",),
    "group": ("groups",),
    "employee": ("employees",),
    "forward_to_mobile": ("employees",),
    "voicemail": ("groups", "employees"),
    "outgoing_number": ("numbers",),
}
"""The keys that hold the name of an entry, wherever they stand, and the sections where it is looked for, in order.

An `outgoing_number` need not be a number of ours.
"""


def missing_entries(draft: Draft) -> Iterator[Problem]:
    """Find references that lead nowhere."""
    for path, name, sections in dangling(draft):
        names = [known for section in sections for known in draft.names[section]]
        what = " or ".join(_ONE_OF[section] for section in sections)
        message = f"there is no such entry; name {what}{draft.guesses.meant(name, names)}"
        yield Problem(path=path, value=short(name), message=message)


def dangling(draft: Draft) -> Iterator[Reference]:
    """List the references to what the file does not have, not even with a fault."""
    for path, name, sections in _references(draft):
        if not any(draft.knows(section, name) for section in sections):
            yield path, name, sections


def _references(draft: Draft) -> Iterator[Reference]:
    company = draft.company
    for key, employee in company.employees.items():
        yield from _named(f"employees.{key}", employee, "schedule")
    for key in company.groups:
        for place, member in enumerate(draft.members_listed(key)):
            yield f"groups.{key}.members.{place}", member, NAMED["members"]
    for key, number in company.numbers.items():
        yield from _named(f"numbers.{key}", number, "menu", "group", "schedule")
    for place, contact in enumerate(company.contacts):
        yield from _named(f"contacts.{place}", contact, "employee")
    yield from _of_destinations(draft)


def _named(path: str, entry: object, *keys: str) -> Iterator[Reference]:
    for key in keys:
        name = getattr(entry, key)
        if name is not None:
            yield f"{path}.{key}", name, NAMED[key]


_POINTERS: dict[object, str] = {kind: key for key, kind in FORMS.items() if key in NAMED}
"""The forms of destination that hold a name, and its key."""


def _of_destinations(draft: Draft) -> Iterator[Reference]:
    for address, destination, _ in draft.company.placed_destinations():
        if type(destination) in _POINTERS:
            yield from _named(address, destination, _POINTERS[type(destination)])


def names_of(document: dict[str, Any], section: str, name: str) -> tuple[tuple[str | int, ...], ...]:
    """List the paths at which a document, faulty or not, names an entry."""
    found = (path for path, key, value in _written(document) if _leads(document, key, value, section, name))
    return tuple(found)


def _leads(document: dict[str, Any], key: str, value: str, section: str, name: str) -> bool:
    """Tell whether a text leads to an entry: to that of the first section which has one of its name."""
    if canonical(section, value) != canonical(section, name) or section not in NAMED[key]:
        return False
    earlier = NAMED[key][: NAMED[key].index(section)]
    return not any(value in entries_of(document, other) for other in earlier)


def _written(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Walk the texts that stand below the keys of NAMED: their path, that key and the text."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for part, below in parts:
        here = (*path, part)
        key = part if isinstance(part, str) else path[-1] if path else ""
        if isinstance(below, str):
            if key in NAMED and not (len(here) == _ENTRY and here[0] in SECTIONS):
                yield here, str(key), below.strip()
        else:
            yield from _written(below, here)


_ENTRY = 2
"""Keys to an entry of a section, whose own key may be any of those words."""


def same_keys(draft: Draft) -> Iterator[Problem]:
    """Find entries whose keys are spelled differently and mean the same, such as "+34 910 000 001"."""
    for section in SECTIONS:
        seen: dict[str, str] = {}
        for key in entries_of(draft.document, section):
            first = seen.setdefault(canonical(section, key), key)
            if first != key:
                message = f'the same as "{first}" in {section}; keep one of them'
                yield Problem(path=f"{section}.{key}", message=message)


def same_extensions(draft: Draft) -> Iterator[Problem]:
    """Find extensions that are given twice, in faulty entries too."""
    seen: dict[str, str] = {}
    for section in ("employees", "groups"):
        for key, entry in entries_of(draft.document, section).items():
            extension: Any = entry.get("extension") if isinstance(entry, dict) else None
            path = f"{section}.{key}"
            if isinstance(extension, str) and seen.setdefault(extension.strip(), path) != path:
                message = f"{seen[extension.strip()]} has this extension too; give each its own"
                yield Problem(path=f"{path}.extension", value=short(extension), message=message)
