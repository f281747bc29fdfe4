"""The app of the webhooks: a guard before all of it, signature first, and an answer whatever happens behind it.

It is an app of its own, beside that of the people's pages, so that nothing that pages need is done for a webhook:
sessions, forms, languages, what browsers are told (docs/measurements.md says what that cost).
"""

from __future__ import annotations

import encodings.idna  # noqa: F401  (werkzeug asks for it at the first request, and a caller would wait)
import logging
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from flows.places import KINDS
from live.sparing import Sparing
from voice import working_on
from voice.door import explain, safe_answer, voice
from voice.lean import LeanFlask
from voice.metrics import PROCESSES, TROUBLES, answered
from voice.params import provider_params
from voice.pressure import Pressure
from voice.signature import Signature, SignedRequest
from voice.switchboard import Switchboard
from voice.webhook import call_of
from voice.working_on import PREFIX

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger("ringpath.voice")

LONGEST_BODY = 256 * 1024
"""Bytes. A webhook has 2 to 4 kB; what is much longer is not read."""


NAME = "webhooks"
"""Under which the app that serves finds that of the webhooks among its extensions."""


def open_door(app: Flask, webhooks: Flask) -> None:
    """Let an app that is served hand over everything below /voice/."""
    others = app.wsgi_app

    def choose(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        inside = environ.get("PATH_INFO", "").startswith(PREFIX)
        return (webhooks.wsgi_app if inside else others)(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]  # as Flask's documentation wants it
    app.extensions[NAME] = webhooks


def webhooks(
    board: Switchboard, signature: Signature, *, measures: bool = True, pressure: Pressure | None = None
) -> Flask:
    """Make the app that answers the provider.

    `measures`: how long each answer takes is counted for /metrics. `pressure` puts callbacks off when there is too
    much to do; without, everything is done as it comes.
    """
    app = LeanFlask(NAME, static_folder=None)
    app.request_class = SignedRequest
    _guard(app, board, signature, measures=measures, looks=pressure.looks if pressure else None)
    app.register_blueprint(voice(board))
    if pressure:
        pressure.init_app(app)
    return app


def _guard(
    app: Flask, board: Switchboard, signature: Signature, *, measures: bool, looks: Callable[[float], None] | None
) -> None:
    """Put one guard before an app: no address of it is answered unsigned."""
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    if measures:
        PROCESSES.set(1)
    working_on.init_app(app)
    refused = Sparing(log.warning)

    @app.before_request
    def check() -> Response | None:
        asked = request_ctx.request  # not by the proxy, which looks for it each time
        asked.environ["ringpath.started"] = now = time.perf_counter()
        if looks is not None:
            looks(now)
        reason = signature.refuse(asked)
        if reason is None:
            asked.environ["ringpath.signed"] = True
            return None
        refused.say(f"refused: {reason}")
        return _refusal()

    @app.after_request
    def measure(response: Response) -> Response:
        started = request.environ.get("ringpath.started")
        if started is not None and measures:
            answered(_label(response.status_code), time.perf_counter() - started)
        return response

    app.register_error_handler(Exception, _safely(board))


def _safely(board: Switchboard) -> Callable[[Exception], ResponseReturnValue | HTTPException]:
    """Answer with the safe document whatever has failed, once the signature has been found good."""

    def answer_all_the_same(error: Exception) -> ResponseReturnValue | HTTPException:
        if isinstance(error, HTTPException):
            return error
        if not request.environ.get("ringpath.signed"):
            log.exception("refused: the signature of %s could not be checked", request.path)
            return _refusal()
        company = board.company
        call = call_of(provider_params(), request.args, company)
        log.exception("call %s: %s failed; answered with the safe document", call.id, request.path)
        TROUBLES.labels("failed").inc()
        answer, key = safe_answer(board, company, call, request.path), request.path
        answer.call_on_close(lambda: explain(board, company, call, key, type(error).__name__))
        return answer

    return answer_all_the_same


def _refusal() -> Response:
    return Response("The provider's signature is missing or wrong.\n", 403, content_type="text/plain")


def _label(status: int) -> str:
    """Name what was answered; a fixed set of names, whatever is asked for."""
    if 400 <= status < 500:  # 503 asks the provider to tell again
        return "refused"
    kind = (request.view_args or {}).get("kind")
    if kind is not None:
        return kind if kind in KINDS else "unknown"
    return (request.endpoint or "unknown").rpartition(".")[2]
