"""One's own account: password, language, sessions."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from calls import sessions, users
from calls.users import User
from web import passwords
from web.access import ANYBODY, rule
from web.forms import Form
from web.login import PasswordForm
from web.reception import here
from web.sessions import begin, person, remember, token_here
from web.throttle import Throttle, address_of
from web.words import LANGUAGES, _, lazy

pages = Blueprint("account", __name__, url_prefix="/account")

Answer = str | Response | tuple[str, int]


class OwnPasswordForm(PasswordForm):
    """A new password by whoever knows the old one."""

    present = PasswordField(
        lazy("Present password"),
        [DataRequired(), Length(max=passwords.LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )


class LanguageForm(Form):
    """The language of the pages."""

    language = SelectField(
        lazy("Language"),
        choices=[
            SelectChoice("", lazy("As the browser asks")),
            *(SelectChoice(tag, name) for tag, name in LANGUAGES.items()),
        ],
    )


@pages.get("")
@rule(ANYBODY)
def page() -> str:
    """The page."""
    return _shown(OwnPasswordForm(formdata=None), LanguageForm(formdata=None, language=person().language or ""))


@pages.post("/password")
@rule(ANYBODY)
def password() -> Answer:
    """Change the password; all other sessions end, and this one begins anew."""
    form, user, throttle = OwnPasswordForm(), _user(), Throttle(here().redis)
    who = (user.name, address_of(request))
    if form.validate_on_submit():
        if not throttle.enter(*who):
            form.present.errors = [_("Too many attempts. Wait a quarter of an hour.")]
        elif not passwords.fits(form.present.data, user.password):
            form.present.errors = [_("This is not your present password.")]
    if form.errors:
        return _shown(form, LanguageForm(formdata=None, language=user.language or "")), 422
    with here().engine.begin() as connection:
        users.change(connection, user.id, password=passwords.hashed(form.password.data))
        sessions.end_all(connection, user.id)
    throttle.succeeded(*who)
    token = begin(user)
    flash(_("Your password is changed, and every other session is ended."), "good")
    return remember(redirect(url_for("account.page"), 303), token)


@pages.post("/language")
@rule(ANYBODY)
def language() -> Answer:
    """Choose the language."""
    form = LanguageForm()
    if not form.validate_on_submit():
        return _shown(OwnPasswordForm(formdata=None), form), 422
    with here().engine.begin() as connection:
        users.change(connection, person().id, language=form.language.data or None)
    return redirect(url_for("account.page"), 303)


@pages.post("/sessions/end")
@rule(ANYBODY)
def end_sessions() -> Answer:
    """End every session but this one."""
    with here().engine.begin() as connection:
        sessions.end_all(connection, person().id, but=token_here())
    flash(_("Every other session is ended."), "good")
    return redirect(url_for("account.page"), 303)


def _shown(form: OwnPasswordForm, tongue: LanguageForm) -> str:
    with here().engine.connect() as connection:
        found = sessions.every(connection, person().id, here().clock())
    present = sessions.digest(token_here())
    return render_template("account/account.html", form=form, tongue=tongue, sessions=found, present=present)


def _user() -> User:
    with here().engine.connect() as connection:
        return users.by_id(connection, person().id) or abort(403)
