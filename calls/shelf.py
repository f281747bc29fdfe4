"""Where the sound of recordings is kept: a folder, or a bucket (calls.bucket). Every method raises ShelfError.

A name is that of one recording for ever, so that keeping it twice is keeping it once.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from calls.database import PRIVATE, VAR
from config.storage import Bucket, Folder, Storage

RECORDINGS = VAR / "recordings"
"""Where they are kept unless RECORDINGS_URL says otherwise."""

PLAIN = re.compile(r"(?:[A-Z]{2})?[0-9a-f][0-9a-f-]{0,63}")
"""An id as providers make them: two letters and hexadecimal digits, or a UUID."""

DIGITS = 40
"""Of the digest that stands for any other id."""


class ShelfError(Exception):
    """What was asked could not be done now; the message says why."""


class Shelf(Protocol):
    """Keeps files by name."""

    def put(self, name: str, sound: BinaryIO, content_type: str) -> None:
        """Keep a file (read from its beginning), whole or not at all, instead of one that has the name."""
        ...

    def as_file(self, name: str) -> AbstractContextManager[Path]:
        """Lend a file of this disk with what is kept under a name; it is not to be changed."""
        ...

    def opened(self, name: str, start: int, stop: int) -> BinaryIO:
        """Open what is kept under a name for reading from byte `start` on, up to `stop`; whoever asked closes it.

        Nothing of it is in memory, and it waits as a socket of Python waits: a web process can serve others meanwhile.
        """
        ...

    def remove(self, name: str) -> None:
        """Keep it no longer; nothing happens when there is no such file."""
        ...


def name_of(recording_id: str, recorded_at: datetime, suffix: str) -> str:
    """Name a recording, such as 2026/11/RE0a….wav; whatever the provider calls it, the name stays in its folder."""
    safe = PLAIN.fullmatch(recording_id)
    stem = recording_id if safe else "x-" + hashlib.sha256(recording_id.encode()).hexdigest()[:DIGITS]
    return f"{recorded_at.astimezone(UTC):%Y/%m}/{stem}{suffix}"


def shelf_of(storage: Storage | None) -> Shelf:
    """Make the shelf that RECORDINGS_URL names, or the folder under var/; nothing is asked or made yet."""
    chosen = storage or Folder(path=RECORDINGS)
    return _SHELVES[type(chosen)](chosen)


class FolderShelf(Shelf):
    """A folder.

    Our own, because obstore's leaves another unfinished file behind each time that it is killed while it writes.
    """

    def __init__(self, folder: Folder) -> None:
        self._root = folder.path

    def put(self, name: str, sound: BinaryIO, content_type: str) -> None:  # noqa: ARG002
        """Write it beside its place, and move it there when it is safely on the disk."""
        place = self._place(name)
        unfinished = place.with_name(place.name + ".part")
        with _told(name):
            self._root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            sound.seek(0)
            try:
                with unfinished.open("wb") as file:
                    shutil.copyfileobj(sound, file)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(place)
            except OSError:  # on a disk that is full the half of it would be in the way of everybody else
                unfinished.unlink(missing_ok=True)
                raise

    @contextmanager
    def as_file(self, name: str) -> Iterator[Path]:
        """Lend the file itself."""
        place = self._place(name)
        if not place.is_file():
            raise ShelfError(f"{name}: there is no such file in {self._root}")
        yield place

    def opened(self, name: str, start: int, stop: int) -> BinaryIO:  # noqa: ARG002
        """Open the file itself, which goes on after `stop`."""
        place = self._place(name)
        with _told(name):
            file = place.open("rb")
            file.seek(start)
        return file

    def remove(self, name: str) -> None:
        """Remove it, and what a killed worker may have left of it."""
        place = self._place(name)
        with _told(name):
            for file in (place, place.with_name(place.name + ".part")):
                file.unlink(missing_ok=True)

    def _place(self, name: str) -> Path:
        if name.startswith("/") or ".." in name.split("/"):
            raise ShelfError(f"{name}: leads out of the folder")
        return self._root / name


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ShelfError(f"{name}: {error.strerror or error}") from error


def _bucket(bucket: Bucket) -> Shelf:
    from calls.bucket import BucketShelf

    return BucketShelf(bucket)


_SHELVES: dict[type, Callable[..., Shelf]] = {Folder: FolderShelf, Bucket: _bucket}
"""The library for buckets is loaded only where there is one."""
