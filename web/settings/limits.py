"""What of the settings a person may change: telephony, and besides that numbers and employees have their own rules."""

from __future__ import annotations

from config.changes import changes
from config.source import read
from config.splices import Path
from web.access import Level, Permission, Person
from web.aside import aside
from web.reception import here
from web.words import _


def forbidden(person: Person, before: str, after: str, *, published: str = "") -> list[str]:
    """Say what a change holds that the person may not do; empty when he may do it all.

    Of a text that is empty or no YAML nothing can be told: such a one cannot be published either, and what follows it
    is held against what is `published`.
    """
    touched = aside(_touched, before, after, published)
    sections = {path[0] for path in touched}
    reasons = []
    if "numbers" in sections and not person.may(Permission.NUMBERS, Level.ANY):
        reasons.append(_("You may not add, change or remove numbers."))
    if others := _beyond(person, touched):
        reasons.append(_("You may not change the settings of these employees: %(names)s.", names=", ".join(others)))
    if sections - {"numbers", "employees"} and not person.may(Permission.TELEPHONY, Level.ANY):
        reasons.append(_("You may not change the telephony settings."))
    return reasons


def _touched(before: str, after: str, published: str) -> set[Path]:
    """Return the sections, and their entries, in which two texts differ."""
    old, new = read(before).document, read(after).document
    if not isinstance(old, dict):
        old = read(published).document
    if not isinstance(old, dict) or not isinstance(new, dict):
        return set()
    return {change.path[:2] for change in changes(old, new)}


def _beyond(person: Person, touched: set[Path]) -> list[str]:
    """Name the employees that are touched and out of this person's reach."""
    reach = person.reach(Permission.EMPLOYEES, here().company)
    keys = {str(path[1]) if len(path) > 1 else _("all") for path in touched if path[0] == "employees"}
    return sorted(keys - reach) if reach is not None else []
