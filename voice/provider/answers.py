"""Answers of the provider's REST API, read within limits, and what goes wrong with them; nothing secret is in an error.

Messages are made of our own words: those of requests name the address with its query, and a recording may lie behind
one whose query is the key to it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import MaxRetryError, NewConnectionError, ReadTimeoutError

from voice.provider.errors import ProviderError

PIECE = 64 * 1024

REFUSED_WITHIN = 30.0
"""Seconds for the beginning of what is said to a refusal."""

MAY_PASS = frozenset({408, 425, 429})
"""Refusals after which asking again helps; a recording that is not ready yet adds 404 (twiml.md 2.4)."""

MOST_QUOTED = 200
"""Characters of an address, or of what the provider said, in a message."""

LOST = (
    (requests.exceptions.SSLError, "its certificate is not trusted; REQUESTS_CA_BUNDLE names a file of those that are"),
    (requests.ConnectTimeout, "it cannot be reached"),
    ((requests.Timeout, ReadTimeoutError), "it did not answer in time"),
    ((requests.ConnectionError, requests.exceptions.ChunkedEncodingError, TransportError), "the connection broke off"),
    (requests.RequestException, "it cannot be asked"),
    (OSError, "REQUESTS_CA_BUNDLE, or another file that is needed, cannot be read"),
)
"""How a request is lost, in our words; the first that fits."""


class _Session(requests.Session):
    """Prepares for no redirect: that would read all of its answer, however long, and fail at an odd address."""

    def resolve_redirects(self, *_arguments: Any, **_options: Any) -> Iterator[Any]:
        return iter(())


def session() -> requests.Session:
    """Make a session that follows no redirect, and writes no address into the log."""
    # At DEBUG it writes down every address with its query, and at WARNING that of an answer with an odd header.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    logging.getLogger("urllib3.connection").setLevel(logging.ERROR)
    return _Session()


def named(url: str) -> str:
    """Name an address in a message: its scheme, host and path, and no login, query or fragment."""
    try:
        address = urlsplit(url)
        host, port = address.hostname or "", address.port
    except ValueError:
        return "an address that cannot be read"
    place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    name = urlunsplit((address.scheme, place, address.path, "", ""))[:MOST_QUOTED]
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def lost(what: str, error: Exception) -> ProviderError:
    """Say in our own words how a request, named `what`, was lost."""
    if _never_connected(error):
        return ProviderError(f"{what}: it cannot be reached", permanent=False)
    problem = next(words for kind, words in LOST if isinstance(error, kind))
    return ProviderError(f"{what}: {problem}", permanent=False)


def _never_connected(error: Exception) -> bool:
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def need_success(answer: requests.Response, may_pass: frozenset[int] = MAY_PASS) -> None:
    """Raise ProviderError unless what was asked was done."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    said = _said(answer)
    permanent = 300 <= status < 500 and status not in may_pass
    raise ProviderError(f"{asked(answer)}: {status}{said and ' '}{said}", permanent=permanent)


def _said(answer: requests.Response) -> str:
    """Return the sentence of a refusal; "" for any that is not the REST API's own: file servers quote keys."""
    if "Authorization" not in answer.request.headers:
        return ""
    try:
        said = json.loads(next(pieces(answer, None, REFUSED_WITHIN), b""))["message"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return str(said)[:MOST_QUOTED]


def pieces(answer: requests.Response, most: int | None, within: float) -> Iterator[bytes]:
    """Read an answer as it arrives: at most so many bytes, in so many seconds."""
    began, size = time.monotonic(), 0
    # Not iter_content: it waits for a full piece, and an answer in drips would keep it for hours.
    while piece := answer.raw.read1(PIECE, decode_content=True):
        size += len(piece)
        if most is not None and size > most:
            raise too_large(answer, most)
        if time.monotonic() - began > within:
            raise ProviderError(f"{asked(answer)}: no whole answer in {within:g} s", permanent=False)
        yield piece


def too_large(answer: requests.Response, most: int) -> ProviderError:
    """Say that an answer is."""
    return ProviderError(f"{asked(answer)}: more than {most:,} bytes", permanent=True)


def asked(answer: requests.Response) -> str:
    """Name what was asked."""
    return f"{answer.request.method} {named(answer.url)}"
