"""Reach: what nothing in the settings leads to. What hours keep calls from is the walk's to tell (flows.walk)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.advice import OUT_OF_REACH
from config.company import Company
from config.destinations import Destination, ForwardToMobile, ToEmployee, ToGroup, ToMenu, ToVoicemail
from config.draft import Draft, Entry
from config.problems import Problem
from config.references import dangling

_LEADS = {
    "employees": "no group, extension, menu or contact of the settings leads to this employee; remove it, or use it",
    "groups": "no number, extension, menu or other group leads to this group; remove it, or use it",
    "menus": "no number, key or group leads to this menu; remove it, or use it",
    "schedules": "no number or employee keeps this schedule; remove it, or use it",
}
UNREACHED = frozenset([*_LEADS.values(), OUT_OF_REACH])
"""What is said of an entry that nobody can reach, whatever the hours."""


def unreachable(draft: Draft) -> Iterator[Problem]:
    """Warn of entries that nobody can reach, unless a fault or a misspelt name may be why."""
    if draft.damaged or any(dangling(draft)):
        return
    reached = _reached(draft) | {("schedules", name) for name in _schedules_kept(draft)}
    for section, message in _LEADS.items():
        for name in getattr(draft.company, section):
            if (section, name) not in reached:
                yield Problem(path=f"{section}.{name}", message=message, level="warning")


def _schedules_kept(draft: Draft) -> Iterator[str]:
    company = draft.company
    yield from (e.schedule for e in company.employees.values() if e.schedule)
    yield from (n.schedule for n in company.numbers.values() if n.schedule)


def _reached(draft: Draft) -> set[Entry]:
    reached: set[Entry] = set()
    waiting = list(_from_numbers(draft))
    while waiting:
        entry = waiting.pop()
        if entry not in reached:
            reached.add(entry)
            waiting.extend(beyond(draft.company, entry))
    return reached


def _from_numbers(draft: Draft) -> Iterator[Entry]:
    company = draft.company
    for number in company.numbers.values():
        if number.menu:
            yield "menus", number.menu
        if number.group:
            yield "groups", number.group
        yield from named(number.closed, number.otherwise, number.extensions.no_answer)
        if number.responsible:
            yield from named(number.responsible.no_answer)
    if draft.numbers_asking:
        yield from ((f"{owner.kind}s", owner.key) for owner in company.extensions.values())
    if any(number.responsible for number in company.numbers.values()):
        yield from (("employees", key) for key, e in company.employees.items() if e.crm_user is not None)
        yield from (("employees", contact.employee) for contact in company.contacts if contact.employee)


def beyond(company: Company, entry: Entry) -> Iterable[Entry]:
    """Walk what an entry leads to by itself."""
    section, name = entry
    if section == "menus":
        menu = company.menus[name]
        yield from named(menu.no_choice, *menu.choices.values())
    if section == "groups" and name in company.groups:  # a mailbox may be an employee's
        group = company.groups[name]
        yield from (("employees", member) for member in group.members)
        yield from named(group.no_answer, group.hold.then if group.no_answer == "hold" else "hang_up")


def named(*destinations: Destination) -> Iterator[Entry]:
    """Walk the entries that destinations name."""
    for destination in destinations:
        if isinstance(destination, ToGroup):
            yield "groups", destination.group
        elif isinstance(destination, ToMenu):
            yield "menus", destination.menu
        elif isinstance(destination, ToVoicemail):
            yield "groups", destination.voicemail
            yield "employees", destination.voicemail
        elif isinstance(destination, ForwardToMobile):
            yield "employees", destination.forward_to_mobile
        elif isinstance(destination, ToEmployee):
            yield "employees", destination.employee
            yield from named(destination.no_answer)
