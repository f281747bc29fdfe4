"""What a request is about, for the lines that are logged while it is answered (live.about)."""

from __future__ import annotations

import re
from functools import partial

from flask import Flask, Request, Response
from flask.globals import request_ctx

from live import about
from live.about import Facts, Tell
from voice.params import sent_with

PREFIX = "/voice/"

_ID = re.compile(r"[\w.:-]{1,80}", re.ASCII)
"""What a router's id of a request looks like; anything else that a stranger sends is left out."""


def init_app(app: Flask) -> None:
    """Let every line that is written for a request of an app say what it is about; before any other hook of it."""

    @app.before_request
    def begin() -> None:
        asked = request_ctx.request  # not by the proxy, which looks for it each time
        asked.environ["ringpath.before"] = about.begin(told_by(asked))

    @app.after_request
    def end(response: Response) -> Response:
        # One greenlet answers all requests of a connection; what is done once the answer is out belongs to this one.
        response.call_on_close(partial(about.back_to, request_ctx.request.environ["ringpath.before"]))
        return response


def told_by(request: Request) -> Tell:
    """Make what says so, from the request alone; it is asked only when a line is written."""

    def tell() -> Facts:
        told: dict[str, str] = {}
        if request.path.startswith(PREFIX):
            # A stranger's body is not read (SECURITY.md).
            sent = sent_with(request) if request.environ.get("ringpath.signed") else {}
            call_id = request.args.get("call") or sent.get("CallSid") or request.args.get("CallSid", "")
            told = {"call": call_id[:128], "revision": request.args.get("revision", "")[:40]}
        found = request.headers.get("X-Request-ID", "")
        told["request"] = found if _ID.fullmatch(found) else ""
        return {name: value for name, value in told.items() if value}

    return tell
