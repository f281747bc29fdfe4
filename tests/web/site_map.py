"""Every address that people can open, from the URL map of the app itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule as Route

from web.access import Rule, rule, rule_of
from web.sessions import DOORS

ENDLESS = frozenset({"now.stream", "telephone.line"})
"""What goes on answering for as long as somebody listens."""

EXAMPLES: Mapping[str, str | int] = {
    "token": "a-token-that-nobody-made",
    "number": 1,
    "call_id": "CA" + "0" * 31 + "1",
    "recording_id": "RE" + "f" * 32,
}
"""What stands for each variable part of an address; what it names need not exist."""

KEYS: Mapping[str, str] = {
    "settings.numbers": "+34910000001",
    "settings.groups": "sales",
    "settings.menus": "main",
    "settings.schedules": "office",
    "settings.employees": "ana",
    "settings.contacts": "0",
}
"""The same for the `key` of an entry of the settings, by the beginning of the endpoint."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """An endpoint reached by one method, and its rule."""

    endpoint: str
    method: str
    path: str
    rule: Rule | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def addresses(app: Flask, *, examples: Mapping[str, str | int] | None = None) -> Iterator[Address]:
    """Name every endpoint but the doors that are not for people, once for each method."""
    chosen = {**EXAMPLES, **(examples or {})}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for route in app.url_map.iter_rules():
            if route.endpoint.partition(".")[0] in DOORS or route.endpoint == "static":
                continue
            for method in sorted(_methods(route)):
                values = {name: chosen[name] for name in route.arguments - {"key"}}
                if "key" in route.arguments:
                    values["key"] = KEYS[route.endpoint.rpartition("_")[0]]
                yield Address(
                    endpoint=route.endpoint,
                    method=method,
                    path=adapter.build(route.endpoint, values, method=method),  # ws://… for a WebSocket
                    rule=rule_of(app.view_functions[route.endpoint]),
                )


def without_sockets(app: Flask) -> Flask:
    """Let views that talk over a WebSocket answer nothing at once: a test client has no socket."""

    def silent() -> str:
        return ""

    for route in app.url_map.iter_rules():
        if route.websocket:
            app.view_functions[route.endpoint] = rule(rule_of(app.view_functions[route.endpoint]))(silent)
    return app


def text_of(address: Address, client: FlaskClient, **more: Any) -> str:
    """Open an address: its headers, and what a browser would take for a page of it."""
    answer = client.open(address.path, method=address.method, **more)
    said = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
    answer.close()
    return f"{answer.headers}{said}"


def html_pages(app: Flask, client: FlaskClient, **examples: str) -> list[str]:
    """The addresses at which a person finds a page to read, as whoever has this client."""
    found = []
    for each in addresses(app, examples=examples):
        if each.method == "GET" and each.endpoint not in ENDLESS:
            answer = client.get(each.path)
            if answer.mimetype == "text/html" and answer.status_code != 303:
                found.append(each.path)
            answer.close()
    return sorted(set(found))


def _methods(route: Route) -> set[str]:
    return (route.methods or set()) - {"HEAD", "OPTIONS"}
