"""What is said when something went wrong: on a page to people, in a line to programs; nothing of what it was."""

from __future__ import annotations

import logging

from flask import Flask, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from calls.database import StoreError
from web import sessions, words
from web.passwords import CrowdError

log = logging.getLogger("ringpath.web")


def init_app(app: Flask, *, on_pages: bool) -> None:
    """Let an app say so; without pages always in a line."""

    @app.errorhandler(Exception)
    def say(error: Exception) -> ResponseReturnValue | HTTPException:
        if isinstance(error, StoreError | RedisError):  # whoever asks is told; the stores' own checks say why
            log.warning("%s failed: %s", _rule(), type(error).__name__)
        elif not isinstance(error, HTTPException):
            log.exception("%s failed", _rule())
        return sorry(error) if on_pages else sorry_in_a_line(error)


def sorry_in_a_line(error: Exception) -> ResponseReturnValue | HTTPException:
    """Say to a program that something did not work."""
    wrong = "Something went wrong; it has been logged.\n"
    return error if isinstance(error, HTTPException) else Response(wrong, 500, content_type="text/plain")


def sorry(error: Exception) -> ResponseReturnValue | HTTPException:
    """Say on a page that something did not work, to programs in a line; nothing of what it was is shown."""
    if request.blueprint in sessions.DOORS:
        return sorry_in_a_line(error)
    known = next((said for kind, said in _KINDS.items() if isinstance(error, kind)), None)
    if known is not None:
        return _page(*known)
    if isinstance(error, HTTPException):
        return _page(error.code or 500, _SAID.get(error.code or 500, ""), error)
    return _page(500, words._("Something went wrong on our side. It has been logged."))


_KINDS: dict[type[Exception], tuple[int, str]] = {
    CSRFError: (
        400,
        words.lazy("This form is too old. Go back, load the page again, and repeat what you did."),
    ),
    CrowdError: (503, words.lazy("Too many people are logging in. Try again in a moment.")),
    SQLAlchemyError: (
        503,
        words.lazy("The database is out of reach. Calls are answered all the same; try again soon."),
    ),
    RedisError: (503, words.lazy("Redis is out of reach. Calls are answered all the same; try again soon.")),
}
"""What is said of an error of some kind."""

_SAID = {
    403: words.lazy("You are not allowed to see this page. An administrator can change that."),
    404: words.lazy("There is no such page."),
    405: words.lazy("There is no such page."),
    413: words.lazy("This is more than can be taken at once."),
    429: words.lazy("Too many requests. Wait a little."),
}


def _page(status: int, text: str, error: HTTPException | None = None) -> Response:
    said = str(text) or (error.name if error else "")
    try:
        body = render_template("sorry.html", status=status, text=said)
    except (SQLAlchemyError, RedisError):  # what the page's head needs is what is out of reach
        body = render_template("sorry.html", status=status, text=said, bare=True)
    return Response(body, status, content_type="text/html; charset=utf-8")


def _rule() -> str:
    """Name a page for the log; its address may hold the token of a link, or what a stranger typed."""
    return request.url_rule.rule if request.url_rule else "an unknown address"
