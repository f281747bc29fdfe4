"""The site's navigation: what each person finds in it."""

from __future__ import annotations

from typing import NamedTuple

from flask import current_app, request, url_for

from web.access import ANYBODY, Level, Permission, Rule
from web.sessions import somebody
from web.words import lazy


class Entry(NamedTuple):
    """A line of the navigation; `here` when the page shown belongs to it."""

    label: str
    url: str
    here: bool


ENTRIES: tuple[tuple[str, str, Rule], ...] = (
    ("now.page", lazy("Now"), ANYBODY),
    ("me.page", lazy("My telephone"), ANYBODY),
    ("calls.page", lazy("Calls"), Rule(Permission.CALLS)),
    ("calls.missed", lazy("Missed"), Rule(Permission.CALLS)),
    ("settings.page", lazy("Settings"), Rule(Permission.TELEPHONY)),
    ("settings.employees_list", lazy("Settings"), Rule(Permission.EMPLOYEES)),  # of who finds no other there
    ("why.page", lazy("Why"), Rule(Permission.TELEPHONY)),
    ("telephone.page", lazy("Telephone"), Rule(Permission.TELEPHONY)),
    ("operator.page", lazy("Operation"), Rule(Permission.TELEPHONY, Level.ANY)),
    ("users.page", lazy("Users"), Rule(Permission.USERS)),
)
"""Endpoint, label, and who finds it there."""


def entries() -> list[Entry]:
    """Return the entries for whoever is logged in."""
    person = somebody()
    if person is None:
        return []
    found: dict[str, Entry] = {}
    for endpoint, label, wanted in ENTRIES:
        if endpoint in current_app.view_functions and wanted.admits(person):
            shown = request.endpoint == endpoint or _below(endpoint)
            found.setdefault(str(label), Entry(str(label), url_for(endpoint), shown))
    return list(found.values())


def _below(endpoint: str) -> bool:
    """Whether the page shown has no entry of its own, and this one leads its part of the site."""
    if any(request.endpoint == each for each, _, _ in ENTRIES):
        return False
    return endpoint.endswith(".page") and request.blueprint == endpoint.removesuffix(".page")
