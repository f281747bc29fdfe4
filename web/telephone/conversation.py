"""One line: a WebSocket for as long as a call lasts. When it drops, the caller has hung up.

The call lives in the process that holds its connection, and with it: nothing of it has to be found again.
"""

from __future__ import annotations

import errno
import json
import logging
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

from flask import Response, g, request
from simple_websocket import ConnectionClosed, Server
from simple_websocket.ws import LocalProtocolError

from calls.database import StoreError
from simulator.call import Call, WrongMomentError
from web.access import Permission
from web.reception import here
from web.sessions import somebody
from web.telephone import orders, scene
from web.telephone.lines import lines
from web.telephone.orders import NoOrder
from web.words import _

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from web.reception import Line

log = logging.getLogger("ringpath.telephone")

A_STRANGER = "+34600000001"

LONGEST_CALL = 3600.0
"""Real seconds after which a call is cut, whoever is still on the line."""

DIALS_WITHIN = 20.0
"""Seconds in which a line that was opened must dial."""

STILL_THERE = 25.0
"""Seconds between two questions to the browser; routers cut what is silent for longer, such as Heroku's for 55."""

SAYS_GOODBYE = 2.0
"""Seconds in which the browser must agree that a line is over."""

MOST_UNREAD = 1000
"""Pieces of 4 kB that are thrown away of what a browser went on sending."""

GONE = (ConnectionClosed, LocalProtocolError, OSError)
"""What comes of sending to a browser that is gone, or is just being let go of."""

ASKS_AGAIN = 10.0
"""Seconds after which it is asked again whether whoever holds a line still may."""

LOOKS_UP = 1.0
"""Seconds after which a quiet line sees that its process is to end."""


class Handed(Response):
    """Nothing more to say: the connection was a WebSocket's and is closed.

    Both servers take a broken pipe for just that; any other answer they would write into the closed connection.
    """

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:  # noqa: ARG002
        """End the request."""
        raise BrokenPipeError(errno.EPIPE, "the WebSocket is closed")


def hold() -> Response:
    """Carry one call from dialling to its end."""
    with lines().one() as free:
        if not free:
            return Response(_("All lines are taken."), 503, content_type="text/plain; charset=utf-8")
        browser = Server(request.environ, ping_interval=STILL_THERE, max_message_size=4 * orders.LONGEST)
        with suppress(*GONE):
            _serve(browser)
            browser.close()
        _hang_up(browser)
        return Handed()


def _hang_up(browser: Server) -> None:
    """Close the connection under a WebSocket that is over, once the browser has said goodbye too.

    A server that keeps connections would read the goodbye, and whatever else was still sent, as another request.
    """
    browser.thread.join(SAYS_GOODBYE)
    with suppress(OSError):
        browser.sock.shutdown(socket.SHUT_RDWR)
        for _ in range(MOST_UNREAD):
            if not browser.sock.recv(4096):
                break


def _serve(browser: Server) -> None:
    try:
        wanted = orders.dial(orders.read(browser.receive(timeout=DIALS_WITHIN) or ""), here().company)
    except NoOrder as reason:
        browser.send(json.dumps({"error": str(reason)}))
        return
    line = here().telephone(wanted.moment)
    try:
        line.telephone.dial(from_=wanted.from_, to=wanted.to)
        _talk(browser, line)
    finally:
        line.close()


def _talk(browser: Server, line: Line) -> None:
    until, may = time.monotonic() + LONGEST_CALL, _Allowed()
    while True:
        browser.send(json.dumps(scene.of(line)))
        if line.telephone.is_over:
            return
        if time.monotonic() > until or not lines().alive() or not may.still():
            line.telephone.do(Call.hang_up)
        else:
            _wait(browser, line)


class _Allowed:
    """Whether whoever holds the line may still: he may have been locked out since, or lost the right."""

    def __init__(self) -> None:
        self._asked_at, self._answer = time.monotonic(), True

    def still(self) -> bool:
        """Tell, asking again now and then."""
        if time.monotonic() - self._asked_at >= ASKS_AGAIN:
            self._asked_at = time.monotonic()
            was = g.pop("person", None)
            with suppress(StoreError):  # a call goes on while SQL is away
                who = somebody()
                self._answer = who is not None and who.may(Permission.TELEPHONY)
            g.person = was  # for whom the last scene is made
        return self._answer


def _wait(browser: Server, line: Line) -> None:
    """Let somebody do something, or what is due happen."""
    text = _order(browser, line.telephone.due_in)
    try:
        if text is None:
            line.telephone.catch_up()
        else:
            orders.order(orders.read(text))(line.telephone)
    except (NoOrder, WrongMomentError) as reason:  # a button that was still there while the call went on
        log.info("nothing done: %s", reason)


def _order(browser: Server, seconds: float) -> str | None:
    """Wait for a message; None when none comes in time, something is to be asked again, or the process is to end."""
    until = time.monotonic() + min(seconds, ASKS_AGAIN)
    while True:
        left = max(until - time.monotonic(), 0.0)
        text: str | None = browser.receive(timeout=min(left, LOOKS_UP))
        if text is not None or left <= LOOKS_UP or not lines().alive():
            return text
