"""Webhooks as records: what the provider sent, parsed once, at the door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import uuid4

from config.company import Company
from config.telephone import caller_of
from flows.calls import Arrived, Call, DialEnded, Event, Gone, Keys, MessageLeft, Silence
from flows.places import AtEmployee, AtForward, AtGroup, AtMessage, Entrance, Place
from voice.profiles import OVER, Profile

__all__ = ["OVER", "call_of", "count_of", "event_of"]

Params = Mapping[str, str]


def call_of(params: Params, query: Params, company: Company) -> Call:
    """Make the record of the call that a webhook is about.

    Our own query says which number was called and, on a callee's leg, which call it belongs to and who calls; the
    provider's To, CallSid and From mean the callee there, and what he is shown.
    """
    called = params.get("To") or params.get("Called") or ""
    number = query.get("number") or company.number_called(called)
    from_ = query.get("caller", "") if query.get("call") else params.get("From") or params.get("Caller") or ""
    return Call(
        id=(query.get("call") or params.get("CallSid") or f"nameless-{uuid4()}")[:128],
        number=number if number in company.numbers else None,
        caller=caller_of(from_, company.country),
        called=called.replace("\0", "")[:254],  # which PostgreSQL takes into no text
        over_sip=from_.lower().startswith("sip"),
        revision=company.revision,
    )


def event_of(place: Place, params: Params, profile: Profile) -> Event:
    """Tell what has happened at a place; odd or missing parameters count as nobody and nothing."""
    return _EVENTS.get(type(place), _typed)(params, profile)


def _typed(params: Params, _: Profile) -> Event:
    digits = params.get("Digits", "")
    return Keys(digits) if digits else Silence()


def _arrived(_: Params, __: Profile) -> Event:
    return Arrived()


def _dialled(params: Params, profile: Profile) -> Event:
    said = params.get("DialBridged")
    ended = DialEnded(
        params.get("DialCallStatus") or params.get(profile.dial_status) or "failed",
        None if said is None else said == "true",
        count_of(params.get("DialCallDuration")),
        params.get("DialCallSid", "")[:128],
    )
    if params.get("CallStatus") in profile.gone:
        return Gone(spoke=ended if ended.answered else None)
    return ended


def _recorded(params: Params, _: Profile) -> Event:
    seconds = count_of(params.get("RecordingDuration")) or 0
    return MessageLeft(seconds, params.get("RecordingSid", "")[:128], params.get("RecordingUrl", "")[:500])


def count_of(text: str | None) -> int | None:
    """Read a count such as seconds; None when it is none, or too long to be one."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else None


_EVENTS: dict[type[Place], Callable[[Params, Profile], Event]] = {
    Entrance: _arrived,
    AtEmployee: _dialled,
    AtGroup: _dialled,
    AtForward: _dialled,
    AtMessage: _recorded,
}
