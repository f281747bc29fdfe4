"""The entries of a section as a table: what stands in it, a page at a time, with a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from config.problems import Problem
from web.settings.forms import destinations
from web.settings.forms.desk import Desk, Place, part, text_of
from web.settings.forms.options import said
from web.settings.forms.ordered import DAY_NAMES
from web.settings.forms.sections import Section, entry_of
from web.settings.forms.typed import days, spaced
from web.words import _, ngettext

PAGE = 50
"""Entries of one page."""


@dataclass(frozen=True)
class Page:
    """What was asked for: a search, and the number of a page from 1."""

    search: str = ""
    number: int = 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """One entry: its key, what stands in each column, and how many errors and warnings it has."""

    key: str
    cells: tuple[str, ...]
    errors: int
    warnings: int


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page of a table; `total` counts what the search found."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    page: Page
    total: int

    @property
    def before(self) -> int | None:
        """The number of the page before."""
        return self.page.number - 1 if self.page.number > 1 else None

    @property
    def after(self) -> int | None:
        """The number of the next page."""
        return self.page.number + 1 if self.page.number * PAGE < self.total else None


def listing(section: Section, desk: Desk, entries: dict[str, Any], page: Page, problems: Iterable[Problem]) -> Listing:
    """Make the table; only the rows of the page are written out where nothing is searched."""
    headings, cells = _COLUMNS[section.name]
    rows: Iterable[tuple[str, tuple[str, ...]]] = ((key, tuple(cells(desk, key, e))) for key, e in entries.items())
    total = len(entries)
    start = (max(page.number, 1) - 1) * PAGE
    if page.search:
        sought = page.search.casefold()
        found = [row for row in rows if any(sought in cell.casefold() for cell in (row[0], *row[1]))]
        total, shown = len(found), found[start : start + PAGE]
    else:
        keys = list(entries)[start : start + PAGE]
        shown = [(key, tuple(cells(desk, key, entries[key]))) for key in keys]
    counted = _counted(section, desk, problems)
    return Listing(
        headings=tuple(headings()),
        rows=tuple(_row(key, each, counted.get(key, [])) for key, each in shown),
        page=page,
        total=total,
    )


def _row(key: str, cells: tuple[str, ...], levels: list[str]) -> Row:
    return Row(key=key, cells=cells, errors=levels.count("error"), warnings=levels.count("warning"))


def _counted(section: Section, desk: Desk, problems: Iterable[Problem]) -> dict[str, list[str]]:
    """Collect the levels of problems by the key of the entry that they are in."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        entry = entry_of(desk, problem.path)
        if entry is not None and entry[0] is section:
            found.setdefault(entry[1], []).append(problem.level)
    return found


def destination_said(desk: Desk, place: Place) -> str:
    """Say where a call goes next at a place of the document."""
    choice = destinations.chosen(desk.get(place), place, desk.country)
    return said(desk, place, choice) if choice.what else _("not said yet")


def route(desk: Desk, key: str, number: Any) -> str:
    """Say a number's route in a line: the stages that are on, in order, and where calls go out of hours."""
    stages = " → ".join(_stages(desk, key, number))
    if not text_of(part(number, "schedule")):
        return stages
    closed = lower(destination_said(desk, ("numbers", key, "closed")))
    return _("%(route)s; out of hours: %(where)s", route=stages, where=closed)


def _stages(desk: Desk, key: str, number: Any) -> Iterator[str]:
    if text_of(part(number, "sip_extension")) == "true":
        yield _("extension by SIP")
    if part(number, "greeting"):
        yield _("greeting")
    if menu := text_of(part(number, "menu")):
        yield _("menu %(name)s", name=menu)
    if part(number, "responsible") not in (None, False):
        yield _("responsible employee")
    group = text_of(part(number, "group"))
    if group:
        after = lower(destination_said(desk, ("groups", group, "no_answer")))
        yield _("group %(name)s", name=desk.entries("groups").name(group))
        yield _("if nobody answers: %(where)s", where=after)
    else:
        yield lower(destination_said(desk, ("numbers", key, "otherwise")))


def lower(sentence: str) -> str:
    """Write a sentence as part of another one."""
    return sentence[:1].lower() + sentence[1:]


def _number(desk: Desk, key: str, number: Any) -> Iterator[str]:
    yield text_of(part(number, "name")) or key
    yield spaced(key)
    yield route(desk, key, number)


def _group(desk: Desk, key: str, group: Any) -> Iterator[str]:
    members = part(group, "members")
    names = [desk.entries("employees").name(str(member)) for member in members] if isinstance(members, list) else []
    yield text_of(part(group, "name")) or key
    yield text_of(part(group, "extension"))
    yield ", ".join(names[:4]) + (" …" if len(names) > 4 else "") if names else _("nobody")
    yield destination_said(desk, ("groups", key, "no_answer"))


def _menu(_desk: Desk, key: str, menu: Any) -> Iterator[str]:
    choices = part(menu, "choices")
    yield key
    yield _short(text_of(part(part(menu, "prompt"), "say")) or text_of(part(part(menu, "prompt"), "play")))
    yield ", ".join(map(str, choices)) if isinstance(choices, dict) else ""


def _schedule(_desk: Desk, key: str, schedule: Any) -> Iterator[str]:
    weekly = part(schedule, "weekly")
    yield key
    yield "; ".join(_hours(*each) for each in weekly.items()) if isinstance(weekly, dict) else ""


def _hours(key: str, times: Any) -> str:
    named = days(key)
    names = [str(DAY_NAMES[day]) for day in named if day] if named else [key]
    texts = [text_of(each) for each in times] if isinstance(times, list) else [text_of(times)]
    return f"{'–'.join(names)} {', '.join(texts)}"


def _employee(_desk: Desk, key: str, employee: Any) -> Iterator[str]:
    yield text_of(part(employee, "name")) or key
    yield text_of(part(employee, "extension"))
    yield text_of(part(employee, "department"))
    yield spaced(text_of(part(employee, "mobile")))


def _contact(desk: Desk, key: str, contact: Any) -> Iterator[str]:
    yield text_of(part(contact, "name")) or key
    yield spaced(text_of(part(contact, "number")))
    yield desk.entries("employees").name(text_of(part(contact, "employee")))


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79].rstrip() + "…"


Cells = Callable[[Desk, str, Any], Iterator[str]]

_COLUMNS: dict[str, tuple[Callable[[], tuple[str, ...]], Cells]] = {
    "numbers": (lambda: (_("Name"), _("Number"), _("Route")), _number),
    "groups": (lambda: (_("Name"), _("Extension"), _("Members"), _("If nobody answers")), _group),
    "menus": (lambda: (_("Menu"), _("Callers hear"), _("Keys")), _menu),
    "schedules": (lambda: (_("Schedule"), _("Open")), _schedule),
    "employees": (lambda: (_("Name"), _("Extension"), _("Department"), _("Mobile")), _employee),
    "contacts": (lambda: (_("Name"), _("Number"), _("Responsible")), _contact),
}
"""Section → the headings of its table, and what stands in a row."""


def found(count: int) -> str:
    """Say how many there are."""
    return ngettext("%(num)s entry", "%(num)s entries", count)
