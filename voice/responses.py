"""What a webhook is answered with."""

from __future__ import annotations

from flask import Response


def xml(document: str) -> Response:
    """Answer with one TwiML document."""
    return Response(document, content_type="text/xml; charset=utf-8")


def ask_again(why: str) -> Response:
    """Let the provider repeat a callback: its address says that it is to (voice.urls)."""
    return Response(f"{why}; ask again.\n", 503, content_type="text/plain", headers={"Retry-After": "5"})
