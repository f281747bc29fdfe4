"""What can go wrong at the provider's REST API, to be switched on by a test."""

import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from threading import Event
from typing import TYPE_CHECKING

from werkzeug.wrappers import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LONGEST = 30.0  # seconds that an answer hangs when nobody mends the outage
_PIECE = 64 * 1024
_BUSY = '{"code": 20429, "message": "Too Many Requests", "status": 429}'
_PAGE = "<!DOCTYPE html><title>Scheduled maintenance</title>"

Serve = Callable[[], Response]


@dataclass(kw_only=True)
class Outage:
    """One thing that goes wrong, `times` times, with requests whose path contains `on`.

    `kind`: `500` and `429` refuse; `before` and `after` give no answer, with the work not done or done; `drop` closes
    the connection, `halfway` after half of the answer; `drip` sends it byte by byte; `huge` has no end; `page` is a
    web page with the status 200.
    """

    kind: str
    on: str = ""
    times: int = 1
    mended: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        if self.kind not in _KINDS:
            raise ValueError(f"no such outage: {self.kind}; there are {', '.join(_KINDS)}")

    def befalls(self, path: str) -> bool:
        """Whether a request is hit; counts it."""
        if self.times < 1 or self.on not in path:
            return False
        self.times -= 1
        return True

    def answer(self, serve: Serve, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """What comes of a request that `serve` would have answered."""
        return _KINDS[self.kind](self, serve, environ, start)


def _refuse(status: int, body: str, kind: str) -> "_Kind":
    def answer(_: Outage, __: Serve, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        return Response(body, status=status, content_type=kind)(environ, start)

    return answer


def _before(outage: Outage, _: Serve, environ: "WSGIEnvironment", __: "StartResponse") -> Iterable[bytes]:
    outage.mended.wait(LONGEST)
    return _hang_up(environ)


def _after(outage: Outage, serve: Serve, environ: "WSGIEnvironment", __: "StartResponse") -> Iterable[bytes]:
    serve()
    outage.mended.wait(LONGEST)
    return _hang_up(environ)


def _drop(_: Outage, __: Serve, environ: "WSGIEnvironment", ___: "StartResponse") -> Iterable[bytes]:
    return _hang_up(environ)


def _halfway(_: Outage, serve: Serve, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    response = serve()
    body = response.get_data()

    def send() -> Iterator[bytes]:
        yield body[: len(body) // 2]
        yield from _hang_up(environ)

    start(response.status, response.get_wsgi_headers(environ).to_wsgi_list())
    return send()


def _drip(outage: Outage, serve: Serve, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    response = serve()
    body = response.get_data()

    def send() -> Iterator[bytes]:
        for at in range(len(body)):
            outage.mended.wait(0.02)
            yield body[at : at + 1]

    start(response.status, response.get_wsgi_headers(environ).to_wsgi_list())
    return send()


def _huge(_: Outage, serve: Serve, __: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
    start("200 OK", [("Content-Type", serve().headers["Content-Type"])])
    return repeat(b" " * _PIECE)


def _hang_up(environ: "WSGIEnvironment") -> Iterable[bytes]:
    """Close the connection without another byte; raises ConnectionError, at which the server gives up."""
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionError("an outage of the simulated provider")


_Kind = Callable[[Outage, Serve, "WSGIEnvironment", "StartResponse"], Iterable[bytes]]
_KINDS: Mapping[str, _Kind] = {
    "500": _refuse(500, _PAGE, "text/html"),
    "429": _refuse(429, _BUSY, "application/json"),
    "before": _before,
    "after": _after,
    "drop": _drop,
    "halfway": _halfway,
    "drip": _drip,
    "huge": _huge,
    "page": _refuse(200, _PAGE, "text/html"),
}
