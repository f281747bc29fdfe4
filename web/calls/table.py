"""The list of calls, a page at a time, and all of it as a file."""

from __future__ import annotations

from collections.abc import Iterator

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from calls import call_sheets, contacts
from calls.listing import page as page_of
from calls.listing import recordings_of
from web.access import Permission, rule
from web.calls import pages
from web.calls.wanted import NAMES_REACH, WantedForm, active, place, query, wanted_of, written
from web.outcomes import FILINGS, OUTCOMES, why_missed
from web.reception import here
from web.words import language

ON_A_PAGE = 50

AT_ONCE = 16 * 1024
"""Characters of a file that go out together: a line at a time would be as many small packets."""

SEMICOLON = frozenset({"es"})
"""Languages whose spreadsheets take a comma for the one in numbers."""


@pages.get("/calls")
@rule(Permission.CALLS)
def page() -> str:
    """The list."""
    form = WantedForm()
    if not form.validate():
        return render_template("calls/calls.html", form=form, found=None, active=active(form))
    with here().engine.connect() as connection:
        wanted = wanted_of(form, connection)
        found = page_of(connection, wanted, ON_A_PAGE, before=place("before"), after=place("after"))
        sounds = recordings_of(connection, [call.id for call in found.calls])
        book = contacts.found(connection, {call.caller for call in found.calls if call.caller})
    return render_template(
        "calls/calls.html",
        form=form,
        found=found,
        active=active(form),
        name_days=NAMES_REACH.days if wanted.called and not form.since.data else None,
        sounds=sounds,
        names={call.id: contacts.name_of(call.caller, call.contact_name, book) for call in found.calls},
        newer=found.newer and url_for("calls.page", **query(after=written(found.newer))),
        older=found.older and url_for("calls.page", **query(before=written(found.older))),
        sheet=url_for("calls.sheet", **query()),
        outcomes=OUTCOMES,
        filings=FILINGS,
        why_missed=why_missed,
    )


@pages.get("/calls.csv")
@rule(Permission.CALLS)
def sheet() -> Response:
    """The whole list as CSV, the oldest call first: it begins at once, and nothing of it is held."""
    form = WantedForm()
    if not form.validate():
        return redirect(url_for("calls.page", **query()), 303)
    with here().engine.connect() as connection:
        wanted = wanted_of(form, connection)
    separator = ";" if language() in SEMICOLON else ","
    lines = call_sheets.written(here().engine, wanted, here().zone, separator=separator)
    name = f"calls-{here().local(here().clock()):%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Accel-Buffering": "no"}
    body = () if request.method == "HEAD" else bundled(lines)
    return Response(body, headers=headers, content_type="text/csv; charset=utf-8")


def bundled(lines: Iterator[str]) -> Iterator[str]:
    """Send the first line at once, and the others some at a time."""
    yield next(lines)
    parts, size = list[str](), 0
    for line in lines:
        parts.append(line)
        size += len(line)
        if size >= AT_ONCE:
            yield "".join(parts)
            parts, size = [], 0
    yield "".join(parts)
