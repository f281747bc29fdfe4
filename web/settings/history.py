"""The revisions that were published: who, when, why, what differed; and the way back to one of them."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, abort, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from calls import revisions
from calls.revisions import Overtaken, Revision
from config.problems import SettingsError
from config.sentences import told
from web.access import Level, Permission, rule
from web.reception import here
from web.sessions import person
from web.settings import pages
from web.settings.draft import Forbidden, checked, in_words
from web.settings.limits import forbidden
from web.settings.publish import PublishForm, in_force, put_in_force
from web.settings.yaml import as_file
from web.words import _

A_PAGE = 25


@pages.get("/history")
@rule(Permission.TELEPHONY, Level.ANY)
def history() -> str:
    """List the revisions, newest first; `before` goes on from a number."""
    before = request.args.get("before", type=int)
    with here().engine.connect() as connection:
        found = revisions.history(connection, A_PAGE + 1, before)
        newest = revisions.newest_number(connection)
    older = found[A_PAGE - 1].number if len(found) > A_PAGE else None
    return render_template("settings/history.html", revisions=found[:A_PAGE], newest=newest, before=before, older=older)


@pages.get("/history/<int:number>")
@rule(Permission.TELEPHONY, Level.ANY)
def one(number: int) -> str:
    """Show a revision: what it changed, and how it differs from the one in force."""
    return _page(number, PublishForm())


@pages.get("/history/<int:number>.yaml")
@rule(Permission.TELEPHONY, Level.ANY)
def one_as_file(number: int) -> Response:
    """Give a revision's text as a file."""
    return as_file(_found(number)[0].document, f"company-{number}.yaml")


@pages.post("/history/<int:number>")
@rule(Permission.TELEPHONY, Level.ANY)
def roll_back(number: int) -> str | tuple[str, int] | AnyResponse:
    """Publish an earlier revision anew; it is checked again, since the checks may know more than they did."""
    wanted, _before, newest = _found(number)
    form = PublishForm()
    if request.form.get("newest") != str(newest.number):
        return _page(number, form, _("Another revision was published meanwhile. See again what would change.")), 409
    if not form.validate():
        return _page(number, form), 422
    reasons = forbidden(person(), newest.document, wanted.document)
    if reasons:
        raise Forbidden(reasons)
    try:
        text = checked(wanted.document)
        with here().engine.begin() as connection:
            made = put_in_force(connection, text, form.comment.data, newest.number)
    except SettingsError as error:
        return _page(number, form, _("This revision does not stand up to the check: %(what)s", what=_first(error))), 422
    except Overtaken:
        return _page(number, form, _("Another revision was published meanwhile. See again what would change.")), 409
    return in_force(made)


def _first(error: SettingsError) -> str:
    found = next(each for each in error.problems if each.level == "error")
    return str(replace(found, message=told(found.message, _)))


def _found(number: int) -> tuple[Revision, Revision | None, Revision]:
    """Return a revision, the one before it, and the newest; 404 where there is none."""
    with here().engine.connect() as connection:
        wanted, newest = revisions.revision(connection, number), revisions.newest(connection)
        earlier = revisions.history(connection, 1, number)
        before = revisions.revision(connection, earlier[0].number) if earlier else None
    if wanted is None or newest is None:
        abort(404)
    return wanted, before, newest


def _page(number: int, form: PublishForm, said: str = "") -> str:
    wanted, before, newest = _found(number)
    return render_template(
        "settings/revision.html",
        revision=wanted,
        before=before,
        newest=newest,
        changed=in_words(before.document, wanted.document) if before else None,
        against=in_words(newest.document, wanted.document) if newest.number != number else None,
        form=form,
        said=said,
    )
