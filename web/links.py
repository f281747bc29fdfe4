"""Links that let somebody choose a password: signed, good for a while, and once only."""

from __future__ import annotations

import hashlib

from itsdangerous import BadSignature, URLSafeTimedSerializer

from calls.users import User

LIVES = 3 * 86_400
"""Seconds: over a weekend."""

_RESET, _WELCOME = "ringpath-reset", "ringpath-welcome"


def reset_token(secret: str, user: User) -> str:
    """Sign a link for a user; it is void as soon as his password changes, and so after its first use."""
    return _signer(secret, _RESET).dumps({"user": user.id, "stamp": _stamp(user)})


def user_of_reset(secret: str, token: str) -> int | None:
    """Return whose link a token is, None when it was made by nobody here or is too old."""
    found = _read(secret, _RESET, token)
    return int(found["user"]) if found else None


def fits(secret: str, token: str, user: User) -> bool:
    """Tell whether a link was made for a user as he is now."""
    found = _read(secret, _RESET, token)
    return found is not None and found["stamp"] == _stamp(user)


def welcome_token(secret: str) -> str:
    """Sign the link that makes the first administrator; void as soon as there is a user."""
    return _signer(secret, _WELCOME).dumps({})


def is_welcome(secret: str, token: str) -> bool:
    """Tell whether a token is such a link."""
    return _read(secret, _WELCOME, token) is not None


def _signer(secret: str, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=purpose)


def _read(secret: str, purpose: str, token: str) -> dict[str, str] | None:
    try:
        found: dict[str, str] = _signer(secret, purpose).loads(token, max_age=LIVES)
    except BadSignature:
        return None
    return found


def _stamp(user: User) -> str:
    return hashlib.sha256(f"{user.id} {user.name} {user.password} {user.active}".encode()).hexdigest()[:16]
