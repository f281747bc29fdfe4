"""What the simulator writes down."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One thing that happened in a call, `at_seconds` after it began; `who` is a device, empty for the caller's end."""

    at_seconds: float
    kind: str
    text: str
    who: str = ""


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """One request to the application and its answer; `status_code` 0 means that none came."""

    url: str
    method: str
    params: Mapping[str, str]
    status_code: int
    text: str
    headers: Mapping[str, str]
    token: str = ""  # the request's I-Twilio-Idempotency-Token


@dataclass(frozen=True, kw_only=True)
class Document:
    """One answer that was meant to be played."""

    url: str
    text: str
    status: int
    content_type: str
