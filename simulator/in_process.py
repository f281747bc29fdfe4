"""Requests to an application of this very process: no server, no port, no connection."""

import io
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.test import run_wsgi_app

from simulator.connections import ConnectionFailedError, HttpAnswer, answer_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

HERE = "http://localhost"
"""Where such an application is reached; any address would do."""


class InProcess:
    """Hands requests to a WSGI application and waits for the answer; the time limits are not watched.

    The application runs where the request is made, as it would in a test of its own. What it raises counts as no
    answer, as from a server.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def close(self) -> None:
        """There is nothing to let go of."""

    def request(
        self,
        url: str,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        connect_timeout: float,  # noqa: ARG002  (the interface's name)
        total_timeout: float,  # noqa: ARG002
    ) -> HttpAnswer:
        """Ask, once; ConnectionFailedError when the application raises."""
        try:
            content, status, found = run_wsgi_app(
                self._application, _environ(url, method, headers, body or b""), buffered=True
            )
        except Exception as error:
            raise ConnectionFailedError("protocol", type(error).__name__) from error
        return answer_of(int(status.partition(" ")[0]), list(found), b"".join(content))


def _environ(url: str, method: str, headers: Mapping[str, str], body: bytes) -> "WSGIEnvironment":
    """Write a request down as PEP 3333 wants it; RAW_URI is the address exactly as it is asked for."""
    address = urlsplit(url)
    path = address.path or "/"
    named = {name.upper().replace("-", "_"): value for name, value in headers.items()}
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": address.query,
        "RAW_URI": f"{path}?{address.query}" if address.query else path,
        "SERVER_NAME": address.hostname or "localhost",
        "SERVER_PORT": str(address.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": named.pop("CONTENT_TYPE", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": address.netloc,
        **{f"HTTP_{name}": value for name, value in named.items()},
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
