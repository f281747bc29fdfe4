"""References: names that must lead somewhere, and names that must be told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.destinations import ForwardToMobile, ToEmployee, ToGroup, ToMenu, ToVoicemail
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
        yield from _named(f"employees.{key}.schedule", employee.schedule, "schedules")
    for key, group in company.groups.items():
        for place, member in enumerate(group.members):
            yield f"groups.{key}.members.{place}", member, ("employees",)
    for key, number in company.numbers.items():
        yield from _named(f"numbers.{key}.menu", number.menu, "menus")
        yield from _named(f"numbers.{key}.group", number.group, "groups")
        yield from _named(f"numbers.{key}.schedule", number.schedule, "schedules")
    for place, contact in enumerate(company.contacts):
        yield from _named(f"contacts.{place}.employee", contact.employee, "employees")
    yield from _of_destinations(draft)


def _named(path: str, name: str | None, section: str) -> Iterator[Reference]:
    if name is not None:
        yield path, name, (section,)


_POINTERS: dict[type, tuple[str, tuple[str, ...]]] = {
    ForwardToMobile: ("forward_to_mobile", ("employees",)),
    ToVoicemail: ("voicemail", ("groups", "employees")),
    ToGroup: ("group", ("groups",)),
    ToMenu: ("menu", ("menus",)),
    ToEmployee: ("employee", ("employees",)),
}
"""The forms of destination that hold a name: its key, and the sections that may hold the entry."""


def _of_destinations(draft: Draft) -> Iterator[Reference]:
    for address, destination, _ in draft.company.placed_destinations():
        if type(destination) in _POINTERS:
            key, sections = _POINTERS[type(destination)]
            yield f"{address}.{key}", getattr(destination, key), sections


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
