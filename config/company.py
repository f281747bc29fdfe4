"""The company: the whole settings document, and the indexes that calls are routed by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, StringConstraints

from config.destinations import Accept, Destination, ToEmployee
from config.menus import Menu
from config.numbers import Language, Number, Voice
from config.people import Employee, Group
from config.record import SHOWN, Name, Record
from config.schedules import Schedule, TimeZone
from config.telephone import PhoneNumber, SipAddress

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class AcceptRules(Record):
    """Whether whoever picks up a forwarded call must press 1 to take it."""

    mobiles: Accept = Field(default="press_1", description="employees' mobiles, where a mailbox may pick up")
    outside: Accept = Field(default="none", description="outside numbers, where a menu may pick up")


class Forwarding(Record):
    """Rules for every forward; `minimum_balance` is in the currency of the provider's account."""

    countries: tuple[Country, ...] | None = Field(
        default=None, description="the only countries that are ever dialled; without it the company's own"
    )
    ring_seconds: int = Field(
        default=25, ge=5, le=120, description="how long a forward rings; short enough that a mobile's mailbox stays out"
    )
    accept: AcceptRules = Field(default=AcceptRules(), description="who must press 1 to take a forwarded call")
    unanswered: Literal["hang_up", "voicemail"] = Field(
        default="hang_up",
        description="what follows when a forward is not answered: an apology and the end, or a message",
    )
    minimum_balance: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="with less at the provider, in the account's currency, rented numbers do not forward",
    )


class SipConnector(Record):
    """The licence that forwards of sip numbers need."""

    paid_until: date = Field(description="the last day on which forwards of sip numbers are made")


class AutoBlock(Record):
    """Callers who ring this often out of hours are blocked, for `hours` from the last of those calls."""

    calls: int = Field(default=5, ge=2, le=1000, description="so many calls")
    minutes: int = Field(default=5, ge=1, le=1440, description="within so many minutes")
    hours: int = Field(default=24, ge=1, le=8760, description="for how many hours the caller is blocked then")


class Recordings(Record):
    """For how many days recordings and messages are kept, here and at the provider; without `keep_days` for ever."""

    keep_days: int | None = Field(
        default=None, ge=1, le=36_500, description="after so many days they are removed; without it they stay"
    )


class Contact(Record):
    """A known caller, and the employee responsible for them."""

    number: PhoneNumber = Field(description="the number from which the contact calls")
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), SHOWN] = Field(
        description="how pages and call details name the contact"
    )
    employee: Name | None = Field(default=None, description="who is rung first where a number has `responsible`")


class Extended(NamedTuple):
    """Whose extension it is."""

    kind: Literal["employee", "group"]
    key: str


class Placed(NamedTuple):
    """A destination, its address in the document, and whom a bare word in it means."""

    address: str
    destination: Destination
    owner: Extended | None


class Company(Record):
    """Everything that routing needs to know; one frozen document, one revision."""

    company: Annotated[str, StringConstraints(min_length=1, max_length=100), SHOWN] = Field(
        description="the company's name, as the pages show it"
    )
    timezone: TimeZone = Field(default="Europe/Madrid", description="the time zone of hours, pages and call details")
    language: Language = Field(
        default="en", description="of the prompts that ship with the app: en and es; any other hears English"
    )
    voice: Voice | None = Field(default=None, description="the provider's name of the voice that speaks")
    country: Country = Field(description="where the company is; numbers without + are taken as its own")
    forwarding: Forwarding = Field(default=Forwarding(), description="rules for every forward")
    sip_connector: SipConnector | None = Field(default=None, description="the licence of sip numbers")
    employees: dict[Name, Employee] = Field(default_factory=dict, description="who answers, by a short name")
    groups: dict[Name, Group] = Field(default_factory=dict, description="who shares calls, by a short name")
    menus: dict[Name, Menu] = Field(default_factory=dict, description="voice menus, by a short name")
    schedules: dict[Name, Schedule] = Field(default_factory=dict, description="opening hours, by a short name")
    numbers: dict[PhoneNumber | SipAddress, Number] = Field(
        min_length=1, description="the lines that customers call, by number or SIP address"
    )
    contacts: tuple[Contact, ...] = Field(default=(), description="known callers (besides the address book in SQL)")
    blocked: tuple[PhoneNumber, ...] = Field(default=(), description="callers who are declined")
    auto_block: AutoBlock | None = Field(
        default=None, description="blocks callers who ring too often out of hours; without it nobody"
    )
    recordings: Recordings = Field(default=Recordings(), description="how long recordings and messages are kept")

    @cached_property
    def revision(self) -> str:
        """Digest of the document: 12 hexadecimal digits, the same for the same settings."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]

    @cached_property
    def forward_countries(self) -> tuple[str, ...]:
        """Countries that may be dialled: the listed ones, else the company's own."""
        return self.forwarding.countries or (self.country,)

    @cached_property
    def extensions(self) -> dict[str, Extended]:
        """Whose each extension is."""
        found = {e.extension: Extended("employee", key) for key, e in self.employees.items() if e.extension}
        return found | {g.extension: Extended("group", key) for key, g in self.groups.items() if g.extension}

    @cached_property
    def extension_digits(self) -> int:
        """Length of the longest extension, 0 when there is none."""
        return max(map(len, self.extensions), default=0)

    @cached_property
    def known_callers(self) -> dict[str, Contact]:
        """The listed contacts by number."""
        return {contact.number: contact for contact in self.contacts}

    @cached_property
    def crm_users(self) -> dict[int, str]:
        """The employees by their number in the CRM."""
        return {e.crm_user: key for key, e in self.employees.items() if e.crm_user is not None}

    @cached_property
    def named(self) -> frozenset[str]:
        """The employees whom a contact of the settings, or a number in the CRM, may name for a caller."""
        return frozenset([*(c.employee for c in self.contacts if c.employee), *self.crm_users.values()])

    @cached_property
    def employees_by_name(self) -> tuple[str, ...]:
        """The employees in the order of their names."""
        return tuple(sorted(self.employees, key=lambda key: (self.employees[key].name.casefold(), key)))

    @cached_property
    def blocked_callers(self) -> frozenset[str]:
        """The block list of the settings."""
        return frozenset(self.blocked)

    @cached_property
    def queues_of(self) -> dict[str, tuple[str, ...]]:
        """The groups with a hold that each employee belongs to."""
        queues: dict[str, tuple[str, ...]] = {}
        for key, group in self.groups.items():
            if group.no_answer == "hold":
                for member in group.members:
                    queues[member] = (*queues.get(member, ()), key)
        return queues

    @cached_property
    def destinations(self) -> dict[str, Destination]:
        """Every destination by its address, such as menus.main.choices.3.no_answer."""
        return {placed.address: placed.destination for placed in self.placed_destinations()}

    def placed_destinations(self) -> Iterator[Placed]:
        """Walk every destination of the document."""
        for key, number in self.numbers.items():
            for stage in ("closed", "otherwise"):
                yield from _with_nested(Placed(f"numbers.{key}.{stage}", getattr(number, stage), None))
            yield from _employee_rule(f"numbers.{key}.extensions", number.extensions.no_answer)
            if number.responsible:
                yield from _employee_rule(f"numbers.{key}.responsible", number.responsible.no_answer)
        for key, menu in self.menus.items():
            yield from _with_nested(Placed(f"menus.{key}.no_choice", menu.no_choice, None))
            for digit, choice in menu.choices.items():
                yield from _with_nested(Placed(f"menus.{key}.choices.{digit}", choice, None))
        for key, group in self.groups.items():
            owner = Extended("group", key)
            yield from _with_nested(Placed(f"groups.{key}.no_answer", group.no_answer, owner))
            yield from _with_nested(Placed(f"groups.{key}.hold.then", group.hold.then, owner))

    @cached_property
    def _numbers_by_spelling(self) -> dict[str, str]:
        spelled: dict[str, str] = {}
        for key in self.numbers:
            spelled[key.lower()] = key
            if key.startswith("sip") and "@" in key:
                spelled.setdefault("@" + key.split("@", 1)[1].lower(), key)
            elif key.startswith("sip"):
                spelled["@" + key.split(":", 1)[1].lower()] = key
        return spelled

    def number_called(self, to: str) -> str | None:
        """Find the key of the number that a caller dialled, or None.

        A SIP address matches as a whole, else by a user part that is one of our numbers, else by its domain:
        the users of a domain are then the extensions of its number (DESIGN section 3, stage 3).
        """
        spelled, to = self._numbers_by_spelling, to.strip().lower()
        if not to.startswith(("sip:", "sips:")):
            return spelled.get(to) or spelled.get("+" + to.lstrip("+ "))
        address = to.split(";", 1)[0]
        user, _, domain = address.split(":", 1)[1].rpartition("@")
        domain = domain.split(":", 1)[0]
        candidates = (address, user, "+" + user.lstrip("+"), "@" + domain)
        return next((spelled[c] for c in candidates if c in spelled), None)


def _with_nested(placed: Placed) -> Iterator[Placed]:
    yield placed
    if isinstance(placed.destination, ToEmployee):
        owner = Extended("employee", placed.destination.employee)
        yield Placed(placed.address + ".no_answer", placed.destination.no_answer, owner)


def _employee_rule(address: str, rule: Destination) -> Iterator[Placed]:
    yield Placed(address + ".no_answer", rule, Extended("employee", ""))
