"""Whose word is taken for whom it asks: what is counted against wrong passwords goes by it."""

from __future__ import annotations

import pytest
from flask import Request

from web.throttle import address_of


@pytest.mark.parametrize(
    ("given", "on_heroku", "peer", "is_believed"),
    [
        ("", "", "127.0.0.1", True),
        ("", "", "10.1.2.3", False),
        ("", "web.1", "10.1.2.3", True),
        ("*", "", "8.8.8.8", True),
        ("10.1.2.3", "", "127.0.0.1", False),
        ("", "", "", True),
        ("::1, 10.0.0.0/8", "", "10.1.2.3", True),
    ],
)
def test_a_proxy_is_who_was_named(
    monkeypatch: pytest.MonkeyPatch, given: str, on_heroku: str, peer: str, is_believed: bool
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", given)
    monkeypatch.setenv("DYNO", on_heroku)
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    assert (address_of(Request(environ)) == "198.51.100.7") is is_believed
