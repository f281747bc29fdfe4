"""A company that may have faults: what can be used of a document, so that the rest of it is checked too."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from config.company import Company
from config.expected import Part, keys_of
from config.spelling import Guesses
from config.telephone import international

SECTIONS = ("employees", "groups", "menus", "schedules", "numbers")
"""The parts of the document that hold entries by name."""

Entry = tuple[str, str]
"""A section and the name of an entry in it; the name is "" for the section as a whole."""

_MOST_ROUNDS = 12
_STAND_INS: dict[str, Any] = {
    "company": "?",
    "country": "ES",
    "numbers": {"sip:nobody.invalid": {"name": "?", "kind": "sip", "outgoing_number": "+34910000000"}},
}
"""What takes the place of what no company can be without; the checks never see the number."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A company for the checks to read, and what they need to know about the parts that it lacks.

    `names` are the entries of each section of the file, faulty ones included; of `damaged` entries something, or
    all, was left out, so that nothing is said about what they lack.
    """

    company: Company
    document: dict[str, Any]
    names: dict[str, frozenset[str]]
    damaged: frozenset[Entry] = frozenset()
    guesses: Guesses = field(default_factory=Guesses)

    def knows(self, section: str, name: str) -> bool:
        """Tell whether the file has such an entry, or had one before its section was left out."""
        return name in self.names[section] or (section, "") in self.damaged

    @cached_property
    def numbers_asking(self) -> tuple[str, ...]:
        """The numbers where a caller can name an extension: while they greet, by SIP or in a menu."""
        asks = any("ask_extension" in menu.choices.values() for menu in self.company.menus.values())
        numbers = self.company.numbers.items()
        return tuple(key for key, n in numbers if n.greeting or n.sip_extension or (asks and n.menu))

    def members_listed(self, group: str) -> tuple[str, ...]:
        """The members of a group as the file lists them, some perhaps twice; the company has each once."""
        entry = self._groups.get(group)
        listed = entry.get("members") if isinstance(entry, dict) else None
        usable = isinstance(listed, list) and bool(self.company.groups[group].members)  # else it was left out
        return tuple(str(member).strip() for member in listed) if usable and listed else ()

    @cached_property
    def _groups(self) -> dict[str, Any]:
        return {canonical("groups", key): entry for key, entry in entries_of(self.document, "groups").items()}


def sound(company: Company, document: dict[str, Any]) -> Draft:
    """Make a draft of a company without faults."""
    return Draft(company=company, document=document, names=_names(document))


def salvage(document: dict[str, Any], error: ValidationError) -> Draft | None:
    """Leave out what pydantic found fault with, until it accepts the rest; None when nothing helps."""
    rest = _thawed(document)
    damaged: set[Entry] = set()
    for _ in range(_MOST_ROUNDS):
        for location in _faulty(error):
            damaged.add((str(location[0]), str(location[1]) if len(location) > 1 else ""))
            _cut(rest, location)
        for key, stand_in in _STAND_INS.items():
            rest.setdefault(key, stand_in)
        try:
            company = Company.model_validate(rest)
        except ValidationError as again:
            error = again
        else:
            if rest["numbers"] is _STAND_INS["numbers"]:
                company = company.model_copy(update={"numbers": {}})
            return Draft(company=company, document=document, names=_names(document), damaged=frozenset(damaged))
    return None


def canonical(section: str, key: str) -> str:
    """Return the key of an entry as the company knows it: numbers without spaces."""
    try:
        return international(key) if section == "numbers" else key.strip()
    except PydanticCustomError:
        return key.strip()


def entries_of(document: dict[str, Any], section: str) -> dict[str, Any]:
    """Return the entries of a section as they stand in the file, none when it is no mapping."""
    entries = document.get(section)
    return entries if isinstance(entries, dict) else {}


def _names(document: dict[str, Any]) -> dict[str, frozenset[str]]:
    return {s: frozenset(canonical(s, key) for key in entries_of(document, s)) for s in SECTIONS}


def _thawed(value: Any) -> Any:
    """Copy, so that parts can be cut; what aliases share becomes separate."""
    if isinstance(value, dict):
        return {key: _thawed(part) for key, part in value.items()}
    return [_thawed(part) for part in value] if isinstance(value, list) else value


def _faulty(error: ValidationError) -> list[tuple[Part, ...]]:
    """List what to cut, the deepest first; a record that lacks a key goes as a whole."""
    findings = error.errors(include_url=False, include_context=False, include_input=False)
    found = {keys_of(f["loc"])[: -1 if f["type"] == "missing" and len(f["loc"]) > 1 else None] for f in findings}
    return sorted((location for location in found if location), key=len, reverse=True)


def _cut(rest: dict[str, Any], location: tuple[Part, ...]) -> None:
    """Remove a location; a list with a faulty item goes as a whole, since the others would change their places."""
    holder: Any = rest
    for part in location[:-1]:
        below = holder.get(part) if isinstance(holder, dict) else None
        if not isinstance(below, dict):
            break
        holder, location = below, location[1:]
    holder.pop(location[0], None)
