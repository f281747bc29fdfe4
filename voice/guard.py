"""The guard before every webhook: signature first, and an answer whatever happens behind it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import partial

from flask import Flask, Response, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from redis.exceptions import RedisError
from werkzeug.exceptions import HTTPException

from calls.database import StoreError
from flows.calls import Call
from flows.places import KINDS
from live import about
from voice.door import Switchboard, provider_params, safe_answer
from voice.metrics import PROCESSES, TROUBLES, WEBHOOKS
from voice.signature import Signature
from voice.webhook import call_of
from voice.working_on import PREFIX, told_by

log = logging.getLogger("ringpath.voice")

LONGEST_BODY = 256 * 1024
"""Bytes. A webhook has 2 to 4 kB; what is much longer is not read."""


def guard(
    app: Flask,
    board: Switchboard,
    signature: Signature,
    sorry: Callable[[Exception], ResponseReturnValue | HTTPException],
    *,
    measures: bool = True,
) -> None:
    """Put one guard before everything below /voice/: no address of it is answered unsigned.

    `sorry` says to people, on all other addresses, that something went wrong; `measures`: how long each answer takes
    is counted for /metrics.
    """
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    if measures:
        PROCESSES.set(1)

    @app.before_request
    def check() -> Response | None:
        asked = request_ctx.request  # not by the proxy, which looks for it each time
        asked.environ["ringpath.before"] = about.begin(told_by(asked))
        if not asked.path.startswith(PREFIX):
            return None
        asked.environ["ringpath.started"] = time.perf_counter()
        reason = signature.refuse(asked)
        if reason is None:
            asked.environ["ringpath.signed"] = True
            return None
        log.warning("refused: %s", reason)
        return _refusal()

    @app.after_request
    def measure(response: Response) -> Response:
        environ = request.environ
        started = environ.get("ringpath.started")
        if started is not None and measures:
            WEBHOOKS.labels(_label(response.status_code)).observe(time.perf_counter() - started)
        # One greenlet answers all requests of a connection; what is done once the answer is out belongs to this one.
        response.call_on_close(partial(about.back_to, environ["ringpath.before"]))
        return response

    @app.errorhandler(Exception)
    def answer_all_the_same(error: Exception) -> ResponseReturnValue | HTTPException:
        if not request.path.startswith(PREFIX):
            if isinstance(error, StoreError | RedisError):  # whoever asks is told; the stores' own checks say why
                log.warning("%s failed: %s", request.path, type(error).__name__)
            elif not isinstance(error, HTTPException):
                log.exception("%s failed", request.path)
            return sorry(error)
        if isinstance(error, HTTPException):
            return error
        if not request.environ.get("ringpath.signed"):
            log.exception("refused: the signature of %s could not be checked", request.path)
            return _refusal()
        company = board.company
        call = call_of(provider_params(), request.args, company)
        log.exception("call %s: %s failed; answered with the safe document", call.id, request.path)
        TROUBLES.labels("failed").inc()
        _explain(board, call, error)
        return safe_answer(board, company, call, request.path)


def _refusal() -> Response:
    return Response("The provider's signature is missing or wrong.\n", 403, content_type="text/plain")


def _explain(board: Switchboard, call: Call, error: Exception) -> None:
    """Put the failure into the trace of the call; what has failed may be the very thing that keeps it."""
    try:
        board.live.tell(call, request.path, {"code": "failed", "why": type(error).__name__}, board.clock())
    except Exception:
        log.exception("call %s: its failure could not be put into its trace", call.id)


def _label(status: int) -> str:
    """Name what was answered; a fixed set of names, whatever is asked for."""
    if status >= 400:
        return "refused"
    kind = (request.view_args or {}).get("kind")
    if kind is not None:
        return kind if kind in KINDS else "unknown"
    return (request.endpoint or "unknown").rpartition(".")[2]
