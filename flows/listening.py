"""What the caller types: the greeting with its extension, `ask_extension`, and menus."""

from __future__ import annotations

from config.destinations import Destination, ToMenu
from config.menus import Menu, Prompt
from flows.calls import Event, Keys
from flows.places import AtExtension, AtMenu, Place, Stage
from flows.ringing import ring_extension
from flows.steps import Ask, Go, Heard, Phrase, Say
from flows.way import Aim, Way

MOST_ABOVE = 20
"""Menus above a menu that a call remembers, for the way `back`: a place names them all in its address, of which
gunicorn reads 4,094 bytes."""

PAUSE_AFTER_GREETING = 3
PAUSE_BETWEEN_DIGITS = 5
"""Seconds without a key after which what was typed counts as all: short where the route waits for the caller."""


def greet(way: Way, greeting: Prompt) -> None:
    """Play the greeting; an extension may be typed while it plays, and for a moment after."""
    way.note("greeting")
    if not way.company.extensions:
        way.end(Say(greeting), Go(way.next(AtExtension, "menu")))
    else:
        _listen(way, (greeting,), PAUSE_AFTER_GREETING, way.next(AtExtension, "menu"))


def ask_extension(way: Way, then: Stage) -> None:
    """Ask for an extension (a key of a menu leads here)."""
    way.note("ask_extension")
    _listen(way, (Phrase("ask_extension"),), PAUSE_BETWEEN_DIGITS, way.next(AtExtension, then))


def _listen(way: Way, heard: tuple[Heard, ...], wait: int, place: Place) -> None:
    digits = max(way.company.extension_digits, 1)
    way.end(Ask(heard=heard, digits=digits, wait=wait, place=place), Go(place))


def at_extension(way: Way, place: AtExtension, event: Event) -> None:
    """Ring the extension typed; an unknown one is asked for once more, then the route goes on."""
    if not isinstance(event, Keys):
        way.go_on(place.then)
        return
    found = way.company.extensions.get(event.digits)
    if found is not None:
        way.note("extension", extension=event.digits, **{found.kind: found.key})
        ring_extension(way, found, place.then)
    elif not _chosen_early(way, place, event.digits):
        _unknown_extension(way, place, event.digits)


def _chosen_early(way: Way, place: AtExtension, digits: str) -> bool:
    """Take a key of the menu that follows the greeting: regular callers press it before they hear it."""
    key = way.number.menu if place.then == "menu" else None
    if key is None or digits not in way.company.menus[key].choices:
        return False
    at_menu(way, AtMenu(step=place.step, menu=key, then="responsible"), Keys(digits))
    return True


def _unknown_extension(way: Way, place: AtExtension, digits: str) -> None:
    way.note("unknown_extension", extension=digits[:16])
    if place.wrong:
        way.go_on(place.then)
        return
    again = way.next(AtExtension, place.then, wrong=place.wrong + 1)
    _listen(way, (Phrase("unknown_extension"), Phrase("ask_extension")), PAUSE_BETWEEN_DIGITS, again)


def play_menu(way: Way, key: str, then: Stage, path: tuple[str, ...] = (), wrong: int = 0, *first: Phrase) -> None:
    """Play a menu; `path` are the menus above it, `first` what is said before its prompt."""
    menu = way.company.menus[key]
    way.note("menu", menu=key)
    place = way.next(AtMenu, then, menu=key, path=path[-MOST_ABOVE:], wrong=wrong)
    way.end(Ask(heard=(*first, menu.prompt), digits=1, wait=menu.wait_seconds, place=place), Go(place))


def at_menu(way: Way, place: AtMenu, event: Event) -> None:
    """Follow the key that was pressed; a wrong one is told and asked again, silence ends the menu."""
    menu = way.company.menus[place.menu]
    if not isinstance(event, Keys):
        way.note("silence", menu=place.menu)
        _no_choice(way, place, menu)
    elif event.digits in menu.choices:
        way.note("key", menu=place.menu, key=event.digits)
        _choose(way, place, menu.choices[event.digits], f"menus.{place.menu}.choices.{event.digits}")
    else:
        _wrong_key(way, place, menu, event.digits)


def _wrong_key(way: Way, place: AtMenu, menu: Menu, digits: str) -> None:
    way.note("wrong_key", menu=place.menu, key=digits[:16])
    if place.wrong + 1 < menu.attempts:
        play_menu(way, place.menu, place.then, place.path, place.wrong + 1, Phrase("wrong_key"))
    else:
        _no_choice(way, place, menu)


def _no_choice(way: Way, place: AtMenu, menu: Menu) -> None:
    if menu.no_choice == "back" and not place.path:  # nothing above: the same menu again would never end
        way.go_on(place.then)
    else:
        _choose(way, place, menu.no_choice, f"menus.{place.menu}.no_choice")


def _choose(way: Way, place: AtMenu, choice: Destination, address: str) -> None:
    if choice == "repeat":
        play_menu(way, place.menu, place.then, place.path, place.wrong)
    elif choice == "back":
        above = place.path[-1:] or (place.menu,)
        play_menu(way, above[0], place.then, place.path[:-1])
    elif isinstance(choice, ToMenu):
        _enter(way, place, choice.menu)
    else:
        way.follow(Aim(destination=choice, address=address, then=place.then))


def _enter(way: Way, place: AtMenu, key: str) -> None:
    path = (*place.path, place.menu)
    if key in path:  # a way back up: the path never grows beyond the number of menus
        path = path[: path.index(key)]
    play_menu(way, key, place.then, path)
