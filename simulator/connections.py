"""Kept-alive HTTP connections.

The standard library's own client: a test-suite sends tens of thousands of webhooks, and `requests` spends three
times as long on each as the rest of the simulator does.
"""

import gzip
import select
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Literal, Protocol
from urllib.parse import urlsplit

Failure = Literal["connect", "time", "protocol"]


class ConnectionFailedError(Exception):
    """No answer: `kind` says whether the connection, the time limit or the protocol was the trouble."""

    def __init__(self, kind: Failure, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class HttpAnswer:
    """Status, headers (names in Title-Case; a repeated one has its last value), cookies, and the decoded body."""

    status: int
    headers: Mapping[str, str]
    set_cookies: tuple[str, ...]
    body: bytes


class Transport(Protocol):
    """How requests reach the application: over connections, or inside this process (simulator.in_process)."""

    def close(self) -> None:
        """Let go of whatever is held."""
        ...

    def request(
        self,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        connect_timeout: float,
        total_timeout: float,
    ) -> HttpAnswer:
        """Ask, once; limits are seconds. ConnectionFailedError when there is no complete answer in time."""
        ...


class Connections:
    """One connection to each server, for one thread at a time."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], HTTPConnection] = {}

    def __del__(self) -> None:
        self.close()

    def close(self) -> None:
        """Let all connections go."""
        while self._open:
            self._open.popitem()[1].close()

    def request(
        self,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        connect_timeout: float,
        total_timeout: float,
    ) -> HttpAnswer:
        """Ask, once; limits are seconds. ConnectionFailedError when there is no complete answer in time."""
        address = urlsplit(url)
        path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
        key = (address.scheme, address.netloc)
        message = _message(method, path, {"Host": address.netloc, **headers}, body)
        began = time.monotonic()
        connection = self._reuse(key) or self._connect(key, connect_timeout)
        try:
            answer = self._ask(connection, key, method, message, total_timeout)
        except TimeoutError as error:
            raise ConnectionFailedError("time", f"no answer in {total_timeout:g} s") from error
        except (HTTPException, OSError) as error:
            raise ConnectionFailedError("protocol", type(error).__name__) from error
        if time.monotonic() - began > total_timeout:  # an answer in drips keeps no single read waiting
            self._forget(key)
            raise ConnectionFailedError("time", f"no whole answer in {total_timeout:g} s")
        return answer

    def _ask(
        self, connection: HTTPConnection, key: tuple[str, str], method: str, message: bytes, timeout: float
    ) -> HttpAnswer:
        connection.sock.settimeout(timeout)
        try:
            connection.sock.sendall(message)
            response = HTTPResponse(connection.sock, method=method)
            response.begin()
            content = response.read()
        except (HTTPException, OSError):
            self._forget(key)
            raise
        if response.will_close:
            self._forget(key)
        return answer_of(response.status, response.headers.items(), content)

    def _reuse(self, key: tuple[str, str]) -> HTTPConnection | None:
        """The open connection, unless the server has closed it: it has nothing to say before it is asked."""
        connection = self._open.get(key)
        if connection is None:
            return None
        closed = select.poll()
        closed.register(connection.sock, select.POLLIN)
        if not closed.poll(0):
            return connection
        self._forget(key)
        return None

    def _connect(self, key: tuple[str, str], timeout: float) -> HTTPConnection:
        scheme, netloc = key
        connection = (HTTPSConnection if scheme == "https" else HTTPConnection)(netloc, timeout=timeout)
        try:
            connection.connect()
        except OSError as error:
            raise ConnectionFailedError("connect", type(error).__name__) from error
        self._open[key] = connection
        return connection

    def _forget(self, key: tuple[str, str]) -> None:
        connection = self._open.pop(key, None)
        if connection is not None:
            connection.close()


def _message(method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """A request in one piece, so that it travels in one packet."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")


def answer_of(status: int, headers: Sequence[tuple[str, str]], content: bytes) -> HttpAnswer:
    """Make the record of an answer; what was packed is unpacked."""
    found = {name.title(): value for name, value in headers}
    cookies = tuple(value for name, value in headers if name.title() == "Set-Cookie")
    if found.get("Content-Encoding") == "gzip":
        content = gzip.decompress(content)
    return HttpAnswer(status=status, headers=found, set_cookies=cookies, body=content)
