"""Random callers, and random people at the devices: dice decide, and when they are used up nobody does anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from config.company import Company
from config.destinations import ToEmployee
from simulator import Call, Exchange, Gathering, Listening, Recording, Ringing, Screening, Talking

TYPED = ["1", "2", "3", "0", "9", "*", "#", "7#", "101", "300", "44", "999", "0034600999777", "1*1"]
MOST_ROLLS = 60
LOOP_SECONDS = 20
"""How long the music on hold lasts, and so how often at most a waiting caller asks again."""


class Player:
    """Plays one call by dice that a seed decides; after so many rolls nobody does anything any more."""

    def __init__(self, exchange: Exchange, call: Call, seed: int) -> None:
        self.exchange, self.call = exchange, call
        self.hung_up = False
        self._dice = Random(seed)
        self._left = self._dice.randrange(MOST_ROLLS)

    def step(self) -> None:
        """Do the next thing, or let the time of what is waited for run out."""
        _MOVES[type(self.call.waiting)](self, self.call.waiting)

    def roll(self, sides: int) -> int:
        """0 to sides - 1; 0, which is to do nothing, when the dice are used up."""
        self._left -= 1
        return self._dice.randrange(sides) if self._left >= 0 else 0

    def pass_(self) -> None:
        """Nobody does anything."""
        self.exchange.advance(max(self.call.waiting.deadline - self.exchange.clock.seconds, 0))

    def hang_up(self) -> None:
        """The caller has had enough."""
        self.hung_up = True
        self.call.hang_up()

    def wait(self, most: int) -> bool:
        """Some seconds pass; whether the call still waits for the same."""
        before = self.call.waiting
        left = before.deadline - self.exchange.clock.seconds
        self.exchange.advance(min(self.roll(most), max(left - 0.001, 0)))
        return self.call.waiting is before


def _gathering(player: Player, _: Any) -> None:
    roll = player.roll(9)
    if roll < 3:
        player.pass_()
    elif roll < 8:
        if player.wait(5):
            player.call.press(TYPED[player.roll(len(TYPED))])
    else:
        player.hang_up()


def _listening(player: Player, _: Any) -> None:
    if player.roll(6) == 5:
        player.hang_up()
    else:
        player.pass_()


def _ringing(player: Player, waiting: Ringing) -> None:
    action = _ANSWERS[player.roll(len(_ANSWERS))]
    if action is None:
        player.pass_()
        return
    device = waiting.legs[player.roll(len(waiting.legs))].device
    if player.wait(30):
        action(player.call, device)


_ANSWERS: list[Callable[[Call, str], None] | None] = [
    None,
    Call.answer,
    Call.busy,
    Call.decline,
    Call.fail,
    Call.mailbox,
    None,
    Call.no_answer,
    None,
]


def _screening(player: Player, waiting: Screening) -> None:
    roll = player.roll(5)
    if roll == 1:
        player.call.press_on(waiting.leg.device, "1")
    elif roll == 2:
        player.call.press_on(waiting.leg.device, TYPED[player.roll(6)])
    elif roll == 3:
        player.call.finish_talk()
    elif roll == 4:
        player.hang_up()
    else:
        player.pass_()


def _talking(player: Player, _: Any) -> None:
    if player.wait(300):
        player.call.finish_talk("caller" if player.roll(2) else "callee")


def _recording(player: Player, _: Any) -> None:
    roll = player.roll(4)
    if roll == 0:
        player.pass_()
        return
    if roll in (1, 2):
        player.call.speak(player.roll(140))
    if roll == 1 and isinstance(player.call.waiting, Recording):
        player.call.press("#")
    elif not player.call.is_over:
        player.hang_up()


_MOVES: dict[type, Callable[[Player, Any], None]] = {
    Gathering: _gathering,
    Listening: _listening,
    Ringing: _ringing,
    Screening: _screening,
    Talking: _talking,
    Recording: _recording,
}


@dataclass(frozen=True, kw_only=True)
class Bound:
    """What one call may cost at most between two things that its caller does; seconds of ringing."""

    webhooks: int
    ringing: int


def bound(company: Company) -> Bound:
    """The longest way of a silent caller.

    No point of a route comes twice: a circle of groups or menus is refused when settings are checked, and a group has
    a call once. So there is at most one request for every menu (and one for the menu above, by `back`), for every
    rule that rings an employee, for every member of a group, and a few for the call as a whole. Only a hold goes
    round, in time: `max_minutes` let the music play so many times, each time everybody may be rung once more, and the
    last ring may begin in the last moment.
    """
    webhooks, ringing = 8 + 2 * len(company.menus), _rings(company.forwarding.ring_seconds)
    rules = 2 + sum(isinstance(each, ToEmployee) for each in company.destinations.values())
    webhooks, ringing = webhooks + rules, ringing + rules * 20
    for group in company.groups.values():
        members, once = len(group.members), len(group.members) * _rings(group.ring_seconds)
        holds = group.no_answer == "hold"
        seconds = group.hold.max_minutes * 60 if holds else 0
        rounds = 2 + -(-seconds // LOOP_SECONDS) if holds else 1
        webhooks += rounds * (members + 1)
        ringing += once + (seconds + once if holds else 0)
    return Bound(webhooks=webhooks, ringing=ringing)


def _rings(seconds: int) -> int:
    """How long a ring lasts: no provider rings for less than five seconds, and some add five (twiml.md 2.3)."""
    return max(seconds, 10)


def things_done(call: Call) -> int:
    """How often the caller has sent keys."""
    return sum(bool(webhook.params.get("Digits")) for webhook in call.webhooks)
