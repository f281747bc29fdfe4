"""Calls as the provider's REST API tells of them (twiml.md section 3), parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from voice.webhook import OVER, count_of


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderCall:
    """A call, or the leg that was dialled for the call `parent`; `seconds` from its answer to its end, 0 without one.

    `direction` is inbound, outbound-api, outbound-dial, trunking-terminating or trunking-originating.
    """

    sid: str
    status: str
    from_: str
    to: str
    direction: str
    parent: str | None
    started_at: datetime | None
    ended_at: datetime | None
    seconds: int

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self.status in OVER

    @property
    def incoming(self) -> bool:
        """Whether somebody called us, and we did not call."""
        return self.direction in {"inbound", "trunking-originating"}


@dataclass(frozen=True, kw_only=True, slots=True)
class CallPage:
    """A page of a list of calls; `here` and `next`, "" after the last, are places to go on with the list."""

    calls: tuple[ProviderCall, ...]
    here: str
    next: str


def read_call(fields: Mapping[str, Any]) -> ProviderCall:
    """Read the fields of a call; raises LookupError when they are none."""
    return ProviderCall(
        sid=str(fields["sid"]),
        status=_text(fields, "status"),
        from_=_text(fields, "from"),
        to=_text(fields, "to"),
        direction=_text(fields, "direction"),
        parent=_text(fields, "parent_call_sid") or None,
        started_at=_moment(_text(fields, "start_time")),
        ended_at=_moment(_text(fields, "end_time")),
        seconds=count_of(_text(fields, "duration")) or 0,
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    return "" if value is None else str(value)


def _moment(text: str) -> datetime | None:
    """Read a time in RFC 2822 format, None when there is none; one without a zone is UTC."""
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
