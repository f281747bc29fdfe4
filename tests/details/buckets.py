"""A server that speaks S3, on this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from moto.server import ThreadedMotoServer

from config.environment import LOCAL_HOSTS
from config.storage import Storage, storage


@contextmanager
def bucket_server(name: str = "calls") -> Iterator[str]:
    """Serve an empty bucket; gives its RECORDINGS_URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells of each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        requests.post(f"http://{host}:{port}/moto-api/reset", timeout=5).raise_for_status()
        requests.put(f"http://{host}:{port}/{name}", timeout=5).raise_for_status()
        yield f"s3+http://key:secret@{host}:{port}/{name}"
    finally:
        server.stop()


def read(url: str) -> Storage:
    """Read a RECORDINGS_URL."""
    return storage(url, LOCAL_HOSTS)


def listed(url: str) -> list[str]:
    """The names of all that is in the bucket, and of what was begun and not finished."""
    address = url.replace("s3+http://key:secret@", "http://")
    address = "/".join(address.split("/")[:4])
    found = requests.get(address, params={"list-type": "2"}, timeout=5).text
    begun = requests.get(address, params={"uploads": ""}, timeout=5).text
    return [part.partition("</Key>")[0] for text in (found, begun) for part in text.split("<Key>")[1:]]
