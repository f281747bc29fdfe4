"""Forms of the settings as they are sent, without pages around them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.datastructures import MultiDict

from config.editing import Document
from config.loader import read_text
from tests.moments import SAMPLE
from web.settings.forms.desk import Desk, Place
from web.settings.forms.form import SettingsForm

MAIN: Place = ("numbers", "+34910000001")
APP = Flask("forms")
APP.config.update(SECRET_KEY="a secret of the tests", WTF_CSRF_ENABLED=False)


def sent(form: type[SettingsForm], base: Place, text: str | None = None, **changes: Any) -> str:
    """Send a form with some fields changed (in names __ stands for -); gives the new document."""
    document = Document.read(read_text(SAMPLE) if text is None else text)
    with APP.test_request_context("/"):
        shown = form(Desk(document, base), "1")
        fields = MultiDict[str, Any]({"seen": shown.seen} | as_shown(shown))
    for name, value in changes.items():
        fields.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    with APP.test_request_context("/", method="POST", data=fields):
        form(Desk(document, base), "1").write(document)
    return document.text


def as_shown(form: SettingsForm) -> dict[str, Any]:
    """What a browser sends of fields that are one control, or several of one name."""
    texts = {field.name: field.data for field in form.settings if isinstance(field.data, str)}
    lists = {field.name: list(field.data) for field in form.settings if field.kind in ("members", "picks")}
    return texts | lists | {field.name: "y" for field in form.settings if field.data is True}


def changed(before: str, after: str) -> list[str]:
    """The lines that are new."""
    return [line.strip() for line in after.splitlines() if line not in before.splitlines()]
