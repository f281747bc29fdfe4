"""What may be dialled: every number that a call can be sent to, and every mobile that a forward needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

from config.destinations import Forward, ForwardToMobile, form
from config.draft import Draft
from config.problems import Level, Problem, short
from config.spelling import listed
from config.telephone import Fault, Risk, forward_fault, region_of

_FAULTS: dict[Fault | Risk, str] = {
    "invalid": "no such number can exist; check its digits",
    "premium": "a premium-rate number is never dialled; use an ordinary one",
    "country": "numbers of {region} are not dialled: forwarding.countries allows {allowed}; add {region} or change it",
    "shared": "a shared-cost number: every forward to it may cost more than an ordinary call; use the one behind it",
    "personal": "a personal number, which may cost much more than the mobile it looks like; use the mobile itself",
    "company": "a company's number for the whole country: a forward to it may cost more; use the one behind it",
    "pager": "a pager: nobody can answer there, and it may cost more; use a telephone",
}
_RISKS: frozenset[Fault | Risk] = frozenset(get_args(Risk))
"""What an administrator may want all the same: some firms answer under such a number only."""

_OUR_OWN = "this is a number of ours: the call would come back for ever; use one from outside, or {group: …}"


def forbidden_numbers(draft: Draft) -> Iterator[Problem]:
    """Find forwards, mobiles and devices that may not be dialled (DESIGN section 3); warn of those that may be dear."""
    for path, number in _dialled(draft):
        if number in draft.names["numbers"]:
            yield Problem(path=path, value=short(number), message=_OUR_OWN)
            continue
        fault = forward_fault(number, draft.company.forward_countries)
        if fault == "country" and _countries_unknown(draft):
            continue
        if fault is not None:
            allowed = listed(draft.company.forward_countries)
            message = _FAULTS[fault].format(region=_region(number, fault), allowed=allowed)
            level: Level = "warning" if fault in _RISKS else "error"
            yield Problem(path=path, value=short(number), message=message, level=level)
    yield from _numbers_shown(draft)


def _dialled(draft: Draft) -> Iterator[tuple[str, str]]:
    for address, destination, _ in draft.company.placed_destinations():
        if isinstance(destination, Forward):
            yield f"{address}.forward", destination.forward
    for key, employee in draft.company.employees.items():
        if employee.mobile:
            yield f"employees.{key}.mobile", employee.mobile
        for place, device in enumerate(employee.devices):
            if device.startswith("+"):
                yield f"employees.{key}.devices.{place}", device


def _countries_unknown(draft: Draft) -> bool:
    return any(section in ("country", "forwarding") for section, _ in draft.damaged)


def _region(number: str, fault: Fault | Risk) -> str:
    return (region_of(number) if fault == "country" else None) or "that country"


def _numbers_shown(draft: Draft) -> Iterator[Problem]:
    for key, number in draft.company.numbers.items():
        shown = number.outgoing_number
        if shown and forward_fault(shown, draft.company.forward_countries) == "invalid":
            yield Problem(path=f"numbers.{key}.outgoing_number", value=short(shown), message=_FAULTS["invalid"])


def mobiles_needed(draft: Draft) -> Iterator[Problem]:
    """Find forwards to the mobile of somebody who has none."""
    for address, destination, owner in draft.company.placed_destinations():
        if isinstance(destination, ForwardToMobile):
            yield from _needed(draft, f"{address}.forward_to_mobile", [destination.forward_to_mobile])
        elif form(destination) == "forward_to_mobile" and owner is not None:
            if owner.kind == "group":
                yield from _members_needed(draft, address, owner.key)
            elif owner.key:
                yield from _needed(draft, address, [owner.key])
    yield from _rules_of_numbers(draft)


def _members_needed(draft: Draft, address: str, group: str) -> Iterator[Problem]:
    members = draft.company.groups[group].members
    if members or ("groups", group) in draft.damaged:
        yield from _needed(draft, address, members)
    else:
        message = "means the member rung last, and this group has none; write {forward_to_mobile: ana} or {forward: …}"
        yield Problem(path=address, value="forward_to_mobile", message=message)


def _needed(draft: Draft, address: str, names: Iterable[str]) -> Iterator[Problem]:
    without = _without_mobile(draft, names)
    if without:
        message = f'{listed(without)} may be forwarded to and has no mobile; add mobile: "+34…" to employees'
        yield Problem(path=address, value="" if len(without) > 1 else short(without[0]), message=message)


def _without_mobile(draft: Draft, names: Iterable[str]) -> list[str]:
    employees = draft.company.employees
    return [
        name
        for name in dict.fromkeys(names)
        if name in employees and employees[name].mobile is None and ("employees", name) not in draft.damaged
    ]


def _rules_of_numbers(draft: Draft) -> Iterator[Problem]:
    """Warn of rules for whoever was dialled: some may have no mobile, and calls to them go on with the next stage."""
    numbers = draft.company.numbers
    by_extension = [key for key in draft.numbers_asking if numbers[key].extensions.no_answer == "forward_to_mobile"]
    yield from _may_lack(draft, [f"numbers.{key}.extensions.no_answer" for key in by_extension], _with_extension)
    responsible = [
        key for key, n in numbers.items() if n.responsible and n.responsible.no_answer == "forward_to_mobile"
    ]
    yield from _may_lack(draft, [f"numbers.{key}.responsible.no_answer" for key in responsible], _responsible)


def _may_lack(draft: Draft, paths: list[str], rung: Callable[[Draft], Iterator[str]]) -> Iterator[Problem]:
    without = _without_mobile(draft, rung(draft)) if paths else []
    if without:
        message = f"{listed(without)} may be rung and has no mobile: such calls go on with the next stage"
        yield from (Problem(path=p, value="forward_to_mobile", message=message, level="warning") for p in paths)


def _with_extension(draft: Draft) -> Iterator[str]:
    return (key for key, employee in draft.company.employees.items() if employee.extension)


def _responsible(draft: Draft) -> Iterator[str]:
    yield from (key for key, employee in draft.company.employees.items() if employee.crm_user is not None)
    yield from (contact.employee for contact in draft.company.contacts if contact.employee)
