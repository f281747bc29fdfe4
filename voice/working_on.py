"""What a request is about, for the lines that are logged while it is answered (live.about)."""

from __future__ import annotations

import re

from flask import Request

from live.about import Facts, Tell

PREFIX = "/voice/"

_ID = re.compile(r"[\w.:-]{1,80}", re.ASCII)
"""What a router's id of a request looks like; anything else that a stranger sends is left out."""


def told_by(request: Request) -> Tell:
    """Make what says so, from the request alone; it is asked only when a line is written."""

    def tell() -> Facts:
        told: dict[str, str] = {}
        if request.path.startswith(PREFIX):
            call_id = request.args.get("call") or request.form.get("CallSid") or request.args.get("CallSid", "")
            told = {"call": call_id[:128], "revision": request.args.get("revision", "")[:40]}
        found = request.headers.get("X-Request-ID", "")
        told["request"] = found if _ID.fullmatch(found) else ""
        return {name: value for name, value in told.items() if value}

    return tell
