"""What is going on now: the first page, live by server-sent events, or by asking every few seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, render_template, request
from flask.blueprints import BlueprintSetupState

from web import alerts, words
from web.access import ANYBODY, Person, rule
from web.broadcast import Broadcast, Full
from web.now_reading import Reader, Reading
from web.now_view import Rendered, Sight, View, Views, changed, sight_of, view
from web.reception import NAME as RECEPTION
from web.reception import here
from web.sessions import person, somebody

pages = Blueprint("now", __name__)

NAME = "now"

PARTS = ("alerts", "figures", "queues", "calls", "people", "missed")
"""The parts of the page that change by themselves; each is a template of that name."""

RETRY = "retry: 2000\n\n"
"""Milliseconds after which a browser whose stream has ended comes again."""


@dataclass(frozen=True, slots=True)
class Watch:
    """What one process reads for all who look."""

    reader: Reader
    broadcast: Broadcast[Reading]
    views: Views


@pages.record_once
def _begin(state: BlueprintSetupState) -> None:
    reader = Reader(state.app.extensions[RECEPTION])
    state.app.extensions[NAME] = Watch(reader, Broadcast(reader.read), Views())


@pages.get("/")
@rule(ANYBODY)
def page() -> str:
    """The page, as things are at this moment."""
    sight, reader = _sight(person()), _watch().reader
    waiting = reader.missed(sight.reach, fresh=True)
    reading = reader.read(fresh=True)
    seen = view(reading, sight, here().company, waiting)
    return render_template(
        "now/now.html", parts_of_page=_parts(seen), view=seen, sight=sight, at=reading.at, names=PARTS
    )


@pages.get("/now/state")
@rule(ANYBODY)
def state() -> dict[str, Any]:
    """What a browser asks for that cannot listen."""
    watch = _watch()
    number, reading = watch.broadcast.latest()
    return _message(reading, _rendered(watch, number, reading, _sight(person())))


@pages.get("/now/stream")
@rule(ANYBODY)
def stream() -> Response | tuple[str, int]:
    """What changes, as it changes; ends after a while, or as soon as this person may not see it any more."""
    with ExitStack() as stack:
        try:
            stack.enter_context(_watch().broadcast.listen())
        except Full:
            return words._("Too many are listening. The page asks by itself instead."), 503
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        answer = Response(_events(app, dict(request.environ)), mimetype="text/event-stream")
        answer.call_on_close(stack.pop_all().close)
    answer.headers["X-Accel-Buffering"] = "no"  # a proxy in between passes on what comes
    return answer


def _events(app: Flask, environ: dict[str, Any]) -> Iterator[str]:
    """Write the stream. What is written is worked out in a request of its own, so that waiting holds nothing."""
    watch: Watch = app.extensions[NAME]
    pace, who = watch.broadcast.pace, _Who(app, environ)
    until, number, sent = time.monotonic() + pace.lasts, 0, dict[str, str]()
    yield RETRY
    while time.monotonic() < until and watch.broadcast.alive():
        found = watch.broadcast.next(number, pace.heartbeat)
        with who.asks(pace.heartbeat) as person_:
            if person_ is None:
                text = "event: end\ndata: {}\n\n"
            elif found is None:
                text = ": still here\n\n"
            else:
                number, reading = found
                shown = _rendered(watch, number, reading, _sight(person_))
                news, sent = changed(sent, shown), dict(shown)
                text = f"data: {json.dumps(_message(reading, news))}\n\n" if news else ""
        if text:
            yield text
        if person_ is None:
            return


class _Who:
    """Who listens: asked again now and then, since his session may end meanwhile, and his rights may change."""

    def __init__(self, app: Flask, environ: dict[str, Any]) -> None:
        self._app, self._environ = app, environ
        self._person: Person | None = None
        self._asked_at = float("-inf")

    @contextmanager
    def asks(self, again_after: float) -> Iterator[Person | None]:
        """Go into a request of his for a moment."""
        with self._app.request_context(self._environ):
            if time.monotonic() - self._asked_at >= again_after:
                self._person, self._asked_at = somebody(), time.monotonic()
            g.person = self._person
            yield self._person


def _watch() -> Watch:
    found: Watch = current_app.extensions[NAME]
    return found


def _sight(who: Person) -> Sight:
    return sight_of(who, here().company, words.language())


def _rendered(watch: Watch, number: int, reading: Reading, sight: Sight) -> Rendered:
    company, reach = here().company, sight.reach
    waiting = reading.missed[reach] if reach in reading.missed else watch.reader.missed(reach)
    return watch.views.get(number, sight, company, lambda: view(reading, sight, company, waiting), _parts)


def _parts(seen: View) -> dict[str, str]:
    more = {"alerts": alerts.said(seen.alerts), "lists_missed": "calls.missed" in current_app.view_functions}
    return {name: render_template(f"now/{name}.html", view=seen, **more) for name in PARTS}


def _message(reading: Reading, parts: Rendered) -> dict[str, Any]:
    return {"at": int(reading.at.timestamp() * 1000), "parts": dict(parts)}
