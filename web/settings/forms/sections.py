"""The sections of the settings: what each is called, its form, who may look and change, and how a new entry begins."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from config.draft import canonical
from web.access import Permission
from web.settings.forms import blocks
from web.settings.forms.desk import Desk, Entries, Place, part, text_of
from web.settings.forms.fields import digest
from web.settings.forms.form import SettingsForm
from web.settings.forms.number import NumberForm
from web.settings.forms.people import ContactForm, EmployeeForm, GroupForm
from web.settings.forms.rules import BlockedForm, CompanyForm, ForwardingForm, MenuForm, ScheduleForm
from web.settings.forms.typed import line, phone
from web.words import _, lazy

KEY = r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}"
"""What the check accepts as a key (config.record.Name)."""
MOST_OF_A_NUMBER = 254


@dataclass(frozen=True, kw_only=True, eq=False)
class Section:
    """One part of the settings and its pages; `personal` is what a copy of an entry does not take over."""

    name: str
    title: str
    sentence: str
    form: type[SettingsForm]
    new: str = ""
    look: Permission = Permission.TELEPHONY
    change: Permission = Permission.TELEPHONY
    seed: Callable[[str], dict[str, Any]] = lambda name: {"name": name}
    personal: frozenset[str] = frozenset({"extension"})

    def place(self, desk: Desk, key: str) -> Place:
        """The place of an entry in the document; one past the others for a contact that is not there."""
        if self.name != "contacts":
            return self.name, key
        keys = list(self.keys(desk))
        return self.name, keys.index(key) if key in keys else len(keys)

    def url(self, action: str, key: str | None = None, **more: Any) -> str:
        """The address of one of its pages."""
        values: dict[str, Any] = more if key is None else more | {"key": key}
        return url_for(f"settings.{self.name}_{action}", **values)

    def keys(self, desk: Desk) -> dict[str, Any]:
        """Its entries in the document, by key."""
        if self.name != "contacts":
            return desk.entries(self.name).values
        known: dict[str, Any] | None = desk.remembered.get("contacts")
        if known is None:
            written = desk.get(("contacts",))
            known = desk.remembered["contacts"] = by_number(written if isinstance(written, list) else [])
        return known

    def starts(self, desk: Desk) -> dict[str, str]:
        """How the paths of problems begin, behind the section's name → the key of the entry that they are about."""
        found: dict[str, str] | None = desk.remembered.get(("starts", self.name))
        if found is None:
            keys = list(self.keys(desk))
            known = enumerate(keys) if self.name == "contacts" else ((canonical(self.name, key), key) for key in keys)
            as_written = {} if self.name == "contacts" else {key: key for key in keys}
            found = desk.remembered["starts", self.name] = {str(start): key for start, key in known} | as_written
        return found

    def key_typed(self, text: str, country: str) -> str:
        """Make a key of a number that is typed."""
        return phone(text, country) if self.name in ("numbers", "contacts") else line(text)

    def key_refused(self, key: str) -> str:
        """Say why something cannot be a key that an address can hold; nothing when it can."""
        if self.name in ("numbers", "contacts"):
            fits = len(key) <= MOST_OF_A_NUMBER and key.startswith(("+", "sip:", "sips:"))
            return "" if fits else _("This is no telephone number that could be called, such as +34 910 000 001.")
        fits = re.fullmatch(KEY, key) is not None
        return (
            ""
            if fits
            else _("A key begins with a letter from a to z or a digit; after it - and _ may stand too. 40 at most.")
        )

    def called(self, desk: Desk, key: str) -> str:
        """What people call an entry."""
        entries = Entries(self.name, self.keys(desk)) if self.name == "contacts" else desk.entries(self.name)
        return entries.name(key)


def by_number(contacts: list[Any]) -> dict[str, Any]:
    """Give contacts their numbers as keys: their places change while somebody edits.

    Of those that have none, or the same one, the rest of what they say is part of the key: whoever has opened one and
    finds another of that number in its place is told, and overwrites nothing.
    """
    numbers = [text_of(part(contact, "number")) for contact in contacts]
    times = Counter(numbers)
    keyed: dict[str, Any] = {}
    for number, contact in zip(numbers, contacts, strict=True):
        key = number if number and times[number] == 1 else f"{number}~{digest(contact)}"
        keyed[key if key not in keyed else f"{key}~{len(keyed)}"] = contact
    return keyed


def _number(name: str) -> dict[str, Any]:
    return {"name": name, "otherwise": "voicemail"}


def _group(name: str) -> dict[str, Any]:
    return {"name": name, "members": [], "no_answer": "voicemail"}


def _menu(_name: str) -> dict[str, Any]:
    return {"prompt": {"say": _("To hear this again, press 0.")}, "choices": {"0": "repeat"}}


def _schedule(_name: str) -> dict[str, Any]:
    return {"weekly": {"mon-fri": ["09:00-18:00"]}}


SECTIONS: Mapping[str, Section] = {
    section.name: section
    for section in (
        Section(
            name="numbers",
            title=lazy("Numbers"),
            sentence=lazy("The lines that customers call, and the way of a call through the company."),
            form=NumberForm,
            new=lazy("New number"),
            change=Permission.NUMBERS,
            seed=_number,
            personal=frozenset(),
        ),
        Section(
            name="groups",
            title=lazy("Groups"),
            sentence=lazy("Employees who share calls, and what follows when nobody answers."),
            form=GroupForm,
            new=lazy("New group"),
            seed=_group,
        ),
        Section(
            name="menus",
            title=lazy("Menus"),
            sentence=lazy("What callers hear, and what each key does."),
            form=MenuForm,
            new=lazy("New menu"),
            seed=_menu,
        ),
        Section(
            name="schedules",
            title=lazy("Schedules"),
            sentence=lazy("Opening hours, public holidays and closed days."),
            form=ScheduleForm,
            new=lazy("New schedule"),
            seed=_schedule,
        ),
        Section(
            name="employees",
            title=lazy("Employees"),
            sentence=lazy("The people who answer, their devices and mobiles."),
            form=EmployeeForm,
            new=lazy("New employee"),
            look=Permission.EMPLOYEES,
            change=Permission.EMPLOYEES,
            personal=frozenset({"extension", "devices", "mobile", "crm_user"}),
        ),
        Section(
            name="contacts",
            title=lazy("Contacts of the settings"),
            sentence=lazy("Known callers, and the employee who looks after each."),
            form=ContactForm,
            new=lazy("New contact"),
            personal=frozenset({"number"}),
        ),
    )
}
"""The sections that hold entries."""


@dataclass(frozen=True, kw_only=True)
class Single:
    """A page of the settings that is about the company as a whole."""

    name: str
    title: str
    sentence: str
    form: type[SettingsForm]
    template: str = "single"
    more: Callable[[], dict[str, Any]] = dict
    """What its page shows besides."""

    @property
    def url(self) -> str:
        """Its address."""
        return url_for(f"settings.{self.name}")


SINGLES: Mapping[str, Single] = {
    single.name: single
    for single in (
        Single(
            name="forwarding",
            title=lazy("Forwarding"),
            sentence=lazy("Where calls may be forwarded, for how long it rings, and what it may cost."),
            form=ForwardingForm,
        ),
        Single(
            name="blocked",
            title=lazy("Block list"),
            sentence=lazy("Callers who are declined."),
            form=BlockedForm,
            template="blocked",
            more=blocks.listed,
        ),
        Single(
            name="company",
            title=lazy("Company"),
            sentence=lazy("Name, country, time zone, language, and for how long recordings are kept."),
            form=CompanyForm,
        ),
    )
}


def entry_of(desk: Desk, path: str) -> tuple[Section, str] | None:
    """Find the entry that a dotted path of the document is in; keys of numbers may hold dots."""
    name, *steps = path.split(".")
    section = SECTIONS.get(name)
    if section is None:
        return None
    starts = section.starts(desk)
    found = (starts.get(".".join(steps[:end])) for end in range(len(steps), 0, -1))
    key = next((key for key in found if key is not None), None)
    return None if key is None else (section, key)


def link_of(desk: Desk, path: str) -> str:
    """The address of the page on which what a path names can be changed."""
    entry = entry_of(desk, path)
    if entry is not None:
        return entry[0].url("entry", entry[1])
    top = path.partition(".")[0]
    single = {"forwarding": "forwarding", "sip_connector": "forwarding", "blocked": "blocked", "auto_block": "blocked"}
    return url_for(f"settings.{single.get(top, 'company')}")
