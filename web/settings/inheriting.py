"""Keys that nobody inherits: what SQL keeps for one employee must not become another's."""

from __future__ import annotations

from calls.employees import keys_in_use
from web.reception import here
from web.settings.forms.desk import Desk
from web.settings.forms.sections import Section
from web.settings.forms.typed import key_of


def nobodys(section: Section, desk: Desk, key: str) -> str:
    """Return the key of a new entry; of an employee another one where a login, a contact or a call names it."""
    if section.name != "employees":
        return key
    free, taken = key, set(section.keys(desk))
    with here().engine.connect() as connection:
        while keys_in_use(connection, [free]):
            taken.add(free)
            free = key_of(key, taken)
    return free
