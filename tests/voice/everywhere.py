"""Every address at which the provider may ask the sample company's app something."""

from __future__ import annotations

from urllib.parse import urlencode

from config.company import Company
from flows.places import KINDS, AtEmployee, AtExtension, AtForward, AtGroup, AtMenu, AtMessage, AtScreen, OnHold, Place
from tests.moments import OPEN, at
from tests.voice.wire import MAIN, SID, Answer, place_path

SINCE = int(at(OPEN).timestamp()) - 60
PLACES: dict[str, Place] = {
    "extension": AtExtension(step=1, then="menu"),
    "menu": AtMenu(step=1, then="responsible", menu="main"),
    "employee": AtEmployee(step=2, then="menu", employee="ana", rule=f"numbers.{MAIN}.extensions.no_answer"),
    "group": AtGroup(step=2, then="otherwise", groups=("sales",), group="sales", tried=1, rang=1),
    "hold": OnHold(step=3, then="otherwise", groups=("support",), group="support", since=SINCE),
    "forward": AtForward(step=4, mailbox="group:sales", employee="ana", screened=1),
    "screen": AtScreen(step=4, employee="ana"),
    "message": AtMessage(step=5, mailbox="group:sales"),
}
"""One believable place of each kind, of a call to the sample company."""

assert {name: type(place) for name, place in PLACES.items()} == KINDS


def addresses(company: Company) -> dict[str, str]:
    """Every address that the provider requests."""
    fixed = {name: f"/voice/{name}" for name in ("incoming", "status", "recording", "fallback", "unknown/place")}
    leg = f"/voice/leg?{urlencode({'number': MAIN, 'call': SID, 'employee': 'ana', 'step': 2})}"
    return fixed | {"leg": leg} | {name: place_path(company, place) for name, place in PLACES.items()}


ADDRESSES = [*PLACES, "incoming", "status", "recording", "fallback", "unknown/place", "leg"]


def says_something(answer: Answer, name: str) -> None:
    """An answer that the caller can do something with: callbacks have none, a callee may just be put through."""
    if name not in {"status", "recording", "leg", "screen"}:
        assert answer.said or {"Dial", "Play", "Hangup"} & {e.tag for e in answer.document.iter()}, answer.text
