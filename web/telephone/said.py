"""What happens in a call, line by line, in the reader's language."""

from __future__ import annotations

from typing import Any

from config.company import Company
from simulator.records import Line
from web.looks import duration, phone
from web.telephone.books import device
from web.words import _, lazy

YOU, LINE = "you", "line"
"""Who does something, where it is no device."""

SPOKEN = frozenset({"say", "error"})
"""Kinds that are words; read aloud as they stand, and never translated."""

# kind → who, where the line names no device; what the caller's end is told; what is told of a device
_LINES: dict[str, tuple[str, str, str]] = {
    "dial": (YOU, lazy("dial %(text)s"), ""),
    "answer": (LINE, lazy("The line answers."), ""),
    "play": (LINE, lazy("♪ Music"), lazy("hears music")),
    "tones": (LINE, lazy("Tones: %(text)s"), ""),
    "beep": (LINE, lazy("Beep"), ""),
    "key": (YOU, lazy("press %(text)s"), lazy("presses %(text)s")),
    "lost": (YOU, lazy("%(text)s was pressed too early, and is lost"), lazy("%(text)s is lost")),
    "speak": (YOU, lazy("speak for %(text)s"), ""),
    "silence": (YOU, lazy("say nothing for %(text)s"), ""),
    "recorded": (LINE, lazy("Recorded: %(text)s"), ""),
    "hang up": (YOU, lazy("hang up"), lazy("hangs up")),
    "ring": (LINE, "", lazy("rings")),
    "pick up": (LINE, "", lazy("picks up")),
    "mailbox": (LINE, "", lazy("its mailbox picks up")),
    "talk": (LINE, "", lazy("is put through to you")),
    "declined": (LINE, "", lazy("is not put through")),
    "reject": (LINE, lazy("The call is declined before it is answered."), ""),
    "busy": (LINE, "", lazy("is busy")),
    "no-answer": (LINE, "", lazy("is not answered")),
    "canceled": (LINE, "", lazy("rings no more")),
    "failed": (LINE, "", lazy("cannot be reached")),
    "end": (LINE, lazy("The call is over."), ""),
}
"""Kinds that are not here (pauses, what Dial reports, the end of a leg that talked) say nothing new."""


def line(happened: Line, company: Company) -> dict[str, Any] | None:
    """Describe one line; None for what says nothing to a person."""
    if happened.kind in SPOKEN:
        return _written(happened, LINE, company, happened.text) | {"aloud": not happened.who}
    who, of_caller, of_device = _LINES.get(_kind(happened), ("", "", ""))
    text = str(of_device if happened.who else of_caller)
    if not text:
        return None
    return _written(happened, who, company, text % {"text": _shown(happened)})


def _kind(happened: Line) -> str:
    """Name the kind; how a device ended is one of its own, and so is a mailbox that picks up."""
    if happened.who and happened.kind == "end":
        return happened.text
    return "mailbox" if happened.kind == "pick up" and happened.text else happened.kind


def _shown(happened: Line) -> str:
    return phone(happened.text) if happened.kind == "dial" else happened.text


def _written(happened: Line, who: str, company: Company, text: str) -> dict[str, Any]:
    found = device(company, happened.who) if happened.who else None
    name = f"{found.name} ({found.kind})" if found else {YOU: _("You"), LINE: _("Line")}.get(who, "")
    side = "device" if found else who
    return {
        "at": duration(happened.at_seconds),
        "who": side,
        "name": name,
        "text": text,
        "said": happened.kind in SPOKEN,
    }
