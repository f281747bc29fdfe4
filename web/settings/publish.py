"""Publishing: the check, the differences in words, a question; and a draft that others have overtaken."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from calls import drafts, revisions
from calls.revisions import Checked, Revision
from config.differences import Difference
from config.merging import Merge, merge
from web.access import Level, Permission, rule
from web.aside import aside
from web.forms import Form
from web.reception import here
from web.sessions import person
from web.settings import pages
from web.settings.draft import Forbidden, Working, checked, current, file_text, in_words, working
from web.settings.limits import forbidden
from web.words import _, lazy

Answer = str | Response | tuple[str, int]

MOST_COMMENT = 500
"""Characters of a comment."""


CHANGED = lazy("The draft was changed meanwhile. Below is what it would change now; nothing is published yet.")


class PublishForm(Form):
    """Why something is published."""

    comment = StringField(lazy("What for"), [DataRequired(), Length(max=MOST_COMMENT)])


@pages.get("/publish")
@rule(Permission.TELEPHONY, Level.ANY)
def publish() -> Answer:
    """Show what publishing would change, and ask."""
    return _page(PublishForm())


@pages.post("/publish")
@rule(Permission.TELEPHONY, Level.ANY)
def published() -> Answer:
    """Publish what was shown, and nothing else."""
    found, form = working(), PublishForm()
    if request.form.get("version") != found.version:
        return _page(form, str(CHANGED)), 409
    if not found.is_draft:
        return _page(form, _("There is nothing to publish.")), 409
    if found.behind or found.errors or not form.validate():
        return _page(form), 422
    reasons = forbidden(person(), found.published, found.text)
    if reasons:
        raise Forbidden(reasons)
    text = checked(found.text)
    try:
        with here().engine.begin() as connection:
            drafts.discard(connection, found.number)
            number = put_in_force(connection, text, form.comment.data, found.base)
    except (drafts.Overtaken, revisions.Overtaken):
        return redirect(url_for("settings.publish"), 303)  # which says what has happened meanwhile
    return in_force(number)


def put_in_force(connection: Connection, text: Checked, comment: str, base: int | None) -> int:
    """Publish a text as the person of this request; raises Overtaken."""
    return revisions.publish(
        connection, text, author=person().name, comment=comment.strip(), now=here().clock(), base=base
    )


def in_force(number: int) -> Response:
    """Take the new revision up in this process at once, and show it."""
    here().settings.refresh()
    flash(_("Revision %(number)s is in force; calls in progress keep theirs.", number=number), "good")
    return redirect(url_for("settings.one", number=number), 303)


@pages.post("/rebase")
@rule(Permission.TELEPHONY, Level.ANY)
def rebase() -> Answer:
    """Bring the draft onto the newest revision; where both changed something the form says whose stays."""
    found = working()
    both = _merge(found)
    if both is None:
        return redirect(url_for("settings.publish"), 303)
    prefer = request.form.get("prefer", "")
    if both.overlaps and prefer not in ("mine", "theirs"):
        abort(400)
    text = aside(both.text, "theirs" if prefer == "theirs" else "mine")
    with here().engine.begin() as connection:
        current(found, connection)
        drafts.save(connection, text, version=found.number, base=found.newest, author=person().name, now=here().clock())
    flash(
        _("The draft is now based on revision %(number)s. See what it changes, then publish.", number=found.newest),
        "good",
    )
    return redirect(url_for("settings.publish"), 303)


def _page(form: PublishForm, said: str = "") -> str:
    found = working()
    shown: dict[str, Any] = {}
    if found.behind:
        base, newest = _base_and_newest(found)
        both = aside(merge, base, found.text, found.published) if found.document.problem is None else None
        shown = {
            "newest": newest,
            "theirs": in_words(base, aside(lambda: both.without_mine) if both else found.published),
            "both": both,
            "disputed": _disputed(both) if both else (),
            "lost": aside(lambda: both.lost) if both else (),
        }
    return render_template("settings/publish.html", form=form, said=said, **shown)


def _merge(found: Working) -> Merge | None:
    if not found.behind or found.document.problem is not None:
        return None
    return aside(merge, _base_and_newest(found)[0], found.text, found.published)


def _base_and_newest(found: Working) -> tuple[str, Revision | None]:
    """Return the text that the draft was made from, and the revision that was published since."""
    with here().engine.connect() as connection:
        base = revisions.revision(connection, found.base) if found.base else None
        return (base.document if base else file_text()), revisions.newest(connection)


def _disputed(both: Merge) -> tuple[Difference, ...]:
    """Say what taking one side or the other would differ in."""
    return in_words(aside(both.text, "theirs"), aside(both.text, "mine")) if both.overlaps else ()
