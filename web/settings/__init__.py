"""The settings: a draft that everybody edits by forms or as YAML, and the revisions that were published."""

from __future__ import annotations

from flask import Blueprint

pages = Blueprint("settings", __name__, url_prefix="/settings")

from web.settings import draft, history, publish, yaml  # noqa: E402, F401 - they add their views to `pages`
from web.settings.forms import addresses  # noqa: E402, F401 - and so do the forms
