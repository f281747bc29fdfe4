"""The REST stand-in over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from simulator import RestApp


class _Handler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def serving_api(rest: RestApp) -> Iterator[str]:
    """Serve it on a free port of this machine; gives the address. At the end every outage is mended."""
    server = make_server("127.0.0.1", 0, rest, threaded=True, request_handler=_Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        rest.mend()
        server.shutdown()
        thread.join()
        server.server_close()
