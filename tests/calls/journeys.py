"""A company with something of everything, the moments of a call to it, and whole calls from dialling to the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator import Caller, Ringing, Screening
from tests.calls.companies import MAIN, MOBILES, acme, number, say

ANA = MOBILES["ana"]
OTHER = "+34600000009"
"""Another customer, who keeps Luis busy."""

SAYING_NOTHING = 121
"""Seconds after which a message without a word is over with every provider: some end it only by its longest."""

PEOPLE: dict[str, Any] = {
    name: {"devices": [f"client:{name}", f"sip:{name}@acme.sip.example.com"]} for name in ("ana", "luis", "eva")
}
"""Devices of both kinds: not every provider can ring a browser."""

EVERYTHING = acme(
    employees=PEOPLE,
    menus={
        "main": {
            "prompt": say("Pulse 1, 2 o 3."),
            "choices": {"1": {"group": "sales"}, "2": {"group": "support"}, "3": {"voicemail": "sales"}},
        }
    },
    groups={
        "sales": {"members": ["ana"], "no_answer": {"forward_to_mobile": "ana"}},
        "support": {
            "name": "Soporte",
            "members": ["luis"],
            "no_answer": "hold",
            "hold": {"message_key": "1", "max_minutes": 2},
        },
    },
    numbers=number(greeting=say("Hola."), menu="main", record=True),
)

Journey = Callable[[Caller], object]


def chose(caller: Caller, key: str) -> Caller:
    """Listens to the greeting, and presses a key of the menu."""
    return caller.dials(MAIN).stays_silent().presses(key)


def on_hold(caller: Caller) -> Caller:
    """Waits for Luis, who talks to somebody else."""
    chose(Caller(caller.exchange, OTHER), "2").rings("luis").answers("luis")
    return chose(caller, "2").holds()


def hang_up_others(caller: Caller) -> Caller:
    """Luis, or whoever talks to somebody else, hangs up."""
    for call in list(caller.exchange.calls.values()):
        if call is not caller.call and not call.is_over:
            call.finish_talk()
    return caller


def takes(caller: Caller, name: str) -> Caller:
    """Picks up, and presses 1 where the provider can ask for it."""
    caller.answers(name)
    return caller.accepts(name) if isinstance(caller.call.waiting, Screening) else caller


def _until_it_rings(caller: Caller) -> Caller:
    for _ in range(60):
        if isinstance(caller.call.waiting, Ringing):
            break
        caller.waits(1)
    return caller


def _talk(caller: Caller, name: str) -> object:
    return caller.talks_to(name, 40).other_side_hangs_up().ended()


def _mobile_answers(caller: Caller) -> object:
    return _talk(takes(chose(caller, "1").nobody_answers().is_forwarded_to(ANA), ANA), ANA)


def _put_through(caller: Caller) -> object:
    return _talk(_until_it_rings(hang_up_others(on_hold(caller))).rings("luis").answers("luis"), "luis")


def _gives_up_on_hold(caller: Caller) -> object:
    return hang_up_others(on_hold(caller).waits(30).hangs_up().ended())


MOMENTS: dict[str, Journey] = {
    "in the greeting": lambda c: c.dials(MAIN),
    "in the menu": lambda c: c.dials(MAIN).stays_silent(),
    "while an employee rings": lambda c: c.dials(MAIN).presses("101").rings("ana").waits(3),
    "while a member rings": lambda c: chose(c, "1").rings("ana").waits(3),
    "while talking": lambda c: chose(c, "1").answers("ana").talks_to("ana"),
    "while a mobile rings": lambda c: chose(c, "1").nobody_answers().is_forwarded_to(ANA),
    "while the mobile is asked": lambda c: chose(c, "1").nobody_answers().answers(ANA),
    "while talking to a mobile": lambda c: takes(chose(c, "1").nobody_answers(), ANA).talks_to(ANA),
    "on hold": on_hold,
    "in a message": lambda c: chose(c, "3").leaves_message(4),
}
"""How a caller comes to each kind of moment at which a call can wait."""

WHOLE: dict[str, Journey] = {
    "a member answers": lambda c: _talk(chose(c, "1").rings("ana").answers("ana"), "ana"),
    "an extension answers": lambda c: _talk(c.dials(MAIN).presses("103").rings("eva").answers("eva"), "eva"),
    "an extension goes on to the group": lambda c: _talk(
        c.dials(MAIN).presses("103").rings("eva").nobody_answers().stays_silent().rings("ana").answers("ana"), "ana"
    ),
    "a mobile answers": _mobile_answers,
    "nobody answers": lambda c: chose(c, "1").nobody_answers().is_forwarded_to(ANA).nobody_answers().ended(),
    "a message": lambda c: chose(c, "3").hears("deje su mensaje").leaves_message(8).presses("#").ended(),
    "a message without a word": lambda c: chose(c, "3").hears("deje su mensaje").waits(SAYING_NOTHING).ended(),
    "unknown extensions": lambda c: (
        c.dials(MAIN).presses("999").hears("No conocemos").presses("998").hears("Pulse 1").hangs_up()
    ),
    "wrong keys": lambda c: chose(c, "7").hears("Esa tecla").presses("8").presses("9").rings("ana").hangs_up(),
    "put through from hold": _put_through,
    "given up on hold": _gives_up_on_hold,
    "a message from hold": lambda c: hang_up_others(on_hold(c).presses("1").leaves_message(5).hangs_up()),
}
"""Calls from dialling to the end, for EVERYTHING; those who were called besides have hung up as well."""
