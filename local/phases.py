"""Where a webhook's time goes: its phases one by one, in this process; the bare app's beside them.

Each is CPU of this process alone, in a warm loop, the fastest of many: what a phase costs at the least. Waiting is in
none of them; what gunicorn, gevent and Valkey use besides is measured in the race, and that of parts in local.without.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from flask import Flask, Request, Response
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from app import create_app
from config.company import Company
from flows.calls import Call
from flows.decide import decide
from flows.live import Asked, Live, Offer
from flows.places import Entrance
from flows.steps import Step
from flows.way import Desk
from local import bare, valkey
from local.contenders import PUBLIC_URL, TOKEN, Contender, calls_for, company_document, variables_of
from local.without import FromMemory
from voice.document import Pen, write
from voice.fields import fields
from voice.signature import Signature, SignedRequest
from voice.switchboard import Switchboard
from voice.urls import Urls, read_place
from voice.webhook import call_of, event_of

LOOPS, TURNS = 100, 30

Parts = dict[str, float]
"""Microseconds by the name of a phase."""

WHOLE = "all of it, in one process"
ASKED = "the question to Redis, in a loop"
WOKEN = "being put to sleep by it, woken, colder caches"


def lines(folder: Path) -> Iterator[str]:
    """Lines of a Markdown table, in microseconds for the mean of a call's three webhooks."""
    with opened(folder) as app, patch("app.RedisLive", FromMemory):
        ours, theirs = _of_ringpath(app, create_app()), _of_bare()
    yield "\n| phase | Ringpath µs | share | bare µs |"
    yield "|---|---|---|---|"
    whole = ours[WHOLE]
    for name, cost in ours.items():
        beside = f"{theirs[name]:.0f}" if name in theirs else ""
        yield f"| {name} | {cost:.0f} | {cost / whole:.0%} | {beside} |"


@contextmanager
def opened(folder: Path) -> Iterator[Flask]:
    """Make the app of the small company, on a Valkey of its own."""
    embedded = valkey.ensure(folder)
    file = folder / "company.yaml"
    file.write_text(json.dumps(company_document(10, 1)))
    here = {"PUBLIC_URL": PUBLIC_URL, "TWILIO_AUTH_TOKEN": TOKEN, "LOG_LEVEL": "WARNING"}
    try:
        with patch.dict(os.environ, here | variables_of(embedded.url, file, folder)):
            yield create_app()
    finally:
        valkey.stop(embedded)


@dataclass(kw_only=True)
class Recorder:
    """A live state that remembers what was asked, and the answer; without `live` it gives that answer again."""

    live: Live | None
    asked: list[Asked] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Ask, or answer from memory."""
        if self.live is None:
            return lambda: self.offers[-1]
        self.asked.append(asked)
        self.offers.append(self.live.ask(call, asked)())
        return lambda: self.offers[-1]


def _of_ringpath(app: Flask, asks_nobody: Flask) -> Parts:
    board: Switchboard = app.extensions["ringpath"]
    total: Parts = {}
    for environ, body in webhooks(board.company):
        parts = {"Flask: request, routing, response": _dispatch(environ, body)}
        parts |= _once(board, board.company, environ, body)
        parts[WHOLE] = _fresh(app, board.company, environ["PATH_INFO"])
        unasked = _fresh(asks_nobody, board.company, environ["PATH_INFO"])
        parts[WOKEN] = parts[WHOLE] - unasked - parts[ASKED]
        for name, cost in parts.items():
            total[name] = total.get(name, 0) + cost / 3
    whole = total.pop(WHOLE)
    rest = whole - sum(total.values())
    return total | {"the rest: counting, hooks, the view": rest, WHOLE: whole}


def _once(board: Switchboard, company: Company, environ: dict[str, Any], body: bytes) -> Parts:
    """Measure the phases of one webhook, which is repeated."""
    query, params = dict(fields(environ["QUERY_STRING"])), dict(fields(body.decode()))
    kind = environ["PATH_INFO"].rpartition("/")[2]
    signature = Signature(token=TOKEN, profile=board.profile, public_url=PUBLIC_URL)
    signed = _request(SignedRequest, environ, body)

    def place() -> Any:
        return Entrance() if kind == "incoming" else read_place(kind, query)

    call, here = call_of(params, query, company), place()
    event, now = event_of(here, params, board.profile), board.clock()
    recorder, steps = Recorder(live=board.live), list[tuple[Step, ...]]()
    desk = Desk(company=company, live=recorder, callers=board.callers(company), nouns=board.profile.nouns)
    decide(desk, call, here, event, now, steps.append)
    asked, recorder.live = recorder.asked[0], None
    urls = Urls(public_url=PUBLIC_URL, revision=company.revision, retries=board.profile.retries)
    pen = Pen(call=call, profile=board.profile, urls=urls, language=company.language, voice=company.voice)
    return {
        "the form": _least(lambda: _request(SignedRequest, environ, body).form),
        "the signature": _least(lambda: signature.refuse(signed)),
        "call, place and event": _least(
            lambda: (dict(fields(environ["QUERY_STRING"])), call_of(params, query, company), place())
        ),
        "the decision": _least(lambda: decide(desk, call, here, event, now, lambda _: None)),
        ASKED: _least(lambda: board.live.ask(call, asked)()),
        "the document": _least(lambda: write(steps[-1], pen)),
    }


def _of_bare() -> Parts:
    with patch.dict(os.environ, {"PUBLIC_URL": PUBLIC_URL, "TWILIO_AUTH_TOKEN": TOKEN}):
        app = bare.create_app()
    validator, total = RequestValidator(TOKEN), Parts()
    for environ, body in webhooks(None):
        request, url = _request(Request, environ, body), PUBLIC_URL + environ["RAW_URI"]
        given = request.headers["X-Twilio-Signature"]
        parts = {
            "Flask: request, routing, response": _dispatch(environ, body),
            "the form": _least(lambda: _request(Request, environ, body).form),  # noqa: B023
            "the signature": _least(lambda: validator.validate(url, request.form, given)),  # noqa: B023
            "the document": _least(_like_theirs),
            WHOLE: _least(lambda: answer(app, environ, body)),  # noqa: B023
        }
        for name, cost in parts.items():
            total[name] = total.get(name, 0) + cost / 3
    return total


def _like_theirs() -> str:
    response = VoiceResponse()
    dial = response.dial(action=f"{PUBLIC_URL}/voice/at/group?step=3", method="POST", timeout=15, caller_id="+34")
    dial.client("e0", status_callback=f"{PUBLIC_URL}/voice/leg", status_callback_event="answered completed")
    return str(response)


def webhooks(company: Company | None) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Write the three webhooks of a call as a server hands them to an app."""
    revision = company.revision if company else "0" * 12
    [call] = calls_for(Contender(name="", port=0, revision=revision), 1)
    return (_environ(raw) for _, raw in call)


def _environ(raw: bytes) -> tuple[dict[str, Any], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *others = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    environ = {"REQUEST_METHOD": method, "RAW_URI": target, "PATH_INFO": path, "QUERY_STRING": query}
    environ |= {"SCRIPT_NAME": "", "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    headers = {name.upper().replace("-", "_"): value for name, _, value in (line.partition(": ") for line in others)}
    own = {"CONTENT_TYPE", "CONTENT_LENGTH"}
    return environ | {name if name in own else f"HTTP_{name}": value for name, value in headers.items()}, body


def _request(kind: type[Request], environ: dict[str, Any], body: bytes) -> Request:
    return kind(environ | {"wsgi.input": BytesIO(body)})


def answer(app: Flask, environ: dict[str, Any], body: bytes) -> None:
    answer = app(environ | {"wsgi.input": BytesIO(body)}, lambda *_: lambda _: None)
    b"".join(answer)
    answer.close()  # type: ignore[attr-defined]  # werkzeug's has it


def _dispatch(environ: dict[str, Any], body: bytes) -> float:
    app = Flask("empty", static_folder=None)
    app.add_url_rule("/voice/<path:rest>", "view", lambda **_: Response("<Response/>"), methods=["POST"])
    return _least(lambda: answer(app, environ, body))


def _least(step: Callable[[], object]) -> float:
    """Microseconds of CPU that a step costs at the least."""
    return min(_turn([step] * LOOPS) for _ in range(TURNS))


def _fresh(app: Flask, company: Company, path: str) -> float:
    """The same for a whole webhook, each of another call: a repeated one is answered in another way."""

    def turn() -> float:
        calls = calls_for(Contender(name="", port=0, revision=company.revision), LOOPS)
        found = [_environ(raw) for call in calls for _, raw in call]
        return _turn([lambda e=e, b=b: answer(app, e, b) for e, b in found if e["PATH_INFO"] == path])  # type: ignore[misc]

    return min(turn() for _ in range(TURNS))


def _turn(steps: Iterable[Callable[[], object]]) -> float:
    began, count = time.thread_time(), 0
    for step in steps:
        step()
        count += 1
    return (time.thread_time() - began) * 1e6 / count
