"""Histories: what calls have behind them, kept apart while it is little, and forgotten where the caller does something.

Groups that have had the call, and the menus above a menu, make a place of their own for each order and choice of them:
ten queues that end in the same menu make a thousand. So where the caller presses a key, only the first MOST_KEPT
histories of a place are kept apart. All others become one in which everything is possible (ANY): each group has had the
call or has not, any menu may be above that leads there. That is sound, for whatever a call can do is among it: times
can only be longer, ends only more, and what is never met less. And it refutes nothing falsely, for a silent caller goes
in no circle by it: from the key on, what has had the call is known again, and menus above are never forgotten where
silence leads back to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from config.company import Company
from config.destinations import ToMenu
from flows.calls import Keys
from flows.places import AtExtension, AtMenu
from flows.ringing import MOST_GROUPS
from flows.walk.parts import ANY, Part, Spot, Try
from flows.way import Way

MOST_KEPT = 8
"""Histories of one place that are kept apart."""

Listening = TypeVar("Listening", AtMenu, AtExtension)


class Histories:
    """Knows the histories of a company's places so far, and what is possible where they are forgotten.

    `most_groups` is to how many groups one call may come.
    """

    def __init__(self, company: Company, most_groups: int) -> None:
        self._menus = company.menus
        self._passes_over = most_groups > MOST_GROUPS
        self._silent_backs = any(menu.no_choice == "back" for menu in company.menus.values())
        self._seen: dict[object, set[object]] = {}

    def kept(self, owner: str, place: Listening) -> Listening:
        """A place with its own history, or without one when there are too many; `owner` is whose place it is."""
        past, path = place.groups, place.path if isinstance(place, AtMenu) else ()
        forgotten = replace(place, groups=(ANY,) if past else ())
        if isinstance(forgotten, AtMenu) and not self._silent_backs:
            forgotten = replace(forgotten, path=(ANY,) if path else ())
        seen = self._seen.setdefault((owner, replace(place, groups=()) if self._silent_backs else _bare(place)), set())
        if (past, path) not in seen and (len(seen) >= MOST_KEPT or ANY in past or ANY in path):
            return forgotten
        seen.add((past, path))
        return place

    def possible(self, spot: Spot, trying: Try) -> Iterator[Spot]:
        """The spots that one with forgotten menus above stands for, where a key leads back to them."""
        at = spot.at
        place = at.place if isinstance(at, Part) else None
        if isinstance(at, Part) and isinstance(place, AtMenu) and ANY in place.path and self._goes_back(place, trying):
            for path in ((), *((ANY, above) for above in self._above(place.menu))):
                yield spot._replace(at=replace(at, place=replace(place, path=path)))
        else:
            yield spot

    def _goes_back(self, place: AtMenu, trying: Try) -> bool:
        return isinstance(trying.event, Keys) and self._menus[place.menu].choices.get(trying.event.digits) == "back"

    def _above(self, key: str) -> Iterator[str]:
        for name, menu in self._menus.items():
            if ToMenu(menu=key) in (menu.no_choice, *menu.choices.values()):
                yield name

    def otherwise(self, spot: Spot, way: Way) -> Iterator[Spot]:
        """The same spot where a ladder passes over a group that it rings: it has had the call before, or too many have.

        That may be where it is not known what has had it, and where a caller may come to so many (flows.ringing).
        """
        if not self._passes_over and ANY not in groups_of(spot):
            return
        for group in [note["group"] for option in way.options for note in option.before if note["code"] == "group"]:
            groups = (*groups_of(spot), group)
            at = spot.at
            if isinstance(at, Part):
                yield spot._replace(at=replace(at, place=replace(at.place, groups=groups)))
            else:
                yield spot._replace(at=replace(at, groups=groups))


def _bare(place: Listening) -> Listening:
    return replace(place, groups=(), path=()) if isinstance(place, AtMenu) else replace(place, groups=())


def groups_of(spot: Spot) -> tuple[str, ...]:
    """The groups that have had the call at a spot."""
    return spot.at.place.groups if isinstance(spot.at, Part) else spot.at.groups


def is_forgotten(spot: Spot) -> bool:
    """Whether a spot stands for calls that have different things behind them."""
    place = spot.at.place if isinstance(spot.at, Part) else spot.at
    return ANY in groups_of(spot) or (isinstance(place, AtMenu) and ANY in place.path)
