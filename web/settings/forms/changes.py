"""Adding, copying, renaming and removing entries, the same for every section."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from config.editing import EditError
from config.sentences import told
from web.aside import aside
from web.forms import Form
from web.settings.draft import edited, working
from web.settings.forms.desk import Desk
from web.settings.forms.opened import desk_of, opened, stored
from web.settings.forms.sections import Section, entry_of
from web.settings.forms.typed import key_of, line, phone
from web.settings.inheriting import nobodys
from web.words import _, lazy

Answer = str | Response | tuple[str, int]


class NewForm(Form):
    """What a new entry begins with."""

    name = StringField(lazy("Name"), [DataRequired(), Length(max=100)], filters=[lambda text: line(text or "")])
    number = StringField(lazy("Number"), render_kw={"type": "tel", "autocomplete": "off"})


def new(section: Section) -> Answer:
    """Add an entry, empty or like another one; its key is made of its name."""
    at = working()
    form, desk = NewForm(), desk_of(at)
    like = request.args.get("like", "")
    if form.validate_on_submit():
        key, trouble = _new_key(section, desk, form)
        key = nobodys(section, desk, key)
        if not trouble:
            begun = _begun(section, desk, form, like)
            document = edited(at, lambda document: document.put(section.place(desk, key), begun))
            trouble = stored(at, document, _added(section, key, form.name.data))
        if not trouble:
            return redirect(section.url("entry", key), 303)
        form.name.errors = [trouble]
    answer = render_template("settings/new.html", section=section, form=form, at=at, like=like, desk=desk)
    return answer, 422 if form.is_submitted() else 200


def _new_key(section: Section, desk: Desk, form: NewForm) -> tuple[str, str]:
    taken = set(section.keys(desk))
    if section.name not in ("numbers", "contacts"):
        return key_of(form.name.data, taken, section.name.removesuffix("s")), ""
    key = section.key_typed(form.number.data or "", desk.country)
    if not key or key in {section.key_typed(each, desk.country) for each in taken}:
        return key, _("Give a number that is not in the list yet.")
    return key, section.key_refused(key)


def _added(section: Section, key: str, name: str) -> str:
    """Say what was added, and by which key it is known where it has no name besides."""
    if "name" in section.form.__dict__:
        return _("%(name)s is in the draft.", name=name)
    return _("%(name)s is in the draft, with the key %(key)s; it can be renamed below.", name=name, key=key)


def _begun(section: Section, desk: Desk, form: NewForm, like: str) -> Any:
    known = section.keys(desk).get(like)
    entry = dict(known) if isinstance(known, dict) else section.seed(form.name.data)
    entry = {name: value for name, value in entry.items() if not known or name not in section.personal}
    if section.name == "contacts":
        entry = {"number": phone(form.number.data or "", desk.country)} | entry
    if section.name == "numbers" and str(form.number.data).startswith("sip"):
        entry["kind"] = "sip"
    return entry | ({"name": form.name.data} if "name" in section.form.__dict__ else {})


def rename(section: Section, key: str) -> Answer:
    """Give an entry another key; everything that names it follows."""
    page = opened(section, key)
    wanted = section.key_typed(request.form.get("key", ""), page.desk.country)
    trouble = section.key_refused(wanted)
    if trouble:
        flash(trouble, "bad")
        return redirect(section.url("entry", key), 303)
    try:
        document = edited(page.at, lambda document: document.rename(section.name, key, wanted))
    except EditError as error:
        flash(told(str(error), _), "bad")
        return redirect(section.url("entry", key), 303)
    trouble = stored(page.at, document, _("%(old)s is now %(new)s, wherever it is named.", old=key, new=wanted))
    if trouble:
        flash(trouble, "bad")
    return redirect(section.url("entry", key if trouble else wanted), 303)


def ask_removal(section: Section, key: str) -> Answer:
    """Say what still names an entry, and ask whether it is to go."""
    page = opened(section, key)
    named = () if section.name == "contacts" else aside(page.at.document.references, section.name, key)
    found = {entry: entry[0].called(page.desk, entry[1]) for path in named if (entry := entry_of(page.desk, path))}
    name = section.called(page.desk, key)
    return render_template("settings/remove.html", section=section, key=key, name=name, found=found, at=page.at)


def remove(section: Section, key: str) -> Answer:
    """Take an entry out of the draft."""
    page = opened(section, key)
    name = section.called(page.desk, key)
    document = edited(page.at, lambda document: document.remove(page.desk.base))
    trouble = stored(page.at, document, _("%(name)s is taken out of the draft.", name=name))
    if trouble:
        flash(trouble, "bad")
        return redirect(section.url("remove", key), 303)
    return redirect(section.url("list"), 303)
