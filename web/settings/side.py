"""The pages of the settings beside each of them, for whoever may open them."""

from __future__ import annotations

from flask import current_app, request, url_for

from web.access import rule_of
from web.sessions import person
from web.words import lazy

_SIDE: tuple[tuple[str, str], ...] = (
    ("page", lazy("Overview")),
    ("numbers_list", lazy("Numbers")),
    ("blocked", lazy("Block list")),
    ("schedules_list", lazy("Schedules")),
    ("employees_list", lazy("Employees")),
    ("menus_list", lazy("Menus")),
    ("contacts_list", lazy("Contacts")),
    ("groups_list", lazy("Groups")),
    ("forwarding", lazy("Forwarding")),
    ("company", lazy("Company")),
    ("yaml", lazy("As text (YAML)")),
    ("history", lazy("History")),
)
"""The pages of the settings in the order of a call's route."""


def settings_pages() -> list[tuple[str, str, bool]]:
    """List the pages that this person may open: address, label, and whether what is shown belongs to it."""
    found = []
    for name, label in _SIDE:
        wanted = rule_of(current_app.view_functions.get(f"settings.{name}"))
        if wanted and wanted.admits(person()):
            url = url_for(f"settings.{name}")
            below = name != "page" and request.path.startswith(f"{url}/")
            found.append((url, str(label), request.path == url or below))
    return found


def has_page(endpoint: str) -> bool:
    """Whether this app has a page."""
    return endpoint in current_app.view_functions
