"""What is written on a route map, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from config.company import Company
from config.menus import Prompt
from config.numbers import Number
from config.people import Employee, Group
from flows.ringing import EMPLOYEE_RING_SECONDS
from flows.route_map import Edge, Node
from web.looks import phone
from web.words import _, lazy


class Text(NamedTuple):
    """What a node says: its name, and below it what it does."""

    title: str
    lines: tuple[str, ...] = ()


STAGES: dict[str, str] = {
    "blocked": lazy("Blocked callers"),
    "hours": lazy("Hours"),
    "sip_extension": lazy("SIP extension"),
    "greeting": lazy("Greeting"),
    "menu": lazy("Menu"),
    "responsible": lazy("Responsible"),
    "group": lazy("Group"),
    "otherwise": lazy("Otherwise"),
}


def stage_name(key: str) -> str:
    """Name a stage."""
    return str(STAGES[key])


def stage_detail(node: Node, company: Company, number_key: str) -> str:
    """Say what makes a stage this number's own."""
    number = company.numbers[number_key]
    if node.key == "hours":
        return number.schedule or ""
    if node.key == "greeting" and number.greeting:
        return said(number.greeting)
    return ""


def text_of(node: Node, company: Company) -> Text:
    """Say what a node is."""
    return _TEXTS[node.kind](node, company)


def _stage(node: Node, _company: Company) -> Text:
    return Text(stage_name(node.key))


def _menu(node: Node, company: Company) -> Text:
    return Text(_("Menu %(menu)s", menu=node.key), (said(company.menus[node.key].prompt),))


def said(prompt: Prompt) -> str:
    """What is heard: the words, or that it is a recording."""
    return f"“{' '.join(prompt.say.split())}”" if prompt.say else _("a recording")


def _ask_extension(_node: Node, _company: Company) -> Text:
    return Text(_("Asks for an extension"))


def _rings() -> str:
    return _("rings for %(seconds)s s", seconds=EMPLOYEE_RING_SECONDS)


def _by_extension(_node: Node, _company: Company) -> Text:
    return Text(_("Whoever has the extension"), (_rings(),))


def _responsible(_node: Node, _company: Company) -> Text:
    return Text(_("The caller’s own employee"), (_rings(),))


def _employee(node: Node, company: Company) -> Text:
    return Text(company.employees[node.key].name, (_rings(),))


def _group(node: Node, company: Company) -> Text:
    group = company.groups[node.key]
    if not group.members:
        return Text(group.name, (_("nobody is in it"),))
    names = [company.employees[member].name for member in group.members[:3]]
    more = len(group.members) - len(names)
    listed = ", ".join(names) + (_(" and %(count)s more", count=more) if more else "")
    how = {
        "evenly": _("in turn, %(seconds)s s each", seconds=group.ring_seconds),
        "in_order": _("in this order, %(seconds)s s each", seconds=group.ring_seconds),
        "everybody": _("all at once, %(seconds)s s", seconds=group.ring_seconds),
    }[group.distribution]
    return Text(group.name, (listed, how))


def _groups(_node: Node, _company: Company) -> Text:
    return Text(_("The group that has it"), (_("by its own rules"),))


def _hold(node: Node, company: Company) -> Text:
    group = company.groups[node.key]
    minutes = _("music, %(minutes)s min at most", minutes=group.hold.max_minutes)
    return Text(_("Waits for %(group)s", group=group.name), (minutes,))


def _dialled(node: Node, company: Company) -> str:
    seconds = company.forwarding.ring_seconds
    if node.asks:
        return _("forward, %(seconds)s s, press 1 to accept", seconds=seconds)
    return _("forward, rings for %(seconds)s s", seconds=seconds)


def _forward(node: Node, company: Company) -> Text:
    return Text(phone(node.key), (_dialled(node, company),))


def _mobile(node: Node, company: Company) -> Text:
    if not node.key:
        return Text(_("The employee’s mobile"), (_dialled(node, company),))
    person = company.employees[node.key]
    lines = (phone(person.mobile), _dialled(node, company)) if person.mobile else (_("there is none"),)
    return Text(_("Mobile of %(name)s", name=person.name), lines)


def _last_mobile(node: Node, company: Company) -> Text:
    return Text(_("Mobile of whoever was rung last"), (_dialled(node, company),))


def _message(node: Node, company: Company) -> Text:
    kind, _colon, key = node.key.partition(":")
    if kind == "employee" and not key:
        return Text(_("Message for the employee"))
    return Text(_("Message for %(name)s", name=mailbox_name(node.key, company)))


def mailbox_name(mailbox: str, company: Company) -> str:
    """Name whoever a mailbox such as group:sales belongs to; by the key when the settings do not have it any more."""
    kind, _colon, key = mailbox.partition(":")
    owners = _OWNERS[kind](company) if kind in _OWNERS else {}
    return owners[key].name if key in owners else key or mailbox


_OWNERS: dict[str, Callable[[Company], Mapping[str, Group | Employee | Number]]] = {
    "group": lambda company: company.groups,
    "employee": lambda company: company.employees,
    "number": lambda company: company.numbers,
}


_TEXTS: dict[str, Callable[[Node, Company], Text]] = {
    "stage": _stage,
    "menu": _menu,
    "ask_extension": _ask_extension,
    "by_extension": _by_extension,
    "responsible": _responsible,
    "employee": _employee,
    "group": _group,
    "groups": _groups,
    "hold": _hold,
    "forward": _forward,
    "mobile": _mobile,
    "last_mobile": _last_mobile,
    "message": _message,
    "answered": lambda _node, _company: Text(_("They talk")),
    "forwarded": lambda _node, _company: Text(_("They talk, forwarded")),
    "goodbye": lambda _node, _company: Text(_("Goodbye, ends")),
    "apology": lambda _node, _company: Text(_("Apology, ends")),
    "declined": lambda _node, _company: Text(_("Declined, at no cost")),
}


def way(edges: tuple[Edge, ...], source: Node, company: Company) -> str:
    """Say when the ways from one node to another are taken; "" where that goes without saying."""
    keys = [edge.key for edge in edges if edge.when == "key"]
    words = [_keys(keys)] if keys else []
    words += [_when(edge, source, company) for edge in edges if edge.when != "key"]
    return _(" or ").join(word for word in words if word)


def _keys(keys: list[str]) -> str:
    listed = ", ".join(keys)
    return _("key %(key)s", key=listed) if len(keys) == 1 else _("keys %(keys)s", keys=listed)


def _when(edge: Edge, source: Node, company: Company) -> str:
    if edge.when == "message_key":
        return _keys([edge.key])
    if edge.when == "hold_over":
        return _("after %(minutes)s min", minutes=company.groups[source.key].hold.max_minutes)
    if edge.when == "no_answer" and source.kind == "group":
        return _("nobody answers") if company.groups[source.key].members else _("at once")
    if edge.when == "extension" and edge.key:
        return _("extension %(extension)s", extension=edge.key)
    return str(WHEN.get(edge.when, ""))


WHEN: dict[str, str] = {
    "blocked": lazy("on the block list"),
    "open": lazy("open"),
    "closed": lazy("closed"),
    "extension": lazy("an extension"),
    "no_extension": lazy("no extension"),
    "no_choice": lazy("no key"),
    "known": lazy("known caller"),
    "unknown": lazy("unknown caller"),
    "no_answer": lazy("no answer"),
    "no_mobile": lazy("has no mobile"),
    "unanswered": lazy("no answer"),
    "again": lazy("has had this call"),
}
"""What is said of the ways that need no name or number; of `always`, `next` and `answered` nothing."""
