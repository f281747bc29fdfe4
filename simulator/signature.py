"""The provider's request signature, written from its description."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping


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
