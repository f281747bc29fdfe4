"""A whole installation at the address that it believes is its own, and whatever may stand in front of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from config.environment import Environment

WSGI = Callable[..., Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Front:
    """What answers at an address: the app, unless something else is put in its place."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: WSGI = nothing
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Serve one request."""
        self.asked.append(environ["PATH_INFO"])
        return self.answers(environ, start_response)


def nothing(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer as a host does where no app is."""
    return says("404 Not Found", b"No such app")(_environ, start_response)


def says(status: str, body: bytes = b"", *headers: tuple[str, str]) -> WSGI:
    """Make what always answers the same."""

    def answer(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(status, [("Content-Length", str(len(body))), ("Content-Type", "text/plain"), *headers])
        return [body]

    return answer


def behind(app: WSGI, change: Callable[[dict[str, Any]], object]) -> WSGI:
    """Put a proxy before an app that changes what arrives."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        change(environ)
        return app(environ, start_response)

    return answer


@contextmanager
def front() -> Iterator[Front]:
    """Serve on a free port of this machine."""
    found = Front()
    server = make_server("127.0.0.1", 0, found, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def put_away(app: Flask) -> None:
    """Close what an app has opened."""
    app.extensions["ringpath"].settings.close()
    app.extensions["ringpath"].closer.engine.dispose()
    app.extensions["reception"].engine.dispose()


@contextmanager
def installed(front: Front, environment: Environment, **options: Any) -> Iterator[Flask]:
    """Let an app of this environment answer there."""
    app = create_app(environment, with_pages=False, **options)
    front.answers = app
    try:
        yield app
    finally:
        front.answers = nothing
        put_away(app)
