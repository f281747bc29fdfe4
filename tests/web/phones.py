"""The telephone in the browser, without the browser: what its script sends, and what it is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from typing import Any, Self
from urllib.parse import urlsplit

from simple_websocket import Client, ConnectionClosed

from calls import sessions, users
from local.house import House
from web.access import Role
from web.telephone.lines import Lines

WAITS = 10.0
"""Seconds in which a scene must come."""


def log_in(house: House, *roles: Role, language: str | None = None) -> str:
    """Somebody logs in; gives the token of the session."""
    now = house.clock.now()
    with house.engine.begin() as connection:
        user = users.add(connection, f"user-{len(users.every(connection))}", roles=roles, now=now)
        if language:
            users.change(connection, user.id, language=language)
        return sessions.begin(connection, user.id, "tests", now)


def refused(house: House, token: str, origin: str = "http://127.0.0.1") -> int:
    """Ask for a line that is not given; gives the status of the answer."""
    address = urlsplit(house.connect_url)
    with closing(HTTPConnection(address.hostname or "", address.port, timeout=WAITS)) as connection:
        connection.request("GET", "/telephone/line", headers=_HANDSHAKE | _who(token, origin) | {"Host": "127.0.0.1"})
        return connection.getresponse().status


def put_away(lines: Lines) -> None:
    """Wait until every line is free again: a call whose browser is closed still hangs up, and goes on file."""
    with ExitStack() as all_of_them:
        for _ in range(lines.most):
            assert all_of_them.enter_context(lines.one(wait=WAITS)), "a line was never given back"


_HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


def _who(token: str, origin: str) -> dict[str, str]:
    return {"Cookie": f"__Host-ringpath={token}", "Origin": origin}


class Phone:
    """One line; each step sends what a button sends, and keeps the scene that follows."""

    def __init__(self, url: str, token: str, origin: str = "http://127.0.0.1") -> None:
        self.socket = Client(url.replace("http", "ws") + "/telephone/line", headers=_who(token, origin))
        self.scene: dict[str, Any] = {}

    def calls(self, to: str = "+34910000001", from_: str = "+34600000001", **more: Any) -> Self:
        """Dial."""
        return self.sends("dial", to=to, **{"from": from_}, **more)

    def sends(self, do: str, **more: Any) -> Self:
        """Send what a button sends, and take the scene that follows."""
        self.socket.send(json.dumps({"do": do, **more}))
        return self.takes()

    def takes(self) -> Self:
        """Take the next scene."""
        text = self.socket.receive(timeout=WAITS)
        assert text is not None, f"no scene came; the last was {self.scene}"
        self.scene = json.loads(text)
        return self

    def until(self, holds: Callable[[Self], bool]) -> Self:
        """Skip what can be waited for until something holds."""
        for _ in range(60):
            if holds(self):
                return self
            self.sends("skip")
        raise AssertionError(f"it never came to that; the last scene was {json.dumps(self.scene, indent=1)}")

    def is_asked(self, words: str) -> Self:
        """Listen until certain words are said and keys are wanted."""
        return self.until(lambda phone: phone.state == "gathering" and words in phone.heard)

    def rings(self, *devices: str) -> Self:
        """Listen until exactly these devices ring."""
        return self.until(lambda phone: phone.ringing == set(devices))

    def is_over(self) -> bool:
        """Whether the server has closed the line, as it does when a call is over."""
        try:
            return self.socket.receive(timeout=WAITS) is None
        except ConnectionClosed:
            return True

    def drops(self) -> None:
        """Close the browser, if it is not closed yet."""
        with suppress(ConnectionClosed, OSError):  # the server may do so at this very moment
            self.socket.close()
        self.socket.thread.join(WAITS)

    @property
    def state(self) -> str:
        """What the call waits for."""
        return str(self.scene["state"])

    @property
    def ringing(self) -> set[str]:
        """The devices that ring."""
        return {each["id"] for each in self.scene["devices"] if each["ringing"]}

    @property
    def heard(self) -> str:
        """Everything that has happened."""
        return "\n".join(f"{each['name']} {each['text']}" for each in self.scene["heard"])

    @property
    def why(self) -> list[str]:
        """The trace."""
        return [each["text"] for each in self.scene["trace"]]

    @property
    def call_id(self) -> str:
        """The call's id, which a call that is over tells."""
        return str(self.scene["details"]).rpartition("/")[2]
