"""Why a call goes where it goes: explain() as a page, and the way of a past call, on the route map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, abort, render_template, request
from markupsafe import Markup
from wtforms import SelectField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from calls import ledger
from calls.details import CallDetails
from config.company import Company
from config.telephone import typed
from flows.callers import ListedCallers
from flows.calls import Call
from flows.explain import explain
from flows.live import Blind, Note
from flows.question import UnclearError, entries_of, moment_of
from flows.route_map import passed, route_map
from flows.way import Desk
from web.access import Permission, rule
from web.forms import Form
from web.looks import phone
from web.reception import here
from web.route_map import drawn
from web.sessions import person
from web.trace import told
from web.words import _, lazy

pages = Blueprint("why", __name__)

MOST_KEYS = 200
MOST_CONTACTS = 500
"""Known callers who are suggested; a longer list is not read by anybody."""


class WhyForm(Form):
    """A call that is not placed. What is asked stands in the address, so that it can be passed on."""

    to = SelectField(lazy("Number called"))
    caller = StringField(lazy("Caller"), [Length(max=40)], name="from", render_kw={"list": "callers"})
    at = StringField(lazy("When"), [DataRequired()], render_kw={"type": "datetime-local"})
    press = StringField(lazy("Keys pressed"), [Length(max=MOST_KEYS)])

    def validate_caller(self, field: StringField) -> None:
        """A number, or nothing for one that is withheld."""
        if field.data.strip() and typed(field.data, here().company.country) is None:
            raise ValidationError(_("This is no telephone number. Write it like +34600111222, or leave it empty."))

    def validate_at(self, field: StringField) -> None:
        """A moment."""
        try:
            moment_of(field.data, here().zone)
        except UnclearError:
            raise ValidationError(_("This is no moment. Write it like 2026-11-24 10:30.")) from None

    def validate_press(self, field: StringField) -> None:
        """Keys of a telephone, with commas between."""
        try:
            entries_of(field.data)
        except UnclearError as unclear:
            message = _("“%(keys)s”: a telephone has the keys 0 to 9, * and #.", keys=unclear.value[:20])
            raise ValidationError(message) from None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """A decision in words, and when it was taken."""

    at: datetime
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """The way of a call: step by step, and on the map; a number that is not ours any more has none.

    `strays` tells that the call went where the map of today does not lead.
    """

    steps: tuple[Step, ...]
    map: Markup | None
    strays: bool


@pages.get("/why")
@rule(Permission.TELEPHONY)
def page() -> str | tuple[str, int]:
    """Ask, and see; or see the way of a past call."""
    if "call" in request.args:
        call = _seen(request.args["call"])
        notes = [(datetime.fromtimestamp(note.get("t", 0) / 1000, UTC), note) for note in call.trace]
        return render_template("why/call.html", call=call, way=_way(call.number, notes, here().company))
    form = _form()
    if "to" not in request.args:
        return _page(form)
    return _page(form, _explained(form)) if form.validate() else (_page(form), 422)


def _page(form: WhyForm, way: Way | None = None) -> str:
    contacts = here().company.contacts[:MOST_CONTACTS]
    return render_template("why/why.html", form=form, way=way, contacts=contacts, zone=here().company.timezone)


def _form() -> WhyForm:
    company = here().company
    now = f"{here().local(here().clock()):%Y-%m-%dT%H:%M}"
    asked = request.args.copy()
    if not asked.get("at"):
        asked["at"] = now
    for name in ("from", "press"):
        asked.setdefault(name, "")
    form = WhyForm(asked, meta={"csrf": False})
    form.to.choices = [(key, f"{number.name} · {phone(key)}") for key, number in company.numbers.items()]
    return form


def _explained(form: WhyForm) -> Way:
    company, number = here().company, form.to.data
    caller = typed(form.caller.data, company.country)
    desk = Desk(company=company, live=Blind(), callers=ListedCallers(company))
    call = Call(id="explained", number=number, caller=caller, called=number)
    steps = explain(desk, call, moment_of(form.at.data, here().zone), entries_of(form.press.data))
    return _way(number, [(step.at, step.note) for step in steps], company)


def _way(number: str, notes: Iterable[tuple[datetime, Note]], company: Company) -> Way:
    steps = [(at, note) for at, note in notes]
    said = tuple(Step(at=at, said=told(note, company)) for at, note in steps)
    if number not in company.numbers:
        return Way(steps=said, map=None, strays=True)
    found = route_map(company, number)
    walked = [ids for _note, ids in passed((note for _at, note in steps), found)]
    marked = frozenset(id_ for ids in walked for id_ in ids)
    return Way(steps=said, map=drawn(found, company, marked), strays=not all(walked))


def _seen(call_id: str) -> CallDetails:
    """Find a call that this person may see."""
    reach = person().reach(Permission.CALLS, here().company)
    with here().engine.connect() as connection:
        call = ledger.find(connection, call_id)
    if call is None or not (reach is None or call.employee in reach):
        abort(404)
    return call
