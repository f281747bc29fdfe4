"""What the provider sent with a webhook, as plain names and values, whatever form it came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Request
from flask.globals import request_ctx
from werkzeug.datastructures import CombinedMultiDict, MultiDict

_DISPOSITIONS = {
    "ANSWER": "completed",
    "BUSY": "busy",
    "CANCEL": "canceled",
    "NOANSWER": "no-answer",
    "FAILED": "failed",
    "CONGESTION": "failed",
}
"""How a call ended in a call detail record (Cloudonix: apiWorkflow/apiCallDetailReports) → CallStatus."""


def provider_params() -> MultiDict[str, str]:
    """What the provider sent: the form or the JSON, and with GET the query."""
    asked = request_ctx.request  # not by the proxy, which looks for it each time
    sent = sent_with(asked)
    return sent if asked.method == "POST" else CombinedMultiDict([sent, asked.args])


def sent_with(asked: Request) -> MultiDict[str, str]:
    """What stands in the body of a request: a form, or JSON."""
    form = asked.form  # first, because it has been read by now
    return form if form or not asked.is_json else MultiDict(flat(asked.get_json(silent=True)))


def flat(found: Any) -> dict[str, str]:
    """Take the plain values out of a JSON object: Cloudonix posts one, with more about the call nested in it.

    Its record of a call that has ended becomes the parameters of any other end. Anything but an object is nothing.
    """
    if not isinstance(found, dict):
        return {}
    if "CallSid" not in found and "disposition" in found:
        return _ended(found)
    return {name: text for name, value in found.items() if (text := _plain(value)) is not None}


def _ended(record: Mapping[str, Any]) -> dict[str, str]:
    """Read a call detail record: webhooks call the session's token CallSid."""
    session = record.get("session")
    token = session.get("token") if isinstance(session, dict) else None
    disposition = str(record.get("disposition")).upper().replace(" ", "")
    read = {
        "CallSid": token,
        "From": record.get("from"),
        "To": record.get("to"),
        "CallStatus": _DISPOSITIONS.get(disposition, "failed"),
        "CallDuration": record.get("billsec"),
    }
    return {name: text for name, value in read.items() if (text := _plain(value)) is not None}


def _plain(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
