"""Flask without what a webhook never needs, by the ways that Flask has for it (docs/measurements.md, "Speed")."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import NullSession, SessionInterface, SessionMixin


class _NoSessions(SessionInterface):
    """The one empty session for all, which refuses to be written to."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> SessionMixin:  # noqa: ARG002  (Flask's signature)
        return self._none

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save nothing; Flask does not ask it of a null session."""


class LeanFlask(Flask):
    """An app whose functions are all plain ones, and whose callers have no sessions: neither is looked for."""

    session_interface = _NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is; Flask would look at each, at every request, whether it is a coroutine."""
        return func
