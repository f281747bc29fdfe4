"""The filter above the list of calls: from the query of an address to calls.filters.Filter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import phonenumbers
from flask import request
from sqlalchemy import Connection
from wtforms import DateField, Form, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from calls import contacts
from calls.filters import WITHHELD, Filter
from calls.listing import Key
from web import choosing
from web.access import Permission
from web.choosing import Named, OneOf, by_name
from web.looks import day
from web.outcomes import FILINGS, OUTCOMES
from web.reach import reach
from web.reception import here
from web.words import _, language, lazy

FIELDS = frozenset({"since", "until", "caller", "number", "employee", "outcome", "crm", "simulated"})
"""What an address names of a list besides the place in it."""

NAMES_REACH = timedelta(days=90)
"""How far back a name is looked for where no day is given: no index helps with a part of a name."""

MOST_NAMED = 500
"""Numbers of the address book whose names fit."""

FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)


def possible(_form: Any, field: Any) -> None:
    """Refuse a day that no time zone can be applied to."""
    if field.data and not FIRST <= field.data <= LAST:
        raise ValidationError(_("There were no calls then."))


class GetForm(Form):  # type: ignore[misc]
    """A form that changes nothing: it makes an address that can be linked and kept."""

    class Meta(Form.Meta):  # type: ignore[misc]
        """The words of WTForms' own messages."""

        @property
        def locales(self) -> list[str]:
            """The language of this request."""
            return [language()]


class WantedForm(GetForm):
    """What people look for calls by."""

    since = DateField(lazy("From"), [Optional(), possible])
    until = DateField(lazy("Until"), [Optional(), possible])
    caller = StringField(lazy("Caller"), [Length(max=100)], render_kw={"autocomplete": "off"})
    number = OneOf(lazy("Number"), named=lambda: by_name(here().company.numbers), none=lazy("all"))
    employee = OneOf(lazy("Employee"), named=lambda: employees(), none=lazy("all"))
    outcome = SelectMultipleField(
        lazy("Outcome"),
        choices=[SelectChoice(name, shown.word) for name, shown in OUTCOMES.items()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    crm = SelectField(
        lazy("CRM"),
        default="",
        choices=[SelectChoice("", lazy("all")), *(SelectChoice(name, shown.word) for name, shown in FILINGS.items())],
    )
    simulated = SelectField(
        lazy("Simulated calls"),
        default="",
        choices=[
            SelectChoice("", lazy("shown too")),
            SelectChoice("no", lazy("left out")),
            SelectChoice("yes", lazy("only these")),
        ],
    )

    def __init__(self) -> None:
        super().__init__(request.args)

    def validate_caller(self, field: Any) -> None:
        """Refuse what is neither a name nor a number."""
        if caller_of(field.data or "") is None:
            raise ValidationError(_("Write the whole number, or a part of the name."))


def employees() -> Named:
    """Name the employees whose calls this person may see."""
    mine, everybody = reach(Permission.CALLS), choosing.employees(here().company)
    return everybody if mine is None else everybody.only(mine)


def caller_of(text: str) -> Filter | None:
    """Read what was typed for the caller: a number as people write it, "withheld", or a name; None: none of these."""
    text = " ".join(clean(text).split())
    if not text:
        return Filter()
    if text.casefold() in {"withheld", "anonymous", _("withheld").casefold()}:
        return Filter(caller=WITHHELD)
    if any(character.isalpha() for character in text):
        return Filter(called=text)
    number = _number(text)
    return Filter(caller=number) if number else None


def _number(text: str) -> str | None:
    try:
        found = phonenumbers.parse(text, here().company.country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(found):
        return None
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)


def wanted_of(form: WantedForm, connection: Connection) -> Filter:
    """Make the filter of a form that is right; nothing beyond this person's reach fits it."""
    typed = caller_of(form.caller.data or "") or Filter()
    named = contacts.listed(connection, typed.called, limit=MOST_NAMED) if typed.called else []
    since = day_begins(form.since.data)
    if typed.called and since is None:
        since = (day_begins(form.until.data, 1) or here().clock()) - NAMES_REACH
    return Filter(
        since=since,
        until=day_begins(form.until.data, 1),
        number=clean(form.number.data or "") or None,
        employee=clean(form.employee.data or "") or None,
        outcomes=tuple(form.outcome.data or ()),
        crm_state=form.crm.data or None,
        simulated={"yes": True, "no": False}.get(form.simulated.data or ""),
        caller=typed.caller,
        called=typed.called,
        named=frozenset(entry.number for entry in named),
        employees=reach(Permission.CALLS),
    )


def day_begins(day: date | None, later: int = 0) -> datetime | None:
    """Return the first moment of a day at the company, or of one so many days later."""
    return None if day is None else datetime.combine(day + timedelta(days=later), time(), here().zone)


def clean(text: str) -> str:
    """Leave out what no text in SQL may hold."""
    return text.replace("\0", "")


def written(key: Key) -> str:
    """Write the place of a call in a list for an address."""
    return f"{key.started_at.isoformat()}~{key.id}"


def place(name: str) -> Key | None:
    """Read such a place from the address; None where there is none."""
    moment, _, call = clean(request.args.get(name, "")).partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return Key(at, call) if call and at.tzinfo and FIRST <= at.date() <= LAST else None


def query(**more: str | None) -> dict[str, Any]:
    """Return the address's own query without its place, with `more`, and without what is empty."""
    return {name: value for name, value in _pairs(more) if value}


def _pairs(more: dict[str, str | None]) -> Iterator[tuple[str, Any]]:
    for name, values in request.args.lists():
        if name in FIELDS:
            yield name, [value for value in values if value]
    yield from more.items()


def active(form: GetForm) -> list[str]:
    """Tell in a few words what a form asks for, so that it need not be open to be understood."""
    return [said for field in form if (said := _said(field))]


def _said(field: Any) -> str:
    if isinstance(field, DateField):
        return f"{field.label.text} {day(field.data)}" if field.data else ""
    if isinstance(field, OneOf):
        return field.text
    if isinstance(field, SelectMultipleField):
        names = {choice.value: str(choice.label) for choice in field.choices}
        return ", ".join(names.get(value, value) for value in field.data or ())
    if isinstance(field, SelectField):
        return next((str(c.label) for c in field.choices if c.value and c.value == field.data), "")
    return str(field.data or "").strip()
