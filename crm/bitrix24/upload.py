"""A file as multipart/form-data, read piece by piece while it is sent: recordings may be larger than the memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from crm.crm import CrmError, Sound

KINDS = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
PIECE = 64 * 1024


class Upload:
    """The body of a request with one file; a context manager.

    Raises CrmError when the file cannot be read, and when it is not sent `within` so many seconds: rq would end the job
    later, and with it what others wait for.
    """

    def __init__(self, field: str, sound: Sound, *, within: float) -> None:
        self._within = within
        self._until: float | None = None  # from the first byte on: it may have to wait for the gate
        self._file, self._boundary = Path(sound.file), uuid4().hex
        kind = KINDS.get(Path(sound.name).suffix.lower(), "application/octet-stream")
        head = (
            f"--{self._boundary}\r\n"
            f'Content-Disposition: form-data; name="{_quoted(field)}"; filename="{_quoted(sound.name)}"\r\n'
            f"Content-Type: {kind}\r\n\r\n"
        )
        self._head, self._tail = BytesIO(head.encode()), BytesIO(f"\r\n--{self._boundary}--\r\n".encode())
        self.content_type = f"multipart/form-data; boundary={self._boundary}"

    def __enter__(self) -> Self:
        try:
            self._sound = self._file.open("rb")
            self._size = self._file.stat().st_size
        except OSError as error:
            raise CrmError(f"the recording cannot be read: {error.strerror}", permanent=True) from None
        self._parts = [self._head, self._sound, self._tail]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sound.close()

    def __len__(self) -> int:
        """The length of the whole body, for Content-Length: many portals do not take chunks."""
        return len(self._head.getvalue()) + self._size + len(self._tail.getvalue())

    def read(self, size: int = -1) -> bytes:
        """Read on."""
        if self._until is None:
            self._until = time.monotonic() + self._within
        elif time.monotonic() > self._until:
            raise CrmError(f"the recording could not be sent within {self._within:g} s")
        while self._parts:
            piece = self._parts[0].read(size)
            if piece:
                return piece
            self._parts.pop(0)
        return b""

    def __iter__(self) -> Iterator[bytes]:
        """Read it all, in pieces."""
        while piece := self.read(PIECE):
            yield piece


def _quoted(text: str) -> str:
    """A name within quotes; nothing in it may end them, or the line."""
    return "".join("_" if c in '"\\' or not c.isprintable() else c for c in text)
