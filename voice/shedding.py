"""What a web process does with calls that it cannot take in time: it sheds load, and sheds it upon people.

How long a request has lain unread, the system knows: whatever waited in its queue, for a connection or for this
process. When calls that arrive have been lying for TOO_LONG, and that for longer than a backlog takes to be worked
off, there are more of them than can be greeted. They are then given the safe document, which rings the people of
their number at once: two webhooks instead of seven, so that the others are answered in time. A call that it could
put through to nobody takes its turn all the same. To look at how long things wait, for an interval, and not at how
many there are, is CoDel's way with a queue (RFC 8289).
"""

from __future__ import annotations

import logging
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, request

from voice.door import explain, safe_answer
from voice.metrics import TROUBLES
from voice.params import provider_params
from voice.responses import ask_again
from voice.safe import reaches_somebody
from voice.switchboard import Switchboard
from voice.webhook import call_of

log = logging.getLogger("ringpath.voice")

TOO_LONG = 2.0
"""Seconds; the caller hears nothing meanwhile, and all the more at each further step of his call."""

FOR = 1.0
"""Seconds for which calls keep coming so late, before any is shed. What has piled up while a process was stopped is
answered in a fraction of that."""

GIVEN_UP = 15.0
"""Seconds after which no provider listens any more: it has turned to the fallback address (twiml.md 1.4). To decide
would mark somebody as being rung whom nobody rings."""

_TCP_INFO = struct.Struct("=52xI")
"""Of Linux' struct tcp_info: the milliseconds since something was received."""

Age = Callable[[Mapping[str, Any]], float]
"""Tells for how many seconds a request has lain unread, from its environ."""


def of_socket(environ: Mapping[str, Any]) -> float:
    """Ask the system; 0 where it does not say: other systems than Linux, other connections than TCP."""
    connection, option = environ.get("gunicorn.socket"), getattr(socket, "TCP_INFO", None)
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, option, _TCP_INFO.size)  # type: ignore[union-attr]
        return float(_TCP_INFO.unpack(told)[0]) / 1000
    except (AttributeError, TypeError, OSError, struct.error):
        return 0.0


class Lateness:
    """Whether calls come late, for longer than a backlog takes.

    Not whether all do: what comes on a connection that is open already overtakes what waits for one.
    """

    def __init__(self) -> None:
        self._first = self._last = float("-inf")

    def sheds(self, age: float, now: float) -> bool:
        """Tell it of a call that has come, at such an age; whether this one is to be shed."""
        if age < TOO_LONG:
            return False
        if now - self._last > FOR:
            self._first = now
        self._last = now
        return now - self._first >= FOR


def init_app(
    app: Flask, board: Switchboard, *, age: Age = of_socket, clock: Callable[[], float] = time.perf_counter
) -> None:
    """Let the app of the webhooks shed calls that arrive, and leave unanswered what nobody listens to any more."""
    lateness = Lateness()
    arrives, goes_on = app.view_functions["voice.incoming"], app.view_functions["voice.at"]

    def arriving() -> Any:
        waited = age(request.environ)
        if waited >= GIVEN_UP:
            return _unheard(waited)
        return (lateness.sheds(waited, clock()) and _sheds(board, waited)) or arrives()

    def going_on(**parts: Any) -> Any:
        waited = age(request.environ)
        return _unheard(waited) if waited >= GIVEN_UP else goes_on(**parts)

    app.view_functions |= {"voice.incoming": arriving, "voice.at": going_on}


def _unheard(waited: float) -> Response:
    log.warning("%s came %.0f s late: nobody listens to the answer", request.path, waited)
    TROUBLES.labels("unheard").inc()
    return ask_again("The provider has given up waiting")


def _sheds(board: Switchboard, waited: float) -> Response | None:
    """Put a call through to the people of its number, without asking who is free; None when there are none."""
    company = board.company
    call = call_of(provider_params(), {}, company)
    if not reaches_somebody(company, call, board.profile, board.clock()):
        return None
    log.warning("call %s: came %.1f s late, as others do; answered with the safe document", call.id, waited)
    TROUBLES.labels("shed").inc()
    answer, key = safe_answer(board, company, call, request.path), request.path
    answer.call_on_close(lambda: explain(board, company, call, key, "too many calls at once"))
    return answer
