"""A tiny application under test: a threaded HTTP server that answers with scripted TwiML."""

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qsl, urlsplit

PUBLIC_URL = "https://acme.example.com"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request as the application saw it; `params` is the form of a POST, the query of a GET."""

    method: str
    path: str
    query: str
    params: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer."""

    body: str | bytes = ""
    status: int = 200
    content_type: str | None = "text/xml"
    headers: tuple[tuple[str, str], ...] = ()


Page = str | Reply | Callable[[Asked], "str | Reply"]


@dataclass
class Application:
    """Paths and what they answer: TwiML without its Response, a Reply, or a function of the request.

    A path may have a list of answers, given one after the other; the last one stays. `asked` is every request.
    """

    pages: dict[str, Page | list[Page]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connect_url: str = ""
    lock: Lock = field(default_factory=Lock)

    def answer(self, asked: Asked) -> Reply:
        with self.lock:
            self.asked.append(asked)
            page = self.pages.get(asked.path, Reply(status=404))
            if isinstance(page, list):
                page = page.pop(0) if len(page) > 1 else page[0]
        reply = page(asked) if callable(page) else page
        return Reply(body=f"<Response>{reply}</Response>") if isinstance(reply, str) else reply

    def to(self, path: str) -> list[Asked]:
        """The requests for one path."""
        return [asked for asked in self.asked if asked.path == path]

    def last(self, path: str) -> Mapping[str, str]:
        """The parameters of the latest request for one path."""
        return self.to(path)[-1].params


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    application: Application

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that had heard enough."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # one packet per answer
    server: _Server

    def do_GET(self) -> None:
        self.reply("GET", urlsplit(self.path).query)

    def do_POST(self) -> None:
        self.reply("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

    def reply(self, method: str, form: str) -> None:
        url = urlsplit(self.path)
        asked = Asked(
            method=method,
            path=url.path,
            query=url.query,
            params=dict(parse_qsl(form, keep_blank_values=True)),
            headers=dict(self.headers),
        )
        reply = self.server.application.answer(asked)
        body = reply.body if isinstance(reply.body, bytes) else reply.body.encode()
        self.send_response_only(reply.status)
        if reply.content_type is not None:
            self.send_header("Content-Type", reply.content_type)
        for name, value in reply.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


@contextmanager
def serving() -> Iterator[Callable[[Application], None]]:
    """A server on a free port of this machine; what it gives takes the application to serve from now on."""
    server = _Server(("127.0.0.1", 0), _Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def serve(application: Application) -> None:
        application.connect_url = f"http://127.0.0.1:{server.server_port}"
        server.application = application

    try:
        yield serve
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wav(seconds: float, rate: int = 8000) -> Reply:
    """A sound file that lasts so long."""
    data = b"\x80" * int(seconds * rate)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate, 1, 8)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(data)) + data
    return Reply(body=struct.pack("<4sI", b"RIFF", len(body)) + body, content_type="audio/x-wav")
