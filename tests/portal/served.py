"""An application of the tests over real HTTP, which can also hang, drop connections, and be away."""

from __future__ import annotations

import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

LONGEST_HANG = 30.0
"""Seconds after which a request that hangs is given up, should its client not do so."""

POURS = {"drip": (b" ", 0.01), "flood": (b" " * 65536, 0.0)}
"""Answers without an end: the piece that is sent again and again, and the seconds between two."""

BEGINNING = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n{"

Answer = Callable[[Request], Response]


class _Handler(WSGIRequestHandler):
    """Keeps connections open, which werkzeug's own way of answering cannot, and says nothing."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request, and leave nothing of it behind."""
        request = Request(self.make_environ())
        try:
            request.get_data()
            application: Any = self.server.app  # not WSGI, but what Served is given
            response: Response = application(request)
            response.headers["Content-Length"] = str(len(response.get_data()))
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.get_data())
        except ConnectionError:
            self.close_connection = True
        finally:
            request.close()  # with the files that were uploaded

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


class Served:
    """A server on a port of this machine that stays the same when it is away for a while."""

    def __init__(self, answer: Answer, *, tls: tuple[str, str] | None = None) -> None:
        self._answer, self._tls = answer, tls
        self._port, self._away = 0, threading.Event()
        self._working, self._changed = 0, threading.Condition()
        self.comes_back()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    def comes_back(self) -> None:
        """Listen (again)."""
        context = None
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self._tls)
        self._away.clear()
        respond: Any = self._respond
        self._server = make_server(
            "127.0.0.1", self._port, respond, threaded=True, request_handler=_Handler, ssl_context=context
        )
        self._port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)
        self._thread.start()

    def goes_away(self) -> None:
        """Refuse connections, and drop those there are."""
        self._away.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def hangs(self, environ: dict[str, Any]) -> None:
        """Say nothing until the client gives up."""
        connection, until = environ["werkzeug.socket"], time.monotonic() + LONGEST_HANG
        while time.monotonic() < until and not self._away.is_set():
            if select.select([connection], [], [], 0.02)[0]:
                return  # it says something after its request: it hangs up

    def works(self) -> None:
        """Wait until a request is worked at."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._working, LONGEST_HANG)

    def rests(self) -> None:
        """Wait until no request is worked at."""
        with self._changed:
            assert self._changed.wait_for(lambda: not self._working, LONGEST_HANG)

    def _respond(self, request: Request) -> Response:
        self._count(1)
        try:
            return drop(request.environ) if self._away.is_set() else self._answer(request)
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._working += more
            self._changed.notify_all()


def pours(environ: dict[str, Any], piece: bytes, pause: float) -> None:
    """Send an answer that has no end, until the client gives up."""
    with suppress(OSError):
        environ["werkzeug.socket"].sendall(BEGINNING)
        until = time.monotonic() + LONGEST_HANG
        while time.monotonic() < until:
            environ["werkzeug.socket"].sendall(piece)
            time.sleep(pause)


def drop(environ: dict[str, Any]) -> Response:
    """Break the connection off; the answer goes nowhere."""
    with suppress(OSError):  # the client may have been faster
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response("", headers={"Connection": "close"})
