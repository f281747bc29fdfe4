"""The addresses of the settings' forms, and who may open each: the same for every section, from one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from web.access import Level, Permission, rule
from web.settings import pages
from web.settings.forms import blocks, book, changes, entries, overview
from web.settings.forms.sections import SECTIONS, SINGLES, Section, Single

Handler = Callable[..., Any]

ENTRY_PAGES: tuple[tuple[str, str, str, Handler, str, Level], ...] = (
    ("list", "", "GET", entries.show_list, "look", Level.OWN),
    ("entry", "/entry/<path:key>", "GET", entries.show, "look", Level.OWN),
    ("save", "/entry/<path:key>", "POST", entries.save, "change", Level.OWN),
    ("new", "/new", "GET", changes.new, "change", Level.ANY),
    ("add", "/new", "POST", changes.new, "change", Level.ANY),
    ("rename", "/rename/<path:key>", "POST", changes.rename, "change", Level.ANY),
    ("ask", "/remove/<path:key>", "GET", changes.ask_removal, "change", Level.ANY),
    ("remove", "/remove/<path:key>", "POST", changes.remove, "change", Level.ANY),
)
"""Name, address below the section's, method, what it does, and who may: a field of Section, and the least level."""

BOOK_PAGES: tuple[tuple[str, str, str, Handler], ...] = (
    ("page", "", "GET", overview.page),
    ("book", "/contacts/book", "GET", book.page),
    ("book_add", "/contacts/book", "POST", book.add),
    ("book_import", "/contacts/book/import", "POST", book.take_in),
    ("book_export", "/contacts/book.csv", "GET", book.export),
    ("block", "/blocked/add", "POST", blocks.add),
    ("unblock", "/blocked/remove", "POST", blocks.remove),
)
"""The overview, and what is kept in SQL rather than in the settings."""


def add() -> None:
    """Give the settings their pages."""
    for section in SECTIONS.values():
        for name, below, method, handler, right, least in ENTRY_PAGES:
            view = rule(getattr(section, right), least)(_about(section, handler))
            pages.add_url_rule(f"/{section.name}{below}", f"{section.name}_{name}", view, methods=[method])
    for single in SINGLES.values():
        show, save = _about(single, entries.show_single), _about(single, entries.save_single)
        pages.add_url_rule(f"/{single.name}", single.name, rule(Permission.TELEPHONY)(show))
        pages.add_url_rule(f"/{single.name}", f"{single.name}_save", rule(Permission.TELEPHONY)(save), methods=["POST"])
    for name, below, method, handler in BOOK_PAGES:
        pages.add_url_rule(below, name, rule(Permission.TELEPHONY)(handler), methods=[method])


def _about(part: Section | Single, handler: Handler) -> Handler:
    def view(**values: Any) -> Any:
        return handler(part, **values)

    return view


add()
