"""People on the map: employees, groups and their queues, forwards, mailboxes (see flows.ringing, flows.forwarding)."""

from __future__ import annotations

from collections.abc import Iterable

from config.company import Extended
from config.destinations import Accept
from flows.maps.parts import Kind
from flows.maps.sheet import Sheet
from flows.places import Stage
from flows.way import Aim

MOST_BY_EXTENSION = 24
"""Groups that are drawn one by one because an extension leads to them; no map with more could be read."""


def extensions(sheet: Sheet, here: str, then: Stage) -> None:
    """Draw what extensions lead to: any employee, and each group."""
    found = sheet.company.extensions
    if any(whose.kind == "employee" for whose in found.values()):
        rule = f"numbers.{sheet.number_key}.extensions.no_answer"
        sheet.edge(here, "extension", employee(sheet, "by_extension", "", rule, then))
    groups = [(digits, whose.key) for digits, whose in found.items() if whose.kind == "group"]
    for digits, key in groups[:MOST_BY_EXTENSION]:
        sheet.edge(here, "extension", group(sheet, key, then), digits)
    if groups[MOST_BY_EXTENSION:]:
        sheet.edge(here, "extension", sheet.node("groups", "groups", ""), "…")


def employee(sheet: Sheet, kind: Kind, key: str, rule: str, then: Stage) -> str:
    """Draw an employee, and what follows by the rule at an address; without a key it may be anybody."""
    owner = Extended("employee", key)
    aim = Aim(destination=sheet.company.destinations[rule], address=rule, then=then, owner=owner, last=key)

    def leads(here: str) -> None:
        if not key or sheet.company.employees[key].devices:
            sheet.edge(here, "answered", sheet.end("answered"))
        sheet.edge(here, "no_answer", sheet.follow(aim))

    return sheet.node(f"{kind}:{key}:{rule}@{then}", kind, key, leads)


def group(sheet: Sheet, key: str, then: Stage) -> str:
    """Draw a group; where not even its `no_answer` can take the call, only the last stages are left."""
    later: Stage = "end" if then == "end" else "otherwise"
    rules = sheet.company.groups[key]
    owner = Extended("group", key)
    aim = Aim(destination=rules.no_answer, address=f"groups.{key}.no_answer", then=later, owner=owner)

    def leads(here: str) -> None:
        sheet.groups_drawn[here] = (key, later)
        if any(sheet.company.employees[member].devices for member in rules.members):
            sheet.edge(here, "answered", sheet.end("answered"))
        sheet.edge(here, "no_answer", sheet.follow(aim))

    return sheet.node(f"group:{key}@{later}", "group", key, leads)


def hold(sheet: Sheet, key: str, then: Stage) -> str:
    """Draw the queue of a group."""
    rules = sheet.company.groups[key].hold
    owner = Extended("group", key)
    aim = Aim(destination=rules.then, address=f"groups.{key}.hold.then", then=then, owner=owner)

    def leads(here: str) -> None:
        sheet.edge(here, "answered", sheet.end("answered"))
        if rules.message_key:
            sheet.edge(here, "message_key", message(sheet, f"group:{key}"), rules.message_key)
        sheet.edge(here, "hold_over", sheet.follow(aim))

    return sheet.node(f"hold:{key}@{then}", "hold", key, leads)


def outside(sheet: Sheet, number: str, accept: Accept | None, mailbox: str) -> str:
    """Draw a forward to an outside number."""
    asks = (accept or sheet.company.forwarding.accept.outside) == "press_1"
    return _dialled(sheet, "forward", number, asks, mailbox)


def mobile(sheet: Sheet, key: str, accept: Accept | None, aim: Aim) -> str:
    """Draw a forward to an employee's mobile; without a key it is that of whoever was rung."""
    asks = (accept or sheet.company.forwarding.accept.mobiles) == "press_1"
    by_extension = aim.address.startswith(f"numbers.{sheet.number_key}.extensions.")
    people = [name for name, person in sheet.company.employees.items() if person.extension or not by_extension]
    return _dialled(sheet, "mobile", key, asks, aim.mailbox, _lacking(sheet, [key] if key else people, aim.then))


def last_mobile(sheet: Sheet, group_key: str, aim: Aim) -> str:
    """Draw a forward to the mobile of the member of a group who was rung last."""
    asks = sheet.company.forwarding.accept.mobiles == "press_1"
    members = sheet.company.groups[group_key].members
    return _dialled(sheet, "last_mobile", group_key, asks, aim.mailbox, _lacking(sheet, members, aim.then))


def _lacking(sheet: Sheet, rung: Iterable[str], then: Stage) -> tuple[bool, Stage] | None:
    """Where calls go on for want of a mobile, and whether some have one; None when nobody is without."""
    having = [bool(sheet.company.employees[key].mobile) for key in rung]
    return None if having and all(having) else (any(having), then)


def _dialled(
    sheet: Sheet, kind: Kind, key: str, asks: bool, mailbox: str, lacking: tuple[bool, Stage] | None = None
) -> str:
    takes_message = sheet.company.forwarding.unanswered == "voicemail"
    some, then = lacking or (True, "end")

    def leads(here: str) -> None:
        if some:
            sheet.edge(here, "answered", sheet.end("forwarded"))
            told = message(sheet, mailbox) if takes_message else sheet.end("apology")
            sheet.edge(here, "unanswered", told)
        if lacking is not None:
            sheet.edge(here, "no_mobile", sheet.go_on(then))

    name = f"{kind}:{key}:{'press_1' if asks else 'none'}:{mailbox if takes_message else ''}@{then}"
    return sheet.node(name, kind, key, leads, asks=asks)


def message(sheet: Sheet, mailbox: str) -> str:
    """Draw a mailbox; "" is the number's group's, else the number's own (see flows.messages)."""
    number = sheet.number
    box = mailbox or (f"group:{number.group}" if number.group else f"number:{sheet.number_key}")
    return sheet.node(f"message:{box}", "message", box)
