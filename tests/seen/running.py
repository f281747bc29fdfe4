"""Real processes of one run, whose output is read as it comes; and what they ask, which says no."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from simulator.signature import sign
from tests.moments import ROOT

PATIENCE = 90.0
"""Seconds for what takes one or two when all is well."""


class Process:
    """A process of ours, whose output a thread reads: nobody who writes a lot is held up."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        self._heard: list[str] = []
        self._came = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    @property
    def said(self) -> str:
        """All whole lines that it has written, on both of its outputs."""
        with self._came:
            return "".join(self._heard)

    def says(self, pattern: str, times: int = 1) -> list[str]:
        """Wait until lines of the output match so often; the first group of each match, or all of it."""
        wanted, found, seen = re.compile(pattern), list[str](), 0

        def enough() -> bool:
            nonlocal seen
            for line in self._heard[seen:]:
                found.extend(wanted.findall(line))
            seen = len(self._heard)
            return self._over or len(found) >= times

        with self._came:
            self._came.wait_for(enough, PATIENCE)
            ours = "".join(line for line in self._heard if '"logger": "rq.' not in line)
            assert len(found) >= times, f"never said {pattern!r}, but:\n{ours[-6_000:]}"
        return found

    def end(self) -> None:
        """Stop it as a host does, and hear what it says to that."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(PATIENCE)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                with self._came:
                    self._heard.append(line.decode(errors="replace"))
                    self._came.notify_all()
        with self._came:
            self._over = True
            self._came.notify_all()

    @property
    def records(self) -> list[dict[str, Any]]:
        """Its lines, each of which must be a JSON object."""
        return [json.loads(line) for line in self.said.splitlines()]


class Web:
    """The web of one run as the provider, Prometheus and everybody else see it."""

    def __init__(self, address: str, public_url: str, token: str) -> None:
        self._address, self._public_url, self._token = address, public_url, token

    @property
    def host(self) -> str:
        """Where it listens."""
        return self._address.partition("://")[2]

    def signed(self, path: str, form: Mapping[str, str]) -> dict[str, str]:
        """The header that a webhook of the provider's has."""
        return {"X-Twilio-Signature": sign(self._token, self._public_url + path, form)}

    def webhook(self, path: str, form: Mapping[str, str]) -> str:
        """POST a signed webhook; what is answered."""
        return self.ask(path, urlencode(form).encode(), self.signed(path, form))

    def ask(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> str:
        """Ask for anything; every connection is a new one."""
        request = Request(self._address + path, body, {"Connection": "close", **(headers or {})})
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                text: str = answer.read().decode()
        except HTTPError as refusal:  # an answer like any other
            with refusal:
                return f"{refusal.code} {refusal.read().decode()}"
        return text


class Sentry:
    """A stand-in for Sentry: keeps the events that it is sent."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.raw = ""
        self._came = threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        """Take one envelope: a header, then for each item a header and the item, a line each."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        if environ.get("HTTP_CONTENT_ENCODING") == "gzip":
            body = gzip.decompress(body)
        lines = body.decode().splitlines()
        with self._came:
            self.raw += body.decode()
            kinds = zip(lines[1::2], lines[2::2], strict=False)
            self.events += [json.loads(item) for head, item in kinds if json.loads(head)["type"] == "event"]
            self._came.notify_all()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "2")])
        return [b"{}"]

    def event(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for an event."""
        with self._came:
            assert self._came.wait_for(lambda: any(map(fits, self.events)), PATIENCE), self.events
            return next(filter(fits, self.events))


NOBODY_RANG = "CA-plain"
"""The one call of which the provider tells: nobody was dialled for it."""


class Unwilling:
    """A provider's REST API that says no to everything else, and quotes what it was shown."""

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        """Answer one request."""
        said: dict[str, Any] = {"message": f"Authenticate: {environ.get('HTTP_AUTHORIZATION')}", "code": 20003}
        status = "500 Internal Server Error"
        if NOBODY_RANG in environ["QUERY_STRING"]:
            status, said = "200 OK", {"calls": []}
        body = json.dumps(said).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]
