"""The app of a process that is kept busy on purpose: while it is, its loop never comes to an end of what is ready."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import gevent
from flask import Flask

import app
from voice import pressure

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MOST = 6
"""Callbacks that are put off at once here."""


class Burner:
    """Work that is always ready, a little at a time, so that requests are taken in meanwhile."""

    def __init__(self) -> None:
        self._burns = False

    def tell(self, word: str) -> None:
        """Begin or stop."""
        begins, self._burns = word == "begin" and not self._burns, word == "begin"
        if begins:
            gevent.spawn(self._burn)

    def _burn(self) -> None:
        while self._burns:
            until = time.perf_counter() + 0.0002
            while time.perf_counter() < until:
                pass
            gevent.sleep(0)


def create_app() -> Flask:
    """Make it; /busy/begin and /busy/stop say whether there is too much to do."""
    # here, not for those who import this
    pressure.MOST, pressure.SHARE = MOST, 1_000_000
    pressure.HICCUP, pressure.CALM, pressure.WATCHES_EVERY = 0.0, 0.2, 0.05
    made, burner = app.create_app(), Burner()
    others = made.wsgi_app

    def choose(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        before, _, word = environ["PATH_INFO"].rpartition("/")
        if before != "/busy":
            return others(environ, start_response)
        burner.tell(word)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    made.wsgi_app = choose  # type: ignore[method-assign]
    return made
