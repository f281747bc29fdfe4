"""The page to which a CRM sends an administrator back who has let this app in."""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import escape

from flask import Blueprint, Response, request

log = logging.getLogger("ringpath.web")

Complete = Callable[[str, str], str | None]
"""Is given code and state; says what is wrong with them, None when the app is connected."""

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Ringpath: {title}</title></head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""

HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the code is in our own address
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}

CONNECTED = "Calls are filed in the CRM from now on, and those that waited for it too. You can close this page."


def connect(complete: Complete) -> Blueprint:
    """Make the blueprint. It leads nowhere else, whatever it is asked with."""
    pages = Blueprint("connect", __name__)

    @pages.get("/crm/connected")
    def connected() -> Response:
        """Take the code at once: it lives 30 seconds (bitrix24.md 1)."""
        problem = complete(request.args.get("code", ""), request.args.get("state", ""))
        if problem is not None:
            log.warning("the CRM was not connected: %s", problem)
            return _page("Not connected", f"The CRM is not connected: {problem}.", 400)
        log.info("the CRM is connected")
        return _page("Connected", CONNECTED, 200)

    return pages


def _page(title: str, text: str, status: int) -> Response:
    body = PAGE.format(title=escape(title), text=escape(text))
    return Response(body, status=status, headers=HEADERS, content_type="text/html; charset=utf-8")
