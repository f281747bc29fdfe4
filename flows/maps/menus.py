"""Menus on the map: their keys, and which menus `back` may lead to (see flows.listening)."""

from __future__ import annotations

from collections.abc import Iterator

from config.company import Company
from config.destinations import Destination, ToMenu
from flows.maps.parts import When
from flows.maps.sheet import Sheet
from flows.places import Stage
from flows.way import Aim


def menu(sheet: Sheet, key: str, then: Stage) -> str:
    """Draw a menu that is entered with no other above it."""
    sheet.menus_entered.add((key, then))
    return _menu(sheet, key, then)


def _menu(sheet: Sheet, key: str, then: Stage) -> str:
    return sheet.node(_name(key, then), "menu", key, lambda here: _choices(sheet, here, key, then))


def _name(key: str, then: Stage) -> str:
    return f"menu:{key}@{then}"


def _choices(sheet: Sheet, here: str, key: str, then: Stage) -> None:
    sheet.menus_drawn.append((key, then))
    for when, digit, choice in choices(sheet.company, key):
        if choice == "repeat":
            sheet.edge(here, when, here, digit)
        elif isinstance(choice, ToMenu):
            sheet.edge(here, when, _menu(sheet, choice.menu, then), digit)
        elif choice != "back":
            address = f"menus.{key}.choices.{digit}" if digit else f"menus.{key}.no_choice"
            sheet.edge(here, when, sheet.follow(Aim(destination=choice, address=address, then=then)), digit)


def choices(company: Company, key: str) -> Iterator[tuple[When, str, Destination]]:
    """What a menu may lead to: each key, then `no_choice`."""
    for digit, choice in company.menus[key].choices.items():
        yield "key", digit, choice
    yield "no_choice", "", company.menus[key].no_choice


def back(sheet: Sheet) -> None:
    """Draw where `back` leads, once all menus are drawn: to every menu that may be above, else the menu itself.

    At the top `no_choice: back` leaves the menu: the same one again would never end.
    """
    for key, then in sheet.menus_drawn:
        here, above = _name(key, then), list(_above(sheet, key, then))
        top = (key, then) in sheet.menus_entered
        for when, digit, choice in choices(sheet.company, key):
            if choice == "back":
                over = [here if when == "key" else sheet.go_on(then)] if top else []
                for target in [*(_name(parent, then) for parent in above), *over]:
                    sheet.edge(here, when, target, digit)


def _above(sheet: Sheet, key: str, then: Stage) -> Iterator[str]:
    """The menus that may stand right above one: those with a key to it that are reached on a way without it.

    A menu that leads back to one above it ends the way down there (flows.listening): it is not above that menu.
    """
    parts = {
        name: {c.menu for _, _, c in choices(sheet.company, name) if isinstance(c, ToMenu)}
        for name, _ in sheet.menus_drawn
    }
    todo = [name for name, entered_then in sheet.menus_entered if entered_then == then and name != key]
    reached: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += parts[name] - {key}
    return (name for name in parts if name in reached and key in parts[name])
