"""decide(): the one door of the flows. A call, its place, what happened: what the caller hears next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from flows import forwarding, listening, messages, ringing
from flows.calls import Call, Event, Gone
from flows.live import Asked, Blocked, Offer
from flows.places import (
    KIND_OF,
    AtEmployee,
    AtExtension,
    AtForward,
    AtGroup,
    AtMenu,
    AtMessage,
    AtScreen,
    Entrance,
    Nowhere,
    OnHold,
    Place,
)
from flows.routing import ROUTES
from flows.steps import Decline, HangUp, Phrase, Say, Step
from flows.way import Desk, Routes, Way

Answer = TypeVar("Answer")


def decide(
    desk: Desk, call: Call, place: Place, event: Event, now: datetime, render: Callable[[tuple[Step, ...]], Answer]
) -> Answer:
    """Decide what a call does next, and render it; `now` is an aware datetime.

    While the live state is asked, the likely answer is rendered already: what needs nothing can only turn out otherwise
    for a caller on the block list, and when the provider repeats itself. Raises LookupError when the place names
    something that the settings lack; the caller of this function then sends the call to Nowhere, which is the number's
    group.
    """
    way = way_of(desk, call, place, event, now)
    answer = desk.live.ask(call, _asked(way, event))
    index = next(i for i, option in enumerate(way.options) if not isinstance(option.need, Blocked))
    try:
        likely = _sure(way, index, render)
    finally:
        offer = answer()
    if offer.at == now and offer.index == index and likely is not None:
        return likely
    if offer.at != now:  # the provider repeats itself: the same answer as the first time, to the minute
        way = way_of(replace(desk, callers=_As(offer.responsible)), call, place, event, offer.at)
    return render(steps_of(way, offer))


@dataclass(frozen=True, slots=True)
class _As:
    """Callers as they were known the first time: a look-up that was late then may have answered meanwhile."""

    named: str | None

    def begin(self, _: str) -> None:
        """Nobody need be asked."""

    def responsible(self, _: str) -> str | None:
        return self.named


def _sure(way: Way, index: int, render: Callable[[tuple[Step, ...]], Answer]) -> Answer | None:
    return render(steps_of(way, Offer(index=index, at=way.now))) if way.options[index].need is None else None


def way_of(desk: Desk, call: Call, place: Place, event: Event, now: datetime, routes: Routes = ROUTES) -> Way:
    """Build the ladder of one decision; flows.walk cuts the route at its stages by `routes` of its own."""
    way = Way(desk=desk, routes=routes, call=call, place=place, now=now, groups=place.groups)
    if isinstance(event, Gone):
        _gone(way, event)
    elif call.number is None:
        _not_ours(way)
    else:
        HANDLERS[type(place)](way, place, event)
    return way


def _asked(way: Way, event: Event) -> Asked:
    key = f"{way.place.step}:{KIND_OF[type(way.place)]}:{event.key}"
    return Asked(
        key=f"{key}@{way.call.revision}" if isinstance(way.place, BY_THE_NEWEST) else key,
        step=way.place.step + 1,
        ladder=tuple(way.options),
        now=way.now,
        frees=way.frees,
        ended=way.ended,
        accepts=way.accepts,
        responsible=way.responsible,
    )


def _gone(way: Way, event: Gone) -> None:
    way.frees = True
    way.ended = True
    if event.spoke is not None:
        way.note_answered(event.spoke)
    way.note("caller_gone")
    way.end(HangUp())


def _not_ours(way: Way) -> None:
    way.note("unknown_number", number=way.call.called[:64])
    way.end(Say(Phrase("number_unknown")), HangUp())


def _enter(way: Way, _place: Entrance, _event: Event) -> None:
    way.note("arrived", number=way.number_key, caller=way.call.caller or "")
    way.go_on("blocked")


def _nowhere(way: Way, _place: Nowhere, _event: Event) -> None:
    way.frees = True
    way.note("lost")
    way.go_on("group")


BY_THE_NEWEST = (Entrance, Nowhere)
"""Places whose address names no settings: the ladder of a request that is repeated after a publishing is another."""

HANDLERS: dict[type[Place], Callable[[Way, Any, Event], None]] = {
    Entrance: _enter,
    Nowhere: _nowhere,
    AtExtension: listening.at_extension,
    AtMenu: listening.at_menu,
    AtEmployee: ringing.at_employee,
    AtGroup: ringing.at_group,
    OnHold: ringing.on_hold,
    AtForward: forwarding.at_forward,
    AtScreen: forwarding.at_screen,
    AtMessage: messages.at_message,
}


def steps_of(way: Way, offer: Offer) -> tuple[Step, ...]:
    """Make the steps of an offer; first of all the caller is told that the call is recorded, unless it is declined."""
    steps = way.options[offer.index].steps(offer)
    entering = isinstance(way.place, Entrance) and way.call.number is not None
    if not entering or isinstance(steps[0], Decline) or not (way.number.record and way.number.record_notice):
        return steps
    return (Say(Phrase("record_notice")), *steps)
