"""The settings as they are being edited: the draft, or what is published while there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache

from flask import abort, flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from calls import drafts, revisions
from calls.revisions import Checked
from config import loader
from config.company import Company
from config.differences import Difference, differences
from config.editing import Document, EditError, UnreadableError
from config.problems import Problem
from config.sentences import told
from config.source import read as read_source
from web.access import Level, Permission, rule
from web.aside import aside
from web.reception import here
from web.sessions import person
from web.settings import pages
from web.settings.limits import forbidden
from web.settings.side import has_page, settings_pages
from web.words import _, language

Path = Sequence[str | int]


class Forbidden(EditError):
    """The person may not change this; `reasons` are sentences."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)


class Gone(drafts.Overtaken):
    """What a form was about is there no more: renamed or removed meanwhile. `url` leads to what there is."""

    def __init__(self, draft: drafts.Draft | None, url: str, labels: Mapping[str, str]) -> None:
        super().__init__(draft)
        self.url, self.labels = url, labels


@dataclass(frozen=True, kw_only=True)
class Working:
    """What is being edited, as it was when this request began.

    `base` is the revision it was made from; `version` goes into every form (a hidden field of this name) and tells
    whether somebody else has saved or published since the form was shown. Without a draft `author` is "".
    """

    text: str
    published: str
    base: int | None
    newest: int | None
    number: int | None = None
    author: str = ""
    saved_at: datetime | None = None

    @property
    def version(self) -> str:
        """What a form carries; never the same for two states of the settings."""
        return f"{self.base or 0}.{self.number or 0}"

    @property
    def is_draft(self) -> bool:
        """Whether anything was saved that is not published."""
        return self.number is not None

    @property
    def behind(self) -> bool:
        """Whether a newer revision was published than the one that the draft was made from."""
        return self.is_draft and self.base != self.newest

    @cached_property
    def document(self) -> Document:
        """The text as values, which are at hand."""
        found = Document.read(self.text)
        aside(lambda: found.problem)
        return found

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that is wrong with it, by line, in the reader's language."""
        return problems_in(self.text)

    @property
    def errors(self) -> list[Problem]:
        """What keeps it from being published."""
        return [problem for problem in self.problems if problem.level == "error"]

    @property
    def company(self) -> Company:
        """The company as it would be; while there are errors the published one."""
        return _examined(self.text)[0] or here().company

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What publishing would change, in words."""
        return in_words(self.published, self.text)

    @property
    def count(self) -> int:
        """How many sentences say what would change."""
        return sum(len(each.sentences) for each in self.differences)


@lru_cache(maxsize=8)
def _examined(text: str) -> tuple[Company | None, list[Problem]]:
    return aside(loader.examine, text)


def checked(text: str) -> Checked:
    """Check a text for its publishing, before any transaction; raises SettingsError."""
    return revisions.check(text, examined=_examined)


def problems_in(text: str) -> list[Problem]:
    """Say what is wrong with a text, in the reader's language."""
    return [replace(problem, message=told(problem.message, _)) for problem in _examined(text)[1]]


def in_words(before: str, after: str) -> tuple[Difference, ...]:
    """Say what differs between two texts, in the reader's language."""
    return _in_words(before, after, language())


@lru_cache(maxsize=8)
def _in_words(before: str, after: str, _language: str) -> tuple[Difference, ...]:
    return aside(lambda: differences(read_source(before).document, read_source(after).document, _))


def working() -> Working:
    """Read what is being edited, once in a request."""
    if "working" not in g:
        with here().engine.connect() as connection:
            g.working = _read(connection)
    found: Working = g.working
    return found


def legible() -> Working:
    """What is being edited; to look at, what is published while the draft is no YAML that a form could show."""
    found = working()
    if request.method != "GET" or found.document.problem is None:
        return found
    g.broken_draft = found.document.problem
    return replace(found, text=found.published)


def broken_draft() -> Problem | None:
    """Why this page shows what is published instead of the draft, None as a rule."""
    problem: Problem | None = g.get("broken_draft")
    return problem


def _read(connection: Connection) -> Working:
    newest, draft = revisions.newest(connection), drafts.read(connection)
    published = newest.document if newest else file_text()
    number = newest.number if newest else None
    text = draft.document if draft else published
    return Working(
        text=text,
        published=published,
        base=draft.base if draft else number,
        newest=number,
        number=draft.version if draft else None,
        author=draft.author if draft else "",
        saved_at=draft.saved_at if draft else None,
    )


def file_text() -> str:
    """Read the file of the settings, which is in force until something is published."""
    return loader.read_text(here().environment.company_file)


def edited(found: Working, change: Callable[[Document], object]) -> Document:
    """Make a change to another document of what is being edited; raises EditError."""
    document = aside(found.document.again)
    aside(change, document)
    return document


def keep(found: Working, document: Document | str) -> None:
    """Save the draft as the person of this request.

    Raises drafts.Overtaken when somebody else has saved since the form was shown (its field `version` tells), Forbidden
    for what this person may not change, and EditError for what cannot be written. The blueprint answers all of them
    with a page; what was typed is not lost.
    """
    text = document if isinstance(document, str) else aside(lambda: document.text)
    if text == found.text:
        return
    reasons = forbidden(person(), found.text, text, published=found.published)
    if reasons:
        raise Forbidden(reasons)
    with here().engine.begin() as connection:
        current(found, connection)
        if found.is_draft and not found.behind and text == found.published:
            drafts.discard(connection, found.number)
        else:
            drafts.save(
                connection, text, version=found.number, base=found.base, author=person().name, now=here().clock()
            )
    g.pop("working", None)


def current(found: Working, connection: Connection) -> None:
    """Raise drafts.Overtaken unless the form of this request was made from what is there now."""
    shown = request.form.get("version")
    if shown is None:
        abort(400)
    if shown != found.version:
        raise drafts.Overtaken(drafts.read(connection))


@pages.post("/discard")
@rule(Permission.TELEPHONY, Level.ANY)
def discard() -> Response:
    """Throw the draft away."""
    found = working()
    with here().engine.begin() as connection:
        current(found, connection)
        drafts.discard(connection, found.number)
    flash(_("The draft is gone; the published settings stay as they are."), "good")
    return redirect(url_for("settings.page" if has_page("settings.page") else "settings.history"), 303)


@pages.errorhandler(drafts.Overtaken)
def overtaken(error: drafts.Overtaken) -> tuple[str, int]:
    """Tell the second of two people, with what was typed; saving again is up to him."""
    g.pop("working", None)
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]
    gone = error if isinstance(error, Gone) else None
    return render_template("settings/overtaken.html", draft=error.draft, typed=typed, gone=gone), 409


@pages.errorhandler(EditError)
def uneditable(error: EditError) -> tuple[str, int]:
    """Name what this person may not change; else lead to the YAML page, where every text can be edited."""
    if isinstance(error, Forbidden):
        return render_template("settings/forbidden.html", reasons=error.reasons), 403
    problem = error.problem if isinstance(error, UnreadableError) else None
    return render_template("settings/uneditable.html", said=told(str(error), _), problem=problem), 409


@pages.context_processor
def _everywhere() -> dict[str, object]:
    offered = (working, broken_draft, version_field, settings_pages, has_page)
    return {each.__name__: each for each in offered}


def version_field() -> Markup:
    """Write the hidden field that every form of the settings carries."""
    return Markup('<input type="hidden" name="version" value="{}">').format(working().version)


_NOT_TYPED = frozenset({"csrf_token", "version"})
