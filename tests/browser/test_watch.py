"""What a browser complains of fails a test: shown once with pages that do each thing that none of ours may."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from flask import Flask, Response
from playwright.sync_api import Browser

from local.house import served
from tests.browsers import Watch

POLICY = {"Content-Security-Policy": "default-src 'self'"}

WRONG = {
    "an inline script": ("<script>stolen = 1</script>", "Content Security Policy"),
    "an inline style": ("<p style='color: red'>", "Content Security Policy"),
    "a handler in the markup": ("<img src=/ onerror=alert(1)>", "Content Security Policy"),
    "a picture of another host": ("<img src=http://127.0.0.1:1/spy.gif>", "asked another host"),
    "a file that is missing": ("<img src=/missing.png>", "404: "),
    "a script that fails": ("<script src=/fails.js></script>", "script: broken"),
    "a dialog": ("<script src=/asks.js></script>", "dialog: who are you?"),
    "an error on the console": ("<script src=/says.js></script>", "error: not good"),
}


@pytest.fixture
def pages() -> Iterator[str]:
    """A site on which each of these is on a page of its own."""
    app = Flask(__name__)

    @app.get("/<int:place>")
    def page(place: int) -> Response:
        return Response("<!doctype html><link rel=icon href=/icon>" + list(WRONG.values())[place][0], headers=POLICY)

    @app.get("/<name>.js")
    def script(name: str) -> Response:
        code = {"fails": "throw Error('broken')", "asks": "alert('who are you?')", "says": "console.error('not good')"}
        return Response(code[name], mimetype="text/javascript")

    app.add_url_rule("/icon", "icon", lambda: "")
    with served(app) as url:
        yield url


def test_what_no_page_may_do_is_seen(chromium: Browser, pages: str) -> None:
    for place, (name, (_, fault)) in enumerate(WRONG.items()):
        watch = Watch(host=urlsplit(pages).netloc)
        with chromium.new_context() as context:
            context.on("page", watch.over)
            context.new_page().goto(f"{pages}/{place}")
        assert any(fault in each for each in watch.faults), (name, watch.faults)
