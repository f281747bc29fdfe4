"""Users and what their roles may do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from calls import users
from calls.users import MOST_NAME, NameTakenError, User
from web import links
from web.access import CHANGEABLE, LEVELS, Level, Permission, Role, level_of, rule
from web.choosing import OneOf, employees
from web.forms import Form
from web.login import secret
from web.reception import here
from web.sessions import person
from web.words import _, lazy

pages = Blueprint("users", __name__, url_prefix="/users")

Answer = str | Response | tuple[str, int]

ROLES: Mapping[Role, str] = {
    Role.ADMINISTRATOR: lazy("Administrator"),
    Role.CHIEF_EXECUTIVE: lazy("Chief executive"),
    Role.HEAD_OF_DEPARTMENT: lazy("Head of department"),
    Role.MANAGER: lazy("Manager"),
}

PERMISSIONS: Mapping[Permission, str] = {
    Permission.CALLS: lazy("Call details"),
    Permission.RECORDINGS: lazy("Recordings and messages"),
    Permission.DELETE_RECORDINGS: lazy("Delete recordings"),
    Permission.EMPLOYEES: lazy("Employee settings"),
    Permission.TELEPHONY: lazy("Telephony settings"),
    Permission.NUMBERS: lazy("Manage numbers"),
    Permission.BALANCE: lazy("See the balance"),
    Permission.USERS: lazy("Users, except administrators"),
}

REACHES: Mapping[Level, str] = {
    Level.NONE: lazy("none"),
    Level.OWN: lazy("own"),
    Level.DEPARTMENT: lazy("own department"),
    Level.ANY: lazy("any"),
}
VERDICTS: Mapping[Level, str] = {Level.NONE: lazy("deny"), Level.ANY: lazy("allow")}


class UserForm(Form):
    """What an administrator says of a user."""

    employee = OneOf(
        lazy("Employee"), named=lambda: employees(here().company), none=lazy("nobody: no telephone"), closed=True
    )
    roles = SelectMultipleField(
        lazy("Roles"),
        choices=[SelectChoice(str(role), label) for role, label in ROLES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    active = BooleanField(lazy("May log in"), default=True)

    def __init__(self, *arguments: Any, **values: Any) -> None:
        super().__init__(*arguments, **values)
        if Role.ADMINISTRATOR not in person().roles:
            self.roles.choices = [each for each in self.roles.choices if each.value != Role.ADMINISTRATOR]


class NewUserForm(UserForm):
    """A new one."""

    name = StringField(lazy("Name or e-mail"), [DataRequired(), Length(max=MOST_NAME)])


@pages.get("")
@rule(Permission.USERS)
def page() -> str:
    """Everybody who may log in."""
    with here().engine.connect() as connection:
        return render_template("users/users.html", users=users.every(connection), roles=ROLES)


@pages.route("/new", methods=["GET", "POST"])
@rule(Permission.USERS)
def new() -> Answer:
    """Add a user; shows the link by which he chooses his password."""
    form = NewUserForm()
    if form.validate_on_submit():
        _need_rank(form.roles.data)
        try:
            with here().engine.begin() as connection:
                user = users.add(
                    connection,
                    form.name.data,
                    roles=form.roles.data,
                    employee=form.employee.data or None,
                    now=here().clock(),
                )
        except NameTakenError:
            form.name.errors = [_("Another user has this name.")]
        else:
            return _with_link(user)
    return render_template("users/new.html", form=form), 422 if form.is_submitted() else 200


@pages.route("/<int:number>", methods=["GET", "POST"])
@rule(Permission.USERS)
def one(number: int) -> Answer:
    """Change a user."""
    user = _found(number)
    _need_rank(user.roles)
    form = UserForm(employee=user.employee or "", roles=sorted(user.roles), active=user.active)
    if form.validate_on_submit() and not _locks_out(user, form):
        _need_rank(form.roles.data)
        with here().engine.begin() as connection:
            changed = {"employee": form.employee.data or None, "roles": form.roles.data, "active": form.active.data}
            users.change(connection, number, **changed)
        flash(_("%(name)s is changed.", name=user.name), "good")
        return redirect(url_for("users.page"), 303)
    return render_template("users/user.html", form=form, user=user), 422 if form.is_submitted() else 200


@pages.post("/<int:number>/link")
@rule(Permission.USERS)
def link(number: int) -> Answer:
    """Make a link to a new password."""
    user = _found(number)
    _need_rank(user.roles)
    return _with_link(user)


@pages.post("/<int:number>/remove")
@rule(Permission.USERS)
def remove(number: int) -> Answer:
    """Remove a user; never oneself, so that somebody is left who can."""
    user = _found(number)
    _need_rank(user.roles)
    if user.id == person().id:
        flash(_("You cannot remove yourself."), "bad")
        return redirect(url_for("users.one", number=number), 303)
    with here().engine.begin() as connection:
        users.remove(connection, number)
    flash(_("%(name)s is removed.", name=user.name), "good")
    return redirect(url_for("users.page"), 303)


@pages.route("/roles", methods=["GET", "POST"])
@rule(Permission.USERS)
def roles() -> Answer:
    """The permission table: one column for each role."""
    _need_rank({Role.ADMINISTRATOR})
    if request.method == "POST":
        with here().engine.begin() as connection:
            users.change_permissions(connection, _levels_asked())
        flash(_("The permissions are changed."), "good")
        return redirect(url_for("users.roles"), 303)
    with here().engine.connect() as connection:
        changed = users.changed_permissions(connection)
    table = {
        permission: {role: level_of(role, permission, changed) for role in CHANGEABLE} for permission in Permission
    }
    names = {permission: REACHES if len(LEVELS[permission]) > 2 else VERDICTS for permission in Permission}
    return render_template("users/roles.html", table=table, roles=ROLES, names=names, labels=PERMISSIONS, levels=LEVELS)


def _need_rank(roles: Iterable[str]) -> None:
    """Refuse to touch an administrator, or what makes one, unless it is by an administrator.

    Whoever may add users would else be one as soon as he liked.
    """
    if Role.ADMINISTRATOR in roles and Role.ADMINISTRATOR not in person().roles:
        abort(403)


def _levels_asked() -> dict[tuple[str, str], int]:
    """Read the table; what is not one of the levels of a permission is refused."""
    found: dict[tuple[str, str], int] = {}
    for permission, levels in LEVELS.items():
        for role in CHANGEABLE:
            text = request.form.get(f"{role}.{permission}", "")
            if text not in {str(int(level)) for level in levels}:
                abort(400)
            found[role, permission] = int(text)
    return found


def _locks_out(user: User, form: UserForm) -> bool:
    """Keep an administrator from taking his own rights away: nobody might be left who could give them back."""
    if user.id != person().id or (form.active.data and Role.ADMINISTRATOR in form.roles.data):
        return False
    if Role.ADMINISTRATOR not in user.roles and form.active.data:
        return False
    form.roles.errors = [_("You cannot take your own administration away; another administrator can.")]
    return True


def _with_link(user: User) -> Answer:
    address = here().environment.public_url + url_for("login.reset", token=links.reset_token(secret(), user))
    return render_template("users/link.html", user=user, address=address)


def _found(number: int) -> User:
    with here().engine.connect() as connection:
        return users.by_id(connection, number) or abort(404)
