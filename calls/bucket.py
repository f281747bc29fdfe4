"""A bucket that speaks S3 as a shelf, by the obstore library. For jobs and commands: the web never loads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from calls.shelf import Shelf, ShelfError
from config.storage import Bucket

CONNECT_WITHIN, ANSWER_WITHIN = timedelta(seconds=5), timedelta(seconds=30)
"""For one request; a large file goes in pieces of 5 MB, each a request."""

AT_ONCE = 4
"""Pieces on their way: each is in memory, and a small dyno has 512 MB."""

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
