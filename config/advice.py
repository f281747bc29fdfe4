"""Settings that contradict themselves, or that will surprise whoever wrote them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from config.company import Company
from config.destinations import ToVoicemail, form
from config.draft import Draft, entries_of
from config.people import MOST_DEVICES, NO_USER, Group
from config.problems import Problem, short
from config.spelling import listed

LONGEST_RING = 600
"""Seconds of ringing in one group after which hardly a caller is still there."""

OUT_OF_REACH = "has neither devices nor a mobile: nobody can reach this employee"


def _warning(path: str, message: str, value: object = None) -> Problem:
    return Problem(path=path, value="" if value is None else short(value), message=message, level="warning")


def impossible_rules(draft: Draft) -> Iterator[Problem]:
    """Find what can never work: waiting for nobody, a rented SIP address, asking for extensions that nobody has."""
    for key, group in draft.company.groups.items():
        if group.no_answer == "hold" and not group.members and ("groups", key) not in draft.damaged:
            message = "nobody is in this group to wait for; add members, or use voicemail or {forward: …}"
            yield Problem(path=f"groups.{key}.no_answer", value="hold", message=message)
    for key, number in draft.company.numbers.items():
        if key.startswith("sip") and number.kind == "rented" and ("numbers", key) not in draft.damaged:
            message = "a SIP address cannot be rented; write kind: sip, and the outgoing_number"
            yield Problem(path=f"numbers.{key}", message=message)
    if draft.company.extensions or any(section in ("employees", "groups") for section, _ in draft.damaged):
        return
    for key, menu in draft.company.menus.items():
        for digit, choice in menu.choices.items():
            if choice == "ask_extension":
                message = "nobody has an extension; give one to an employee or a group"
                yield Problem(path=f"menus.{key}.choices.{digit}", value="ask_extension", message=message)


def odd_numbers(draft: Draft) -> Iterator[Problem]:
    """Warn of numbers that lead nowhere, and of settings of theirs that have no effect."""
    company = draft.company
    for key, number in company.numbers.items():
        path, written = f"numbers.{key}", number.model_fields_set
        if ("numbers", key) in draft.damaged:
            continue
        if not (number.menu or number.group or number.responsible or number.greeting or number.sip_extension):
            yield _warning(path, f"has neither greeting, menu, responsible nor group: every call meets {_last(number)}")
        if "extensions" in written and key not in draft.numbers_asking:
            yield _warning(f"{path}.extensions", "has no effect: without a greeting nobody can type an extension")
        if number.record_notice and not number.record:
            yield _warning(f"{path}.record_notice", "announces a recording, and record is off; add record: true")
        if "closed" in written and number.schedule is None:
            yield _warning(f"{path}.closed", "has no effect: without a schedule the number is always open")
    yield from _unlicensed(company)
    yield from _hidden_keys(company)


def _last(number: object) -> str:
    return f"otherwise: {form(getattr(number, 'otherwise', ''))}"


def _unlicensed(company: Company) -> Iterator[Problem]:
    forwards = {"forward", "forward_to_mobile"}
    sip = [key for key, number in company.numbers.items() if number.kind == "sip"]
    if sip and company.sip_connector is None and forwards & {form(d) for d in company.destinations.values()}:
        message = f"is missing, and {listed(sip)} may forward; write, for example, {{paid_until: 2027-06-30}}"
        yield _warning("sip_connector", message)


def _hidden_keys(company: Company) -> Iterator[Problem]:
    """Warn of extensions of one digit: typed while the greeting plays, they win over the menu's key."""
    single = {extension: owner for extension, owner in company.extensions.items() if len(extension) == 1}
    greeted = {n.menu for n in company.numbers.values() if single and n.greeting and n.menu in company.menus}
    for menu in sorted(name for name in greeted if name):
        for digit in company.menus[menu].choices.keys() & single.keys():
            owner = single[digit]
            message = f"whoever presses {digit} during the greeting gets this extension, not key {digit} of menu {menu}"
            yield _warning(f"{owner.kind}s.{owner.key}.extension", message, digit)


def odd_groups(draft: Draft) -> Iterator[Problem]:
    """Warn of groups that ring nobody, ring too long, or carry settings without effect."""
    employees = draft.company.employees
    for key, group in draft.company.groups.items():
        path = f"groups.{key}"
        known = [employees[member] for member in group.members if member in employees]
        whole = not draft.damaged and len(known) == len(group.members) > 0
        if whole and not any(employee.devices for employee in known):
            yield _warning(f"{path}.members", "none of them has a device: the group never rings")
        if "hold" in group.model_fields_set and group.no_answer != "hold":
            yield _warning(f"{path}.hold", f"has no effect: no_answer is {form(group.no_answer)}, not hold")
        if _ring_time(group) > LONGEST_RING:
            message = f"ringing everybody takes {_ring_time(group)} s, and hardly a caller waits so long; "
            yield _warning(f"{path}.ring_seconds", message + "ring shorter, or everybody at once", group.ring_seconds)
        for member, times in Counter(draft.members_listed(key)).items():
            if times > 1:
                yield _warning(f"{path}.members", f"{member} stands here {times} times; once is enough")


def _ring_time(group: Group) -> int:
    rounds = len(group.members)
    if group.distribution == "everybody":
        rounds = -(-rounds // MOST_DEVICES)
    return rounds * group.ring_seconds


def odd_people(draft: Draft) -> Iterator[Problem]:
    """Warn of employees who cannot be reached, of schedules that are never open, and of names that mean two things."""
    company = draft.company
    for key, employee in company.employees.items():
        if not employee.devices and not employee.mobile and ("employees", key) not in draft.damaged:
            yield _warning(f"employees.{key}", OUT_OF_REACH)
    for key, entry in entries_of(draft.document, "employees").items():
        if isinstance(entry, dict) and entry.get("crm_user") in NO_USER:
            yield _warning(f"employees.{key}.crm_user", "no user of a CRM has this number; leave it out", 0)
    for key, schedule in company.schedules.items():
        if not any(schedule.spans):
            yield _warning(f"schedules.{key}.weekly", "is never open")
    both = company.employees.keys() & company.groups.keys()
    for address, destination in company.destinations.items():
        if isinstance(destination, ToVoicemail) and destination.voicemail in both:
            message = "names an employee and a group; the group gets the message"
            yield _warning(f"{address}.voicemail", message, destination.voicemail)
    yield from _said_twice(company)
    yield from _shared_devices(company)


def _said_twice(company: Company) -> Iterator[Problem]:
    """Warn of callers listed twice, and of CRM users who are two employees: only one of them counts."""
    seen: dict[object, str] = {}
    for place, contact in enumerate(company.contacts):
        first = seen.setdefault(contact.number, f"contacts.{place}")
        if first != f"contacts.{place}":
            yield _warning(f"contacts.{place}.number", f"stands in {first} too; the last one counts", contact.number)
    for key, employee in company.employees.items():
        if employee.crm_user is not None:
            first = seen.setdefault(employee.crm_user, f"employees.{key}")
            if first != f"employees.{key}":
                yield _warning(f"employees.{key}.crm_user", f"is {first} too; give each his own", employee.crm_user)


def _shared_devices(company: Company) -> Iterator[Problem]:
    """Warn of devices listed twice: who talks is known by employee, so another's call rings in the conversation."""
    seen: dict[str, str] = {}
    for key, employee in company.employees.items():
        for place, device in enumerate(employee.devices):
            path = f"employees.{key}.devices.{place}"
            first = seen.setdefault(device, path)
            if first != path:
                message = f"stands in {first} too, and rings for one while the other talks on it; give each his own"
                yield _warning(path, message, device)
