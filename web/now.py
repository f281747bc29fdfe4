"""What is going on now: the first page."""

from __future__ import annotations

from flask import Blueprint, render_template

from web.access import ANYBODY, rule

pages = Blueprint("now", __name__)


@pages.get("/")
@rule(ANYBODY)
def page() -> str:
    """The page."""
    return render_template("now/now.html")
