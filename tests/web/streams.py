"""A browser that listens to server-sent events over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import requests


class Stream:
    """One that is open: `status`, and the messages as they come."""

    def __init__(self, url: str, cookie: str = "", patience: float = 10.0) -> None:
        self.answer = requests.get(
            url, headers={"Cookie": cookie}, stream=True, timeout=(5, patience), allow_redirects=False
        )
        self.status = self.answer.status_code
        self._lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)

    def events(self) -> Iterator[tuple[str, str]]:
        """Each event's name ("message" unless it has one, "" for a comment) and its data."""
        name, data = "message", ""
        for line in self._lines:
            if line.startswith(":"):
                yield "", line[1:].strip()
            elif line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                data = line.removeprefix("data: ")
            elif not line and data:
                yield name, data
                name, data = "message", ""

    def next(self) -> dict[str, str]:
        """The parts of the next message."""
        return self.until(lambda parts: True)

    def until(self, wanted: Any) -> dict[str, str]:
        """Read on until a message has what is wanted."""
        for name, data in self.events():
            if name == "message":
                parts: dict[str, str] = json.loads(data)["parts"]
                if wanted(parts):
                    return parts
        raise AssertionError("the stream has ended")

    def close(self) -> None:
        """Close the browser."""
        self.answer.close()
