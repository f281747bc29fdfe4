"""One's own mobile number in the settings: a revision of its own, which publishes nothing that others still work on."""

from __future__ import annotations

from calls import revisions
from calls.revisions import Checked, Overtaken, Revision
from config.editing import Document, EditError
from config.problems import SettingsError
from config.telephone import forward_fault, international
from web.aside import aside
from web.reception import here
from web.sessions import person
from web.words import _

COMMENT = "own mobile number"

ATTEMPTS = 3
"""How often it is tried to publish while others publish as well."""


class Refused(Exception):
    """The number cannot be used; the message says why, in the reader's language."""


class NotKept(Exception):
    """The settings could not be changed; the message says why, in the reader's language."""


def stripped(text: str | None) -> str:
    """Leave out the space around what was typed."""
    return (text or "").strip()


def change(employee: str, typed: str) -> int | None:
    """Publish an employee's mobile number ("" for none); returns the revision, None when it is what it was.

    Raises Refused and NotKept.
    """
    number = _checked(typed)
    if number == here().company.employees[employee].mobile:
        return None
    for _attempt in range(ATTEMPTS):
        newest = _newest()
        try:
            checked = aside(_edited, newest, employee, number)
            with here().engine.begin() as connection:
                made = revisions.publish(
                    connection,
                    checked,
                    author=person().name,
                    comment=COMMENT,
                    now=here().clock(),
                    base=newest.number,
                )
        except Overtaken:
            continue
        except SettingsError as error:
            raise Refused(_("The settings do not allow this: %(why)s", why=error.problems[0].message)) from error
        here().settings.refresh()
        return made
    raise NotKept(_("Others are publishing settings at this moment. Try again."))


def _newest() -> Revision:
    with here().engine.connect() as connection:
        found = revisions.newest(connection)
    if found is None:
        raise NotKept(_("The settings are not in the database yet. An administrator can import them."))
    return found


def _edited(newest: Revision, employee: str, number: str | None) -> Checked:
    """Write the published document with the number in it, and everything else as it stands; raises SettingsError."""
    document, place = Document.read(newest.document), ("employees", employee, "mobile")
    try:
        if document.get(place[:-1]) is None:
            raise NotKept(_("You are not in the settings any more."))
        if number is not None:
            document.put(place, number)
        elif document.get(place) is not None:
            document.remove(place)
        text = document.text
    except EditError as error:
        raise NotKept(_("The settings cannot be changed here: %(why)s", why=error)) from error
    return revisions.check(text)


def _checked(typed: str) -> str | None:
    """Read a number that calls may be forwarded to; None for an empty one."""
    if not typed:
        return None
    try:
        number = international(typed)
    except ValueError:
        raise Refused(_("Write it in international format, for example +34600111222.")) from None
    company = here().company
    if number in company.numbers:
        raise Refused(_("This is a number of the company: calls would go round in circles."))
    fault = forward_fault(number, company.forward_countries)
    if fault == "invalid":
        raise Refused(_("There is no such number. Check the digits."))
    if fault == "premium":
        raise Refused(_("Premium-rate numbers are not dialled."))
    if fault == "country":
        countries = ", ".join(company.forward_countries)
        raise Refused(_("The company forwards calls to these countries only: %(countries)s.", countries=countries))
    if fault is not None:  # what an administrator may want, he writes himself
        raise Refused(_("Calls to such numbers may cost more than to a mobile. Use an ordinary number."))
    return number
