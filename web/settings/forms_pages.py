"""The addresses of the settings' forms, and who may open each: the same for every section, from one table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from web.access import Level, Permission, rule
from web.settings import forms_blocks, forms_book, forms_changes, forms_entries, forms_overview, pages
from web.settings.forms_sections import SECTIONS, SINGLES, Section, Single

Handler = Callable[..., Any]

ENTRY_PAGES: tuple[tuple[str, str, str, Handler, str, Level], ...] = (
    ("list", "", "GET", forms_entries.show_list, "look", Level.OWN),
    ("entry", "/entry/<path:key>", "GET", forms_entries.show, "look", Level.OWN),
    ("save", "/entry/<path:key>", "POST", forms_entries.save, "change", Level.OWN),
    ("new", "/new", "GET", forms_changes.new, "change", Level.ANY),
    ("add", "/new", "POST", forms_changes.new, "change", Level.ANY),
    ("rename", "/rename/<path:key>", "POST", forms_changes.rename, "change", Level.ANY),
    ("ask", "/remove/<path:key>", "GET", forms_changes.ask_removal, "change", Level.ANY),
    ("remove", "/remove/<path:key>", "POST", forms_changes.remove, "change", Level.ANY),
)
"""Name, address below the section's, method, what it does, and who may: a field of Section, and the least level."""

BOOK_PAGES: tuple[tuple[str, str, str, Handler], ...] = (
    ("page", "", "GET", forms_overview.page),
    ("book", "/contacts/book", "GET", forms_book.page),
    ("book_add", "/contacts/book", "POST", forms_book.add),
    ("book_import", "/contacts/book/import", "POST", forms_book.take_in),
    ("book_export", "/contacts/book.csv", "GET", forms_book.export),
    ("block", "/blocked/add", "POST", forms_blocks.add),
    ("unblock", "/blocked/remove", "POST", forms_blocks.remove),
)
"""The overview, and what is kept in SQL rather than in the settings."""


def add() -> None:
    """Give the settings their pages."""
    for section in SECTIONS.values():
        for name, below, method, handler, right, least in ENTRY_PAGES:
            view = rule(getattr(section, right), least)(_about(section, handler))
            pages.add_url_rule(f"/{section.name}{below}", f"{section.name}_{name}", view, methods=[method])
    for single in SINGLES.values():
        show, save = _about(single, forms_entries.show_single), _about(single, forms_entries.save_single)
        pages.add_url_rule(f"/{single.name}", single.name, rule(Permission.TELEPHONY)(show))
        pages.add_url_rule(f"/{single.name}", f"{single.name}_save", rule(Permission.TELEPHONY)(save), methods=["POST"])
    for name, below, method, handler in BOOK_PAGES:
        pages.add_url_rule(below, name, rule(Permission.TELEPHONY)(handler), methods=[method])


def _about(part: Section | Single, handler: Handler) -> Handler:
    def view(**values: Any) -> Any:
        return handler(part, **values)

    return view


add()
