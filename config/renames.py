"""Entries of the settings that have another key in a newer document, and documents in which they are moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from config.draft import SECTIONS, entries_of
from config.references import names_of
from config.splices import Path, same

Renames = dict[tuple[str, str], str]
"""Section and key of an entry → the key that it has now."""

Step = tuple[str, str, str]
"""A section, a key in it, and the key that takes its place."""


def renames(before: Any, after: Any) -> Renames:
    """Find entries that have another key and are otherwise the same, or have the same name."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return {}
    return dict(_renames(before, after))


def _renames(before: dict[str, Any], after: dict[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for section in SECTIONS:
        old, new, gone, come = _gone_and_come(before, after, section)
        by_name = _by_name(new, come)
        for key in gone:
            others = by_name[_name(old[key])]
            like = [other for other in others if same(old[key], new[other]) or _named_alike(old[key], new[other])]
            if len(like) == 1:
                others.remove(like[0])
                yield (section, key), like[0]


def renamed_employees(before: Any, after: Any) -> dict[str, str]:
    """Find employees who are without doubt the same under another key.

    Nothing but the key differs, or the name is the same and with it what no two employees share. Where more than one
    could be meant none is.
    """
    if not isinstance(before, dict) or not isinstance(after, dict):
        return {}
    old, new, gone, come = _gone_and_come(before, after, "employees")
    by_name = _by_name(new, come)
    found = {key: [other for other in by_name[_name(old[key])] if _same_person(old[key], new[other])] for key in gone}
    sole = {key: like[0] for key, like in found.items() if len(like) == 1}
    taken = Counter(sole.values())
    return {key: other for key, other in sole.items() if taken[other] == 1}


def followed(before: Any, after: Any) -> Renames:
    """Find the employees and groups whose records and live state follow them to another key.

    Employees as renamed_employees() tells them; a group by its name, or by all that is said of it.
    """
    found = {("employees", old): new for old, new in renamed_employees(before, after).items()}
    groups = ({"groups": entries_of(document, "groups")} for document in (before, after))
    return found | renames(*groups)


_PERSONAL = ("extension", "mobile", "crm_user")


def _same_person(one: Any, other: Any) -> bool:
    if not _named_alike(one, other):
        return False
    return same(one, other) or any(one.get(key) is not None and same(one[key], other.get(key)) for key in _PERSONAL)


def _gone_and_come(
    before: dict[str, Any], after: dict[str, Any], section: str
) -> tuple[dict[str, Any], dict[str, Any], list[str], list[str]]:
    old, new = entries_of(before, section), entries_of(after, section)
    return old, new, [key for key in old if key not in new], [key for key in new if key not in old]


def _by_name(entries: dict[str, Any], keys: Iterable[str]) -> defaultdict[str, list[str]]:
    """Sort keys by the names of their entries: those who are alike have one name, and thousands may be compared."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key in keys:
        found[_name(entries[key])].append(key)
    return found


def _name(entry: Any) -> str:
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else ""


def _named(entry: Any) -> bool:
    return isinstance(entry, dict) and bool(entry.get("name"))


def _named_alike(one: Any, other: Any) -> bool:
    return _named(one) and _named(other) and bool(one["name"] == other["name"])


def steps(own: Renames, wanted: Renames) -> list[Step]:
    """List what to rename in a document that has renamed `own`, so that what is `wanted` is renamed instead.

    What is renamed otherwise goes back first: so no step needs a key that a later one sets free.
    """
    other = {entry for entry in {**own, **wanted} if own.get(entry) != wanted.get(entry)}
    back = [(section, new, old) for (section, old), new in own.items() if (section, old) in other]
    return [*back, *((section, old, new) for (section, old), new in wanted.items() if (section, old) in other)]


def moved(document: dict[str, Any], wanted: Iterable[Step]) -> dict[str, Any]:
    """Give entries other keys, and let what names them follow; another entry that has such a key gives way."""
    for section, old, new in wanted:
        if old not in entries_of(document, section):
            continue
        for path in names_of(document, section, old):
            document = _with(document, path, new)
        entries = {new if key == old else key: value for key, value in document[section].items() if key != new}
        document = document | {section: entries}
    return document


def _with(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    part, rest = path[0], path[1:]
    if isinstance(value, dict):
        return {**value, part: _with(value[str(part)], rest, new)}
    return [_with(each, rest, new) if place == part else each for place, each in enumerate(value)]
