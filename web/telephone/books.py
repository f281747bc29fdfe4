"""What may be called and by whom, and whose device it is that rings."""

from __future__ import annotations

from dataclasses import dataclass

from config.company import Company
from flows.hours import opening
from web.looks import phone
from web.reception import Reception
from web.words import _


@dataclass(frozen=True, kw_only=True, slots=True)
class Device:
    """A device as people know it: whose it is, and what it is."""

    name: str
    kind: str


def known_callers(reception: Reception) -> list[tuple[str, str]]:
    """Return the contacts of the settings: number and name."""
    return [(contact.number, contact.name) for contact in reception.company.contacts]


def closed_now(reception: Reception) -> frozenset[str]:
    """Return the numbers whose hours are over: a call of now goes where calls go then."""
    company, now = reception.company, reception.clock()
    hours = {key: company.schedules[each.schedule] for key, each in company.numbers.items() if each.schedule}
    return frozenset(key for key, each in hours.items() if not opening(each, each.local(now, company.timezone)).open)


def device(company: Company, address: str) -> Device:
    """Say whose device an address is."""
    for employee in company.employees.values():
        if address in employee.devices:
            return Device(name=employee.name, kind=_kind(address))
        if address == employee.mobile:
            return Device(name=employee.name, kind=_("mobile %(number)s", number=phone(address)))
    return Device(name=phone(address), kind=_("outside number"))


def _kind(address: str) -> str:
    if address.startswith("client:"):
        return _("browser")
    if address.startswith("sip"):
        return _("SIP phone")
    return _("telephone %(number)s", number=phone(address))
