"""The block list that is kept in SQL: who is on it, why and until when; a change holds within a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import IntegerField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from calls import blocks
from calls.blocks import Block
from web.forms import Form
from web.reception import here
from web.settings.forms.typed import line, phone, spaced
from web.words import _, lazy


class BlockForm(Form):
    """Whom to block."""

    number = StringField(lazy("Number"), [DataRequired()], render_kw={"type": "tel", "autocomplete": "off"})
    reason = StringField(lazy("Why"), [Length(max=200)])
    days = IntegerField(
        lazy("For how many days"), [Optional(), NumberRange(1, 3650)], description=lazy("Empty: for good.")
    )


def listed() -> dict[str, Any]:
    """What the page of the block list shows besides the settings."""
    with here().engine.connect() as connection:
        found = blocks.active(connection, here().clock())
    return {"blocks": found, "block_form": BlockForm(formdata=None)}


def add() -> Response:
    """Block a caller."""
    form = BlockForm()
    number = phone(form.number.data or "", here().company.country)
    if not form.validate() or not number.startswith("+"):
        flash(_("This is no number that can be blocked: %(number)s", number=line(form.number.data or "")), "bad")
        return redirect(url_for("settings.blocked"), 303)
    now = here().clock()
    block = Block(
        number=number,
        reason=line(form.reason.data or "") or _("blocked by hand"),
        automatic=False,
        created_at=now,
        expires_at=now + timedelta(days=form.days.data) if form.days.data else None,
    )
    with here().engine.begin() as connection:
        blocks.add(connection, block)
    flash(_("%(number)s is blocked.", number=spaced(number)), "good")
    return redirect(url_for("settings.blocked"), 303)


def remove() -> Response:
    """Let a caller through again."""
    number = request.form.get("number", "")
    with here().engine.begin() as connection:
        found = blocks.remove(connection, number)
    said = _("%(number)s is not blocked any more.") if found else _("%(number)s is not on the list.")
    flash(said % {"number": spaced(number)}, "good" if found else "warn")
    return redirect(url_for("settings.blocked"), 303)
