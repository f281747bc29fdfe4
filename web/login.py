"""Getting in and out: login, logout, the first administrator, and a new password by a link."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length, ValidationError

from calls import sessions, users
from calls.users import MOST_NAME, User
from web import links, passwords
from web.access import ANYBODY, PUBLIC, Role, rule
from web.forms import Form
from web.passwords import CrowdError
from web.reception import here
from web.sessions import begin, end, remember, somebody
from web.throttle import Throttle, address_of
from web.words import _, lazy

pages = Blueprint("login", __name__)

Answer = str | Response | tuple[str, int]


NEW = {"autocomplete": "new-password"}
"""What lets a password manager offer one, and keep it."""


class LoginForm(Form):
    """Name and password."""

    name = StringField(lazy("Name or e-mail"), [DataRequired(), Length(max=MOST_NAME)])
    password = PasswordField(lazy("Password"), [DataRequired(), Length(max=passwords.LONGEST)])


class PasswordForm(Form):
    """A new password, twice."""

    password = PasswordField(
        lazy("New password"),
        [DataRequired(), Length(min=passwords.SHORTEST, max=passwords.LONGEST)],
        render_kw=NEW,
    )
    again = PasswordField(
        lazy("The same again"),
        [DataRequired(), EqualTo("password", lazy("The two passwords are not the same."))],
        render_kw=NEW,
    )


class WelcomeForm(PasswordForm):
    """The first administrator."""

    name = StringField(
        lazy("Name or e-mail"), [DataRequired(), Length(max=MOST_NAME)], render_kw={"autocomplete": "username"}
    )

    def validate_name(self, field: StringField) -> None:
        """Refuse what nobody could type again."""
        if not users.spelled(field.data or "").isprintable():
            raise ValidationError(_("Use letters, digits and signs that can be seen."))


@pages.get("/login")
@rule(PUBLIC)
def form() -> Answer:
    """The form; somebody who is logged in has no use for it."""
    return redirect(destination(), 303) if somebody() else render_template("login/login.html", form=LoginForm())


@pages.post("/login")
@rule(PUBLIC)
def login() -> Answer:
    """Begin a session, or say that name and password do not fit: not which of the two."""
    asked, throttle = LoginForm(), Throttle(here().redis)
    if not asked.validate_on_submit():
        return render_template("login/login.html", form=asked), 422
    who = (users.spelled(asked.name.data), address_of(request))
    if not throttle.enter(*who):
        asked.name.errors = [_("Too many attempts. Wait a quarter of an hour, or ask for a link to a new password.")]
        return render_template("login/login.html", form=asked), 429
    try:
        user = _user(asked.name.data, asked.password.data)
    except CrowdError:
        asked.name.errors = [_("Too many people are logging in. Try again in a moment.")]
        return render_template("login/login.html", form=asked), 429
    if user is None:
        asked.password.errors = [_("Name and password do not fit.")]
        return render_template("login/login.html", form=asked), 422
    throttle.succeeded(*who)
    return remember(redirect(destination(), 303), begin(user))


@pages.post("/logout")
@rule(ANYBODY)
def logout() -> Answer:
    """End the session."""
    return end(redirect(url_for("login.form"), 303))


@pages.route("/welcome/<token>", methods=["GET", "POST"])
@rule(PUBLIC)
def welcome(token: str) -> Answer:
    """Make the first administrator; gone as soon as there is one."""
    with here().engine.connect() as connection:
        if users.anybody(connection) or not links.is_welcome(secret(), token):
            return _no_welcome()
    asked = WelcomeForm()
    if not asked.validate_on_submit():
        return render_template("login/welcome.html", form=asked), 422 if request.method == "POST" else 200
    password = passwords.hashed(asked.password.data)
    try:
        with here().engine.begin() as connection:
            user = users.add_first(connection, asked.name.data, roles=[Role.ADMINISTRATOR], now=here().clock())
            users.change(connection, user.id, password=password)
    except users.NotFirstError:  # somebody else was, while the form was filled in
        return _no_welcome()
    session_token = begin(user)
    flash(_("Try it out: Telephone calls the company from here, and Settings changes where its calls go."), "good")
    return remember(redirect(url_for("now.page"), 303), session_token)


def _no_welcome() -> Answer:
    return render_template("login/void.html", welcome=True), 410


@pages.route("/reset/<token>", methods=["GET", "POST"])
@rule(PUBLIC)
def reset(token: str) -> Answer:
    """Choose a password by a link; every session that there was ends."""
    number = links.user_of_reset(secret(), token)
    with here().engine.connect() as connection:
        user = users.by_id(connection, number) if number else None
    if user is None or not user.active or not links.fits(secret(), token, user):
        return render_template("login/void.html", welcome=False), 410
    asked = PasswordForm()
    if not asked.validate_on_submit():
        shown = render_template("login/reset.html", form=asked, user=user)
        return shown, 422 if request.method == "POST" else 200
    with here().engine.begin() as connection:
        users.change(connection, user.id, password=passwords.hashed(asked.password.data))
        sessions.end_all(connection, user.id)
    session_token = begin(user)  # first, because it empties what flash() keeps
    flash(_("Your password is changed."), "good")
    return remember(redirect(url_for("now.page"), 303), session_token)


def destination() -> str:
    """Where to go after logging in: the page of ours that was asked for, else the first one.

    Never to another site: only a path is taken, and none that a browser could read as an address.
    """
    wanted = request.args.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if ours else url_for("now.page")


def secret() -> str:
    """What links are signed with."""
    found = here().environment.secret_key
    if not found:
        abort(404)
    return found


def _user(name: str, password: str) -> User | None:
    with here().engine.connect() as connection:
        user = users.named(connection, name)
    fits = passwords.fits(password, user.password if user else None)
    if user is None or not fits or not user.active:
        return None
    if user.password and passwords.is_outdated(user.password):
        with here().engine.begin() as connection:
            users.change(connection, user.id, password=passwords.hashed(password))
    return user
