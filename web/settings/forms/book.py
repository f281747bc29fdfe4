"""The address book in SQL: search, add, CSV in and out. Changes hold at once; nothing is to be published."""

from __future__ import annotations

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from calls import contacts, sheets
from calls.contact_sheets import COLUMNS, LONGEST, Imported, take, written
from calls.contacts import Entry
from web.forms import Form
from web.reception import here
from web.settings.forms.typed import line, phone
from web.words import _, lazy

Answer = str | Response | tuple[str, int]

PAGE = 100
MOST_BYTES = 20_000_000
"""Size of the largest file that is taken: some 300,000 contacts."""


class ImportForm(Form):
    """A table to take in."""

    file = FileField(lazy("CSV file"))
    dry_run = BooleanField(lazy("Only say what would be done"))


class ContactForm(Form):
    """One contact to add or change."""

    number = StringField(lazy("Number"), [DataRequired()], render_kw={"type": "tel", "autocomplete": "off"})
    name = StringField(lazy("Name"), [DataRequired(), Length(max=LONGEST)])
    company = StringField(lazy("Company"), [Length(max=LONGEST)])
    employee = StringField(lazy("Responsible employee"), render_kw={"list": "all-employees", "autocomplete": "off"})


def page() -> Answer:
    """Show the book."""
    return _shown(ContactForm(formdata=None), ImportForm(formdata=None))


def add() -> Answer:
    """Add a contact, or change the one of that number."""
    form = ContactForm()
    if not form.validate():
        return _shown(form, ImportForm(formdata=None), 422)
    number = phone(form.number.data, here().company.country)
    employee = _employee(form.employee.data or "")
    if not number.startswith("+"):
        form.number.errors = [_("This is no telephone number.")]
    elif employee is None:
        form.employee.errors = [_("There is no such employee.")]
    else:
        return _put(
            Entry(
                number=number,
                name=line(form.name.data),
                company=line(form.company.data or "") or None,
                employee=employee or None,
            ),
            form,
        )
    return _shown(form, ImportForm(formdata=None), 422)


def _put(entry: Entry, form: ContactForm) -> Answer:
    with here().engine.connect() as connection:
        before = contacts.found(connection, [entry.number])
    if entry.number in before and before[entry.number].source == "settings":
        form.number.errors = [_("The settings list this number; change it there.")]
        return _shown(form, ImportForm(formdata=None), 422)
    contacts.put(here().engine, [entry], before, here().clock())
    flash(_("%(name)s is in the address book.", name=entry.name), "good")
    return redirect(url_for("settings.book"), 303)


def _employee(typed: str) -> str | None:
    """The key of whoever is meant, empty for nobody, None when there is no such employee."""
    wanted = line(typed).casefold()
    people = here().company.employees.items()
    known = {text.casefold(): key for key, each in people for text in (key, each.name, _label(key, each.name))}
    return known.get(wanted) if wanted else ""


def _label(key: str, name: str) -> str:
    return f"{name} ({key})"


def take_in() -> Answer:
    """Take contacts from a CSV file, and name every row that is not right."""
    form = ImportForm()
    data = form.file.data.read(MOST_BYTES + 1) if form.validate() and form.file.data else b""
    if not data or len(data) > MOST_BYTES:
        form.file.errors = [_("Choose a CSV file of at most 20 MB.")]
        return _shown(ContactForm(formdata=None), form, 422)
    try:
        report = take(here().engine, here().company, data, here().clock(), dry_run=form.dry_run.data)
    except sheets.SheetProblem as problem:
        form.file.errors = [str(problem)]
        return _shown(ContactForm(formdata=None), form, 422)
    return _shown(ContactForm(formdata=None), form, 200, report)


def export() -> FlaskResponse:
    """Send the whole book as CSV, safe to open in a spreadsheet; import reads it back as it was."""
    with here().engine.connect() as connection:
        text = "".join(written(connection))
    headers = {"Content-Disposition": 'attachment; filename="contacts.csv"'}
    return FlaskResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _shown(form: ContactForm, importing: ImportForm, status: int = 200, report: Imported | None = None) -> Answer:
    search = line(request.args.get("q", ""))
    with here().engine.connect() as connection:
        found = contacts.listed(connection, search, limit=PAGE + 1)
    people = [_label(key, each.name) for key, each in here().company.employees.items()]
    shown = render_template(
        "settings/book.html",
        form=form,
        importing=importing,
        report=report,
        entries=found[:PAGE],
        more=len(found) > PAGE,
        search=search,
        people=people,
        columns=COLUMNS,
    )
    return (shown, status) if status != 200 else shown
