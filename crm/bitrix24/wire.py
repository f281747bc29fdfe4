"""One request over HTTP: sent, read within limits, and its JSON parsed once. Nothing secret gets into an error.

Messages are made of our own words only: those of requests name the address, and with it the token of an upload or the
client's secret.
"""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError as TransportError
from urllib3.exceptions import MaxRetryError, NewConnectionError

from crm.bitrix24.errors import PortalError, of_answer, of_no_json

HEADERS = {"Accept": "application/json", "User-Agent": "Ringpath"}

MOST_ANSWER = 4 * 1024 * 1024
PIECE = 64 * 1024

MOST_CONNECTIONS = 50
"""Kept open per host: as many look-ups as one process has under way (crm.lookup)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Seconds to wait for the gate, for a connection, and for a whole answer; `urgent` while a caller waits."""

    gate: float
    connect: float
    answer: float
    urgent: bool = False


def session() -> requests.Session:
    """Make a session: connections are reused, cookies are not, REQUESTS_CA_BUNDLE counts."""
    # With LOG_LEVEL=DEBUG, it would write down every address with its query, and in that are tokens and the secret.
    logging.getLogger("urllib3").setLevel(logging.INFO)
    made = requests.Session()
    made.headers.update(HEADERS)
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
    for scheme in ("https://", "http://"):
        made.mount(scheme, HTTPAdapter(pool_maxsize=MOST_CONNECTIONS))
    return made


def ask(using: requests.Session, what: str, patience: Patience, method: str, url: str, **content: Any) -> Any:
    """Send a request and return the JSON object of the answer; raises PortalError. `what` names it in messages."""
    try:
        with using.request(
            method,
            url,
            timeout=(patience.connect, patience.answer),
            auth=_as_nobody,
            allow_redirects=False,
            stream=True,
            **content,
        ) as answer:
            status, text = answer.status_code, _read(answer, what, patience.answer)
    except (OSError, TransportError) as error:  # those of requests are OSErrors
        # Not `from error`: its text may hold a secret, and a log would print it.
        raise _lost(what, error) from None
    return _understood(what, status, text)


def _understood(what: str, status: int, text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise of_no_json(what, status)
    if "error" in body:
        raise of_answer(what, status, body)
    if status != 200:
        raise of_no_json(what, status)
    return body


def _read(answer: requests.Response, what: str, within: float) -> bytes:
    """Read an answer as it arrives; one that comes in drips must not keep us for ever."""
    began, pieces, size = time.monotonic(), [], 0
    while piece := answer.raw.read1(PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_ANSWER or time.monotonic() - began > within:
            raise PortalError(f"{what}: the answer has no end", down=True, unsure=True)
    return b"".join(pieces)


def _as_nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add no credentials; without this, some might be taken from the machine's .netrc."""
    return request


def _lost(what: str, error: Exception) -> PortalError:
    """Say in our own words how a request was lost, and whether it may have arrived."""
    if isinstance(error, requests.exceptions.SSLError):
        problem = "its certificate is not trusted; REQUESTS_CA_BUNDLE names a file of those that are"
        return PortalError(f"{what}: {problem}", down=True)
    if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
        return PortalError(f"{what}: it cannot be reached", down=True)
    if isinstance(error, requests.Timeout):
        return PortalError(f"{what}: it did not answer in time", down=True, unsure=True)
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError | TransportError):
        return PortalError(f"{what}: the connection broke off", down=True, unsure=True)
    if not isinstance(error, requests.RequestException):
        problem = "REQUESTS_CA_BUNDLE, or another file that it needs, cannot be read"
        return PortalError(f"{what}: {problem}", permanent=True, unconnected=True)
    return PortalError(f"{what}: {type(error).__name__}", permanent=True)


def _never_connected(error: Exception) -> bool:
    reason = error.args[0] if error.args else None
    return isinstance(reason, MaxRetryError) and isinstance(reason.reason, NewConnectionError)


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port of an address: what has to be the same for a secret to be sent there."""
    try:
        address = urlsplit(url)
        port = address.port or {"https": 443, "http": 80}.get(address.scheme)
    except ValueError:
        return url, None, None
    return address.scheme, address.hostname, port
