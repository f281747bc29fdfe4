"""Cases of the rules, one each: what is changed in a sound company, and the problem that it has then."""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.config.documents import GONE, NUMBER, group, menu, problems


class Case(NamedTuple):
    """Changes to a sound company, the one path that has a problem then, and words of its message."""

    changes: dict[str, Any]
    path: str
    words: str


def found(case: Case, level: str) -> dict[str, str]:
    return {p.path: p.message for p in problems(case.changes) if p.level == level}


GREETS = {f"{NUMBER}.greeting": {"say": "Hola."}}
LISTENS = {"menus.main.choices.9": "ask_extension"}
NO_MOBILE = {"employees.luis.mobile": GONE}
PBX = {"name": "PBX", "kind": "sip", "group": "sales", "outgoing_number": "+34910000001"}

WARNINGS = {
    "a shared-cost number may be forwarded to, at a price": Case(
        {"groups.sales.no_answer": {"forward": "+34902123456"}},
        "groups.sales.no_answer.forward",
        "a shared-cost number",
    ),
    "a personal number is no mobile": Case(
        {"employees.ana.mobile": "+34704123456"}, "employees.ana.mobile", "much more than the mobile it looks like"
    ),
    "a company's number for the whole country may be dear": Case(
        {"employees.ana.devices": ["client:ana", "+34510123456"]}, "employees.ana.devices.1", "a company's number"
    ),
    "a pager is no telephone": Case(
        {"forwarding.countries": ["ES", "PT"], f"{NUMBER}.otherwise": {"forward": "+351622212345"}},
        f"{NUMBER}.otherwise.forward",
        "a pager: nobody can answer there",
    ),
    "whoever is called by extension should have a mobile": Case(
        NO_MOBILE
        | GREETS
        | {"employees.luis.extension": "102"}
        | {f"{NUMBER}.extensions": {"no_answer": "forward_to_mobile"}},
        f"{NUMBER}.extensions.no_answer",
        "luis may be rung and has no mobile",
    ),
    "a responsible employee known to the CRM should have a mobile": Case(
        NO_MOBILE | {"employees.luis.crm_user": 7, f"{NUMBER}.responsible": {"no_answer": "forward_to_mobile"}},
        f"{NUMBER}.responsible.no_answer",
        "luis may be rung and has no mobile",
    ),
    "a responsible employee of a contact should have a mobile": Case(
        NO_MOBILE
        | {"contacts": [{"number": "+34600222001", "name": "Talleres", "employee": "luis"}]}
        | {f"{NUMBER}.responsible": {"no_answer": "forward_to_mobile"}},
        f"{NUMBER}.responsible.no_answer",
        "luis may be rung and has no mobile",
    ),
    "a group should have a device": Case(
        {"employees.ana.devices": [], "employees.luis.devices": []}, "groups.sales.members", "none of them has a device"
    ),
    "a group of one should have a device": Case(
        {"employees.eva": {"name": "Eva", "mobile": "+34600111444"}, "groups.solo": group(members=["eva"])}
        | {f"{NUMBER}.otherwise": {"group": "solo"}},
        "groups.solo.members",
        "none of them has a device",
    ),
    "an employee should have a device or a mobile": Case(
        NO_MOBILE | {"employees.luis.devices": []}, "employees.luis", "neither devices nor a mobile"
    ),
    "a PBX that forwards should have its licence": Case(
        {"numbers.sip:pbx": PBX | {"closed": {"forward": "+34910000999"}, "schedule": "office"}},
        "sip_connector",
        "is missing, and sip:pbx may forward",
    ),
    "a number should lead somewhere": Case(
        {"numbers.+34910000002": {"name": "Leer"}}, "numbers.+34910000002", "every call meets otherwise: hang_up"
    ),
    "extensions need a greeting": Case(
        {f"{NUMBER}.extensions": {"no_answer": "voicemail"}}, f"{NUMBER}.extensions", "without a greeting"
    ),
    "extensions need a menu that asks for them": Case(
        LISTENS | {"numbers.+34910000002": {"name": "N", "group": "sales", "extensions": {"no_answer": "voicemail"}}},
        "numbers.+34910000002.extensions",
        "without a greeting",
    ),
    "a notice of recording needs a recording": Case(
        {f"{NUMBER}.record_notice": True}, f"{NUMBER}.record_notice", "record is off"
    ),
    "closed needs a schedule": Case(
        {f"{NUMBER}.closed": "voicemail", f"{NUMBER}.schedule": GONE, "employees.ana.schedule": "office"},
        f"{NUMBER}.closed",
        "without a schedule",
    ),
    "hold settings need a hold": Case(
        {"groups.sales.hold": {"max_minutes": 5}}, "groups.sales.hold", "no_answer is voicemail, not hold"
    ),
    "a group should not ring for more than ten minutes": Case(
        {"groups.sales.members": [f"e{i}" for i in range(31)], "groups.sales.ring_seconds": 20}
        | {f"employees.e{i}": {"name": "E", "devices": [f"client:e{i}"]} for i in range(31)}
        | {f"{NUMBER}.otherwise": {"employee": "luis"}, f"{NUMBER}.closed": {"employee": "ana"}},
        "groups.sales.ring_seconds",
        "ringing everybody takes 620 s",
    ),
    "a member should stand in a group once": Case(
        {"groups.sales.members": ["ana", "luis", "ana"]}, "groups.sales.members", "ana stands here 2 times"
    ),
    "a schedule should open some time": Case(
        {"schedules.office.weekly": {"mon": []}}, "schedules.office.weekly", "is never open"
    ),
    "a mailbox should have one owner": Case(
        {"groups.ana": group(), "menus.main.choices.2": {"group": "ana"}, "menus.main.choices.3": {"voicemail": "ana"}},
        "menus.main.choices.3.voicemail",
        "names an employee and a group",
    ),
    "a contact should be listed once": Case(
        {"contacts": [{"number": "+34600222001", "name": "A"}, {"number": "+34 600 222 001", "name": "B"}]},
        "contacts.1.number",
        "stands in contacts.0 too",
    ),
    "a CRM user should be one employee": Case(
        {"employees.ana.crm_user": 7, "employees.luis.crm_user": 7}, "employees.luis.crm_user", "is employees.ana too"
    ),
    "a device should be one employee's": Case(
        {"employees.luis.devices": ["sip:luis@acme.example.com", "client:ana"]},
        "employees.luis.devices.1",
        "stands in employees.ana.devices.0 too",
    ),
    "a device should be listed once": Case(
        {"employees.ana.devices": ["+34910000002", "+34 910 000 002"]},
        "employees.ana.devices.1",
        "stands in employees.ana.devices.0 too",
    ),
    "a CRM user's number is 1 or more": Case(
        {"employees.ana.crm_user": 0}, "employees.ana.crm_user", "no user of a CRM has this number"
    ),
    "a name should show all that it holds": Case(
        {"employees.ana.name": "Ana\u202e\u200b\u202e Ruiz"}, "employees.ana.name", "nobody sees (U+202E U+200B)"
    ),
    "an extension of one digit should not hide a key": Case(
        GREETS | {"employees.luis.extension": "1"}, "employees.luis.extension", "not key 1 of menu main"
    ),
    # What nobody can reach
    "a group should be reachable": Case({"groups.spare": group()}, "groups.spare", "leads to this group"),
    "a menu should be reachable": Case(
        {"menus.spare": menu(k1={"group": "sales"})}, "menus.spare", "leads to this menu"
    ),
    "an employee should be reachable": Case(
        {"employees.eva": {"name": "Eva", "devices": ["client:eva"]}}, "employees.eva", "leads to this employee"
    ),
    "an extension is no way to an employee where none can be typed": Case(
        {"groups.sales.members": ["luis"]}, "employees.ana", "leads to this employee"
    ),
    "a schedule should be kept": Case(
        {"schedules.spare": {"weekly": {"sat": "10:00-12:00"}}}, "schedules.spare", "keeps this schedule"
    ),
    "a menu is not reached by a group of its name": Case(
        {"menus.sales": menu(k1={"group": "sales"})}, "menus.sales", "leads to this menu"
    ),
    "a group is not reached by a menu of its name": Case(
        {"groups.main": group(), "groups.spare": group(no_answer={"group": "main"})}, "groups.spare", "to this group"
    ),
    "what only follows an unused hold is out of reach": Case(
        {"groups.spare": group(), "groups.sales.hold": {"then": {"group": "spare"}}}
        | {"employees.ana.schedule": "office"},
        "groups.spare",
        "leads to this group",
    ),
}

ALSO = {
    "what only follows an unused hold is out of reach": {"groups.sales.hold"},
    "a group is not reached by a menu of its name": {"groups.main"},
}
"""Where a case cannot be told without a second problem: its path."""
