"""An employee's page: available or away, his calls and messages, his mobile number."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from redis.exceptions import RedisError
from sqlalchemy import Connection
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from calls.database import StoreError
from calls.details import CallDetails
from calls.filters import Filter
from calls.listing import page as page_of_calls
from calls.messages import Message, messages_of
from calls.missed import DAYS, Missed, missed
from calls.recordings import UNHEARD
from config.people import Employee
from flows.hours import opening
from live import readings
from web.access import ANYBODY, Permission, rule
from web.forms import Form
from web.outcomes import OUTCOMES, SOUNDS, reason
from web.own_mobile import NotKept, Refused, change, stripped
from web.reception import here
from web.sessions import person
from web.words import _, lazy

pages = Blueprint("me", __name__, url_prefix="/me")

MOST = 8
"""Calls, messages and missed calls that are listed."""

Answer = str | Response | tuple[str, int]


class MobileForm(Form):
    """One's own mobile number; empty for none."""

    mobile = StringField(
        lazy("My mobile number"),
        [Length(max=40)],
        filters=[stripped],
        render_kw={"type": "tel", "autocomplete": "tel", "inputmode": "tel"},
    )


class Mine(NamedTuple):
    """What is on file of somebody; None what he may not see."""

    calls: tuple[CallDetails, ...] | None
    messages: list[Message] | None
    missed: list[Missed] | None


@pages.get("")
@rule(ANYBODY)
def page() -> Answer:
    """The page; who is no employee of the settings is told so."""
    key = person().employee
    if key is None or key not in here().company.employees:
        return render_template("me/nobody.html")
    return _shown(key, MobileForm(formdata=None, mobile=here().company.employees[key].mobile or ""))


@pages.post("/presence")
@rule(ANYBODY)
def presence() -> Answer:
    """Be available, or away."""
    key, away = _key(), request.form.get("away") == "1"
    if not here().board.live.set_away(key, away=away, now=here().clock()):
        flash(_("That could not be kept, because Redis is out of reach. Try again soon."), "bad")
    elif away:
        flash(_("You are away: no call rings you."), "good")
    else:
        flash(_("You are available: calls ring you."), "good")
    return redirect(url_for("me.page"), 303)


@pages.post("/mobile")
@rule(Permission.EMPLOYEES)
def mobile() -> Answer:
    """Change one's own mobile number, in a revision of the settings that changes nothing else."""
    key, form = _key(), MobileForm()
    if not form.validate_on_submit():
        return _shown(key, form), 422
    try:
        number = change(key, form.mobile.data or "")
    except Refused as problem:
        form.mobile.errors = [str(problem)]
        return _shown(key, form), 422
    except NotKept as problem:
        flash(str(problem), "bad")
        return _shown(key, form), 409
    if number is not None:
        flash(_("Your mobile number is changed, in revision %(number)s of the settings.", number=number), "good")
    return redirect(url_for("me.page"), 303)


def _key() -> str:
    """The employee who is logged in; nobody else has a telephone to speak of."""
    key = person().employee
    if key is None or key not in here().company.employees:
        abort(404)
    return key


def _shown(key: str, form: MobileForm) -> str:
    who, company = person(), here().company
    employee = company.employees[key]
    try:
        state = readings.presence(here().redis, key, here().clock())
    except RedisError:
        state = None
    try:
        with here().engine.connect() as connection:
            mine = _mine(connection, key)
    except StoreError:
        mine = None
    return render_template(
        "me/me.html",
        key=key,
        employee=employee,
        groups=[group for group in company.groups.values() if key in group.members],
        state=state,
        off=_off(employee),
        mine=mine,
        form=form,
        may_change=who.may(Permission.EMPLOYEES),
        outcomes=OUTCOMES,
        states=SOUNDS,
        unheard=UNHEARD,
        reason=reason,
        views=current_app.view_functions,
    )


def _off(employee: Employee) -> bool:
    """Whether his schedule says that he is not at work."""
    company = here().company
    if employee.schedule is None:
        return False
    schedule = company.schedules[employee.schedule]
    return not opening(schedule, schedule.local(here().clock(), company.timezone)).open


def _mine(connection: Connection, key: str) -> Mine:
    who, simulated = person(), here().counts_simulated
    since = here().clock() - timedelta(days=DAYS)
    wanted = Filter(employee=key, simulated=None if simulated else False)
    if not who.may(Permission.CALLS):
        return Mine(None, None, None)
    return Mine(
        calls=page_of_calls(connection, wanted, MOST).calls,
        messages=messages_of(connection, key, since, MOST, simulated=simulated)
        if who.may(Permission.RECORDINGS)
        else None,
        missed=missed(connection, since, employees=frozenset({key}), simulated=simulated, limit=MOST),
    )
