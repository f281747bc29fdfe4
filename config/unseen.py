"""Characters in names that nobody sees, and that make a name look like another, or turn the line in which it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from config.draft import Draft, entries_of
from config.problems import Problem, short
from config.record import UNSEEN

NAMES = {"employees": ("name", "department"), "groups": ("name",), "numbers": ("name",)}
"""Section → what is shown of its entries."""

MOST = 4
"""Characters of one name that are told."""


def unseen_characters(draft: Draft) -> Iterator[Problem]:
    """Warn of names that are used without some of their characters."""
    for path, name in _names(draft.document):
        found = [*dict.fromkeys(UNSEEN.findall(name))] if isinstance(name, str) else []
        if found:
            codes = " ".join(f"U+{ord(character):04X}" for character in found[:MOST])
            message = f"holds characters that nobody sees ({codes}), and is used without them; remove them"
            yield Problem(path=path, value=short(name), message=message, level="warning")


def _names(document: dict[str, Any]) -> Iterator[tuple[str, object]]:
    yield "company", document.get("company")
    for section, shown in NAMES.items():
        for key, entry in entries_of(document, section).items():
            if isinstance(entry, dict):
                yield from ((f"{section}.{key}.{field}", entry.get(field)) for field in shown)
    contacts = document.get("contacts")
    for place, contact in enumerate(contacts if isinstance(contacts, list) else ()):
        if isinstance(contact, dict):
            yield f"contacts.{place}.name", contact.get("name")
