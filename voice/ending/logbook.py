"""What the log says of every call: one line when it arrives, and one when it is over. The trace has all between."""

from __future__ import annotations

import logging

from calls.details import CallDetails
from config.company import Company
from flows.calls import Call

log = logging.getLogger("ringpath.calls")

WITHHELD = "a withheld number"


def arrives(call: Call, company: Company) -> None:
    """Say that a call has come; again where the provider sends that again."""
    if call.number is None:
        log.warning("call %s to %r: none of our numbers; apologised", call.id, call.called)
    elif log.isEnabledFor(logging.INFO):
        log.info("%s calls %s", call.caller or WITHHELD, _number(call.number, company))


def is_over(details: CallDetails, company: Company) -> None:
    """Say how a call went, as far as is known at its end: what is told later may settle it otherwise."""
    if log.isEnabledFor(logging.INFO):
        seconds = round((details.ended_at - details.started_at).total_seconds())
        who, outcome = details.caller or WITHHELD, f"{details.outcome} ({details.code})"
        log.info(
            "over after %d s: %s called %s: %s, %d s of talk",
            *(seconds, who, _number(details.number, company), outcome, details.talk_seconds),
        )


def _number(number: str, company: Company) -> str:
    """Name one of our numbers: the log keeps but the ends of its digits."""
    known = company.numbers.get(number)
    return f"{number} ({known.name})" if known else number
