"""A bucket that speaks S3 as a shelf, by the obstore library.

Its calls hold up the whole process, so the web has it sign addresses only, which asks nobody anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast
from urllib.request import Request, urlopen

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from calls.shelf import Shelf, ShelfError
from config.storage import Bucket

CONNECT_WITHIN, ANSWER_WITHIN = timedelta(seconds=5), timedelta(seconds=30)
"""For one request; a large file goes in pieces of 5 MB, each a request."""

AT_ONCE = 4
"""Pieces on their way: each is in memory, and a small dyno has 512 MB."""

SIGNED_FOR = timedelta(minutes=5)
"""A signed address is used at once; the bucket's clock may be another."""

RETRIES, RETRIES_WITHIN = 2, timedelta(seconds=20)
PIECE = 1024 * 1024

FAULTS = (BaseError, OSError, ValueError)
"""What the library raises: errors of its own, and some of Python's."""


class BucketShelf(Shelf):
    """A bucket, addressed by path, as every server that speaks S3 allows."""

    def __init__(self, bucket: Bucket) -> None:
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            endpoint=bucket.endpoint,
            region=bucket.region,
            access_key_id=bucket.key,
            secret_access_key=bucket.secret,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.endpoint.startswith("http://"),
                "connect_timeout": CONNECT_WITHIN,
                "timeout": ANSWER_WITHIN,
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRIES_WITHIN},
        )

    def put(self, name: str, sound: BinaryIO, content_type: str) -> None:
        """Send it; what is large in pieces, of which nothing is to be seen until all are there."""
        sound.seek(0)
        with _told(name):
            kind = {"Content-Type": content_type}
            obstore.put(self._store, name, sound, attributes=kind, max_concurrency=AT_ONCE)

    @contextmanager
    def as_file(self, name: str) -> Iterator[Path]:
        """Fetch it into a file that is gone afterwards."""
        with NamedTemporaryFile(prefix="ringpath-") as file:
            with _told(name):
                for piece in obstore.get(self._store, name).stream(PIECE):
                    file.write(piece)
                file.flush()
            yield Path(file.name)

    def opened(self, name: str, start: int, stop: int) -> BinaryIO:
        """Ask for these bytes at a signed address, over a socket of Python's, and for the rest as it is read."""
        with _told(name):
            address = obstore.sign(self._store, "GET", name, SIGNED_FOR)
            wanted = Request(address, headers={"Range": f"bytes={start}-{stop - 1}"})  # noqa: S310  (ours)
            answer = urlopen(wanted, timeout=ANSWER_WITHIN.total_seconds())  # noqa: S310
            if answer.status != HTTPStatus.PARTIAL_CONTENT:
                answer.close()
                raise ShelfError(f"{name}: the bucket does not give a part of it")
        return cast(BinaryIO, answer)

    def remove(self, name: str) -> None:
        """Delete it; S3 says the same of what is not there, so "not found" means the bucket."""
        with _told(name):
            obstore.delete(self._store, name)


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Say what went wrong in one line: the library's messages go on with its inner life."""
    try:
        yield
    except FAULTS as error:
        raise ShelfError(f"{name}: {str(error).strip().partition(chr(10))[0][:300]}") from error
