"""What is going on in a call, for the page to paint: everything that is shown, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from config.company import Company
from simulator.call import Call
from simulator.faults import Fault
from simulator.leg import Leg
from simulator.waiting import Gathering, Listening, Recording, Ringing, Screening, Talking, Waiting
from web.access import Permission
from web.looks import duration
from web.sessions import person
from web.telephone import said
from web.telephone.books import device
from web.trace import told
from web.words import _, lazy

if TYPE_CHECKING:
    from web.reception import Line

MOST_SHOWN = 200
"""Lines of what is heard, and of the trace; the last ones. A scene is sent whole after each change."""

Scene = dict[str, Any]


def of(line: Line) -> Scene:
    """Describe the call as it is now."""
    telephone, company = line.telephone, line.company
    call, waiting = telephone.call, telephone.call.waiting
    return {
        "state": type(waiting).__name__.lower(),
        "over": telephone.is_over,
        "status": _ended(call, company) if telephone.is_over else _STATUS[type(waiting)](waiting, company),
        "seconds": round(telephone.seconds, 1),
        "left": _left(waiting, call.now),
        "heard": [each for text in telephone.heard[-MOST_SHOWN:] if (each := said.line(text, company))],
        "devices": [_device(leg, waiting, company) for leg in _shown(call.legs, waiting)],
        "actions": _actions(waiting, call.now),
        "keys": not telephone.is_over,
        "trace": _trace(line),
        "faults": [
            str(fault) for fault in call.exchange.faults if not _is_far(fault, call.exchange.provider.public_url)
        ],
        "details": f"/calls/{call.sid}" if telephone.is_over and person().may(Permission.CALLS) else None,
        "language": _language(call.to, company),
    }


def _trace(line: Line) -> list[dict[str, str]]:
    notes = line.trace()[-MOST_SHOWN:]
    began = notes[0]["t"] if notes else 0
    return [{"at": duration((note["t"] - began) / 1000), "text": told(note, line.company)} for note in notes]


def _is_far(fault: Fault, public_url: str) -> bool:
    """Whether the complaint is of sound elsewhere: it is not fetched for a telephone that only shows its name."""
    return fault.code == "11200" and bool(fault.url) and not fault.url.startswith(public_url)


def _language(called: str, company: Company) -> str:
    number = company.numbers.get(company.number_called(called) or "")
    return (number.language if number else None) or company.language


def _left(waiting: Waiting, now: float) -> float | None:
    """Seconds until somebody's time is up, where somebody could still do something."""
    asks = waiting.inner if isinstance(waiting, Screening) else waiting
    if isinstance(asks, Gathering) and (asks.music or asks.speaking_until > now):
        return None
    if isinstance(asks, Gathering | Ringing | Recording):
        return round(max(asks.deadline - now, 0.0), 1)
    return None


# What is going on, in a sentence.


def _listening(waiting: Listening, _company: Company) -> str:
    if waiting.music:
        return _("On hold: music plays.")
    return _("You hear an announcement.")


def _gathering(waiting: Gathering, _company: Company) -> str:
    if waiting.music:
        return _("On hold: music plays, and a key may be pressed.")
    if waiting.digits:
        return _("Keys are wanted; so far %(keys)s.", keys=waiting.digits)
    return _("Keys are wanted.")


def _ringing(waiting: Ringing, company: Company) -> str:
    who = list(dict.fromkeys(device(company, leg.device).name for leg in waiting.legs))
    return _("It rings at %(who)s.", who=", ".join(who))


def _screening(waiting: Screening, company: Company) -> str:
    return _("%(who)s has picked up, and is asked to press 1.", who=device(company, waiting.leg.device).name)


def _talking(waiting: Talking, company: Company) -> str:
    return _("You are talking to %(who)s.", who=device(company, waiting.leg.device).name)


_STATUS: Mapping[type, Callable[[Any, Company], str]] = {
    Listening: _listening,
    Gathering: _gathering,
    Ringing: _ringing,
    Screening: _screening,
    Talking: _talking,
    Recording: lambda _waiting, _company: _("You are being recorded. # ends it."),
}


def _ended(call: Call, company: Company) -> str:
    """Say what became of the call, for a caller."""
    reached = [device(company, leg.device).name for leg in call.legs if leg.bridged]
    if reached:
        return _("The call is over: you spoke to %(who)s.", who=reached[-1])
    if call.spoken:
        return _("The call is over: you left a message.")
    return _("The call is over: you spoke to nobody.")


# What can be done, besides keys and hanging up.


def _actions(waiting: Waiting, now: float) -> list[dict[str, str]]:
    actions = []
    if isinstance(waiting, Recording):
        actions.append(_button("speak", _("Speak for 5 seconds")))
    if isinstance(waiting, Talking):
        actions.append(_button("finish", _("The other side hangs up")))
    text = _skip(waiting, now)
    if text:
        actions.append(_button("skip", text))
    if isinstance(waiting, Gathering | Listening) and waiting.music:
        actions.append(_button("minute", _("Let a minute pass")))
    return actions


def _skip(waiting: Waiting, now: float) -> str:
    """Say what becomes of a wait that is skipped; nothing where there is none."""
    asks = waiting.inner if isinstance(waiting, Screening) else waiting
    if isinstance(asks, Gathering | Listening) and asks.music:
        return _("Skip the music")
    if isinstance(asks, Listening) or (isinstance(asks, Gathering) and asks.speaking_until > now + 0.1):
        return _("Skip the words")
    if isinstance(asks, Gathering):
        return _("Press nothing")
    if isinstance(asks, Ringing):
        return _("Let it ring out")
    return _("Say nothing more") if isinstance(asks, Recording) else ""


def _shown(legs: list[Leg], waiting: Waiting) -> list[Leg]:
    """The devices of the last dial, as long as anybody may do something on one of them."""
    if isinstance(waiting, Ringing):
        since = waiting.since
        return [leg for leg in legs if leg.started_at is not None and leg.started_at >= since]
    return [waiting.leg] if isinstance(waiting, Screening | Talking) else []


def _device(leg: Leg, waiting: Waiting, company: Company) -> Scene:
    found = device(company, leg.device)
    return {
        "id": leg.device,
        "name": found.name,
        "kind": found.kind,
        "state": str(_STATES.get(leg.status, leg.status)),
        "ringing": leg.is_ringing,
        "shows": leg.from_,
        "actions": _device_actions(leg, waiting),
    }


_STATES = {
    "ringing": lazy("rings"),
    "in-progress": lazy("on the line"),
    "busy": lazy("busy"),
    "no-answer": lazy("no answer"),
    "failed": lazy("unreachable"),
    "canceled": lazy("rings no more"),
}


def _device_actions(leg: Leg, waiting: Waiting) -> list[dict[str, str]]:
    if leg.is_ringing:
        found = [("answer", _("Answer")), ("busy", _("Busy")), ("ignore", _("Nobody answers"))]
        if leg.device.startswith("+"):
            found.append(("mailbox", _("Its mailbox answers")))
        return [_button(do, text, leg.device) for do, text in found]
    if isinstance(waiting, Screening):
        return [_button("press_on", _("Press 1"), leg.device, keys="1"), _button("finish", _("Hang up"), leg.device)]
    return []


def _button(do: str, text: str, device: str = "", keys: str = "") -> dict[str, str]:
    return {"do": do, "text": text, "device": device, "keys": keys}
