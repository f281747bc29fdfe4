"""Who should be called back, and that somebody has."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from calls import contacts
from calls.missed import DAYS, GOT_IN, Missed, called_back, not_called_back
from calls.missed import missed as missed_calls
from web.access import Permission, rule
from web.calls import pages
from web.calls.wanted import clean
from web.looks import phone
from web.reach import reach
from web.reception import here
from web.sessions import person
from web.words import _

MOST = 100
"""Callers on the page, the latest first."""


@pages.get("/calls/missed")
@rule(Permission.CALLS)
def missed() -> str:
    """The callers who wait, with ?settled=1 also those who have been reached."""
    settled = request.args.get("settled") == "1"
    found = _entries(settled=settled, limit=MOST + 1)
    with here().engine.connect() as connection:
        book = contacts.found(connection, [entry.caller for entry in found])
    return render_template(
        "calls/missed.html",
        entries=found[:MOST],
        more=len(found) > MOST,
        most=MOST,
        settled=settled,
        days=DAYS,
        got_in=GOT_IN,
        names={entry.caller: contacts.name_of(entry.caller, entry.name, book) for entry in found},
    )


@pages.post("/calls/missed")
@rule(Permission.CALLS)
def call_back() -> Response:
    """Note that this person has called somebody back."""
    caller = clean(request.form.get("caller", ""))
    if _entries(caller=caller):
        called_back(here().engine, caller, here().clock(), _who())
        flash(_("%(caller)s has been called back.", caller=phone(caller)), "good")
    else:
        flash(_("This has been settled already."))
    return redirect(url_for("calls.missed"), 303)


@pages.post("/calls/missed/undo")
@rule(Permission.CALLS)
def undo() -> Response:
    """Take that back; only the last one of a caller, as the page showed it."""
    caller, at = clean(request.form.get("caller", "")), request.form.get("at", "")
    found = _entries(caller=caller, settled=True)
    last = found[0].settled if found else None
    if last and last.how != GOT_IN and last.at.isoformat() == at:
        not_called_back(here().engine, caller, datetime.fromisoformat(at))
        flash(_("%(caller)s waits to be called back again.", caller=phone(caller)))
    return redirect(url_for("calls.missed"), 303)


def _entries(*, settled: bool = False, caller: str | None = None, limit: int = 1) -> list[Missed]:
    if caller == "":
        return []
    since = here().clock() - timedelta(days=DAYS)
    with here().engine.connect() as connection:
        return missed_calls(
            connection,
            since,
            settled=settled,
            simulated=here().counts_simulated,
            limit=limit,
            caller=caller,
            employees=reach(Permission.CALLS),
        )


def _who() -> str:
    """The name that is noted: the employee's, else that of the user."""
    me = person()
    employee = here().company.employees.get(me.employee or "")
    return employee.name if employee else me.name
