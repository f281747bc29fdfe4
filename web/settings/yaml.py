"""The settings as text: the same document as the forms edit, with its errors at their lines."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from calls import drafts
from config.problems import Problem
from config.source import MOST_BYTES
from web.access import Level, Permission, rule
from web.forms import takes
from web.settings import pages
from web.settings.draft import Forbidden, keep, problems_in, working
from web.words import _

MOST_OF_A_FORM = 2 * MOST_BYTES
"""Bytes that the form may have: what is larger than a settings file may be is still read, to say so."""

MOST_LINES = 400
"""Lines of a comparison of two texts that are shown."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is said above the text: what went wrong, in whose favour, and how the two texts differ."""

    said: str
    lines: tuple[str, ...] = ()
    more: bool = False


@pages.get("/yaml")
@rule(Permission.TELEPHONY, Level.ANY)
def yaml() -> str:
    """Show the text."""
    return _page(working().text, working().problems)


@pages.post("/yaml")
@rule(Permission.TELEPHONY, Level.ANY)
@takes(MOST_OF_A_FORM)
def save_yaml() -> str | tuple[str, int] | AnyResponse:
    """Save the text as the draft, errors and all; the second of two people keeps his text, and sees the other."""
    found = working()
    text, fault = _sent(found.text)
    if fault:
        return _page(text or found.text, found.problems, Told(said=fault)), 422
    try:
        keep(found, text)
    except drafts.Overtaken:
        return _page(text, problems_in(text), _compared(text)), 409
    except Forbidden as error:
        return _page(text, problems_in(text), Told(said=str(error))), 403
    errors = working().errors
    if errors:
        flash(_("Saved in the draft. It has errors, so it cannot be published yet."), "warn")
        return redirect(url_for("settings.yaml") + "#problems", 303)
    flash(_("Saved in the draft."), "good")
    return redirect(url_for("settings.publish"), 303)


@pages.get("/company.yaml")
@rule(Permission.TELEPHONY, Level.ANY)
def download() -> Response:
    """Give the text as a file."""
    return as_file(working().text, "company.yaml")


def as_file(text: str, name: str) -> Response:
    """Give a text as a file that is saved, never shown."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, content_type="application/yaml; charset=utf-8", headers=headers)


def _sent(before: str) -> tuple[str, str]:
    """Take the text that was sent, a file before what is in the form, and what is wrong with it as such."""
    file = request.files.get("file")
    if file is None or not file.filename:
        text = _with_line_ends_of(before, request.form.get("text", ""))
    else:
        try:
            text = file.read(MOST_BYTES + 1).decode("utf-8-sig")
        except UnicodeDecodeError:
            return "", _("The file is not UTF-8 text; save it as UTF-8. Nothing was changed.")
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        said = _("The text is larger than %(most)s MB, which no settings are. Nothing was changed.")
        return "", said % {"most": MOST_BYTES // 1_000_000}
    if "\0" in text:  # which PostgreSQL keeps in no text
        return text.replace("\0", ""), _("The text holds characters that no file can hold. Below they are left out.")
    return text, ""


def _with_line_ends_of(before: str, text: str) -> str:
    """Give a text from a browser, which sends line ends of its own, those of the document."""
    bare = text.replace("\r\n", "\n").replace("\r", "\n")
    return bare.replace("\n", "\r\n") if "\r\n" in before else bare


def _compared(mine: str) -> Told:
    """Say that somebody else was faster, with the lines in which the two texts differ."""
    theirs = working()
    said = _("Nothing is overwritten: below is your text. Saving it again replaces theirs.")
    if theirs.author:
        said = _("%(name)s has saved meanwhile.", name=theirs.author) + " " + said
    else:
        said = _("The draft was published or discarded meanwhile.") + " " + said
    lines = list(difflib.unified_diff(theirs.text.splitlines(), mine.splitlines(), n=1, lineterm=""))[2:]
    return Told(said=said, lines=tuple(lines[:MOST_LINES]), more=len(lines) > MOST_LINES)


def _page(text: str, problems: list[Problem], told: Told | None = None) -> str:
    return render_template("settings/yaml.html", text=text, problems=problems, told=told)
