"""How providers prove that a request is theirs, written from their descriptions."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Unsigned:
    """A request that is about to be sent; `params` are those of a form, `body` is what is posted."""

    url: str
    params: Mapping[str, str] | None
    body: bytes
    now: datetime
    header: str
    key: str


def proof(signs: str, request: Unsigned) -> dict[str, str]:
    """The headers that prove a request."""
    return _PROOFS[signs](request)


def sign(token: str, url: str, params: Mapping[str, str | Iterable[str]] | None = None) -> str:
    """Base64 of HMAC-SHA1 over the URL and the sorted names and values.

    The URL is taken as it was requested, without its fragment. Values of a repeated name are de-duplicated and
    sorted. For GET, and for bodies that are not forms, leave `params` out: everything is in the URL.
    Source: twilio.com/docs/usage/security.
    """
    parts = [url.partition("#")[0]]
    for name, value in sorted((params or {}).items()):
        if isinstance(value, str):
            parts += (name, value)
        else:
            parts += (name + each for each in sorted(set(value)))
    text = "".join(parts)
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")


def _hmac(request: Unsigned) -> dict[str, str]:
    return {request.header: sign(request.key, request.url, request.params)}


def _ed25519(request: Unsigned) -> dict[str, str]:
    """Ed25519 over `timestamp|body`; the key is the private one in base64 (developers.telnyx.com, callbacks)."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # only where one signs so

    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(request.key))
    stamp = str(int(request.now.timestamp()))
    signature = key.sign(stamp.encode() + b"|" + request.body)
    return {"telnyx-timestamp": stamp, request.header: base64.b64encode(signature).decode("ascii")}


def _bearer(request: Unsigned) -> dict[str, str]:
    return {request.header: f"Bearer {request.key}"}


_PROOFS: Mapping[str, Callable[[Unsigned], dict[str, str]]] = {
    "hmac": _hmac,
    "ed25519": _ed25519,
    "bearer": _bearer,
}
