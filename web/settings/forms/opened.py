"""What a page of the settings has opened: the draft, an entry of it, and what the person may do with it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import abort, flash, g, request

from calls import drafts
from calls.drafts import Draft, Overtaken
from config.editing import Document, EditError
from config.sentences import told
from web.aside import aside
from web.looks import clock
from web.reception import here
from web.sessions import person
from web.settings.draft import Gone, Working, broken_draft, edited, keep, legible
from web.settings.forms.desk import Desk
from web.settings.forms.form import SettingsForm
from web.settings.forms.sections import Section
from web.words import _


@dataclass(frozen=True)
class Open:
    """A page of the settings that somebody has opened: the draft, and the entry that it is about."""

    at: Working
    section: Section
    key: str

    @cached_property
    def desk(self) -> Desk:
        """The document, seen from the entry."""
        whole = desk_of(self.at)
        return whole.about(self.section.place(whole, self.key))

    @property
    def may_change(self) -> bool:
        """Whether whoever has opened it may change it."""
        return person().may(self.section.change) and broken_draft() is None

    def form(self) -> SettingsForm:
        """The form of the entry, with what was sent if anything was."""
        return self.section.form(self.desk, self.at.version)


def desk_of(at: Working) -> Desk:
    """The document, read once in a request."""
    known: tuple[Working, Desk] | None = g.get("settings_desk")
    if known is None or known[0] is not at:
        known = g.settings_desk = (at, Desk(at.document))
    return known[1]


def opened(section: Section, key: str) -> Open:
    """Open an entry; what is not there, or nobody's business, is not found.

    Raises Gone where somebody else has renamed or removed it since the form that was sent was shown.
    """
    at = legible()
    desk = desk_of(at)
    if key not in visible(section, desk):
        late = request.method == "POST" and request.form.get("version") != at.version
        if late and key not in section.keys(desk):
            raise _gone(section, desk.about(section.place(desk, key)))
        abort(404)
    return Open(at, section, key)


def _gone(section: Section, desk: Desk) -> Gone:
    labels = {field.name: str(field.label.text) for field in section.form(desk)}
    with here().engine.connect() as connection:
        return Gone(drafts.read(connection), section.url("list"), labels)


def visible(section: Section, desk: Desk) -> dict[str, Any]:
    """The entries that the person may see: employees by reach, as it is published; a draft cannot widen it."""
    entries = section.keys(desk)
    if section.name != "employees":
        return entries
    reach = person().reach(section.look, here().company)
    return entries if reach is None else {key: entry for key, entry in entries.items() if key in reach}


def everything(section: Section) -> bool:
    """Whether the person may add, rename and remove entries of a section, not only change some of them."""
    whole = section.name != "employees" or person().reach(section.change, here().company) is None
    return whole and person().may(section.change) and broken_draft() is None


def kept(at: Working, form: SettingsForm) -> str:
    """Write what was touched into the draft; returns why that could not be done, nothing when it was."""
    if not form.validate():
        return _("This cannot be kept yet: see below.")
    settled: list[str] = []

    def change(document: Document) -> None:
        form.write(document)
        settled.extend(form.settle(document, Document.read(at.published)))

    try:
        document = edited(at, change)
        text = aside(lambda: document.text)
    except EditError as error:
        return told(str(error), _)
    if text == at.text:
        flash(_("Nothing was changed."))
        return ""
    return stored(
        at, document, " ".join([_("Kept in the draft. Calls go the new way when it is published."), *settled])
    )


def stored(at: Working, document: Document, said: str) -> str:
    """Keep a document as the draft and say so; returns why that could not be done, nothing when it was."""
    try:
        keep(at, document)
    except EditError as error:
        return told(str(error), _)
    except Overtaken as late:
        return f"{_meanwhile(late.draft)} " + _(
            "Nothing was overwritten. What you typed stands here: save again to keep it."
        )
    flash(said, "good")
    return ""


def _meanwhile(draft: Draft | None) -> str:
    if draft is None:
        return _("Somebody has published or discarded the draft meanwhile.")
    return _("%(who)s changed the draft at %(time)s.", who=draft.author, time=clock(draft.saved_at))
