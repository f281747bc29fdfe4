"""Outcomes: how a call ended, and the code that stands for it in call details and in the CRM (bitrix24.md 3)."""

from __future__ import annotations

from typing import Literal, NamedTuple

Outcome = Literal["answered", "forwarded", "voicemail", "missed", "abandoned", "closed", "blocked"]


class Meaning(NamedTuple):
    """The code of an outcome, the rule by which a call gets it, and whether somebody should call back."""

    code: str
    rule: str
    call_back: bool


OUTCOMES: dict[Outcome, Meaning] = {
    "blocked": Meaning("423", "the caller is on the block list, and was declined", call_back=False),
    "answered": Meaning("200", "an employee spoke to the caller on one of his devices", call_back=False),
    "forwarded": Meaning("200", "a forward was answered: an employee's mobile or an outside number", call_back=False),
    "voicemail": Meaning("304", "nobody answered, and the caller left a message with something in it", call_back=True),
    "abandoned": Meaning("603-S", "the caller hung up before anybody answered", call_back=True),
    "closed": Meaning("480", "out of hours: declined, or sent away without anybody being rung", call_back=True),
    "missed": Meaning("304", "everybody who was to be rung was tried, and nobody answered", call_back=True),
}
"""In the order in which they are tried: a call has the first whose rule fits."""

MISSED_CODES = {
    "402": "the forward that was to take the call could not be paid for",
    "486": "whoever was to be rung was busy",
    "480": "nobody was there to be rung",
    "304": "those rung did not answer",
}
"""Why a call was missed, the first that fits; 304 else."""

CALL_BACK = tuple(name for name, meaning in OUTCOMES.items() if meaning.call_back)
GOT_THROUGH = ("answered", "forwarded")
