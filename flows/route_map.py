"""The route map of a number: everywhere that its calls may go, and where each path ends.

It is drawn from the settings and says what flows.routing and its neighbours do: stages and destinations, each a
function in a table, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from config.company import Company
from config.destinations import Forward, ForwardToMobile, ToEmployee, ToGroup, ToMenu, ToVoicemail, form
from flows.maps import menus, people
from flows.maps.alike import merged
from flows.maps.marks import marks, passed
from flows.maps.parts import ENDS, Edge, Node, RouteMap
from flows.maps.sheet import STAGES, Sheet
from flows.places import Stage
from flows.way import Aim

__all__ = ["ENDS", "Edge", "Node", "RouteMap", "marks", "passed", "route_map"]


def route_map(company: Company, number_key: str) -> RouteMap:
    """Draw the map of one of the company's numbers; nodes that mean the same are one.

    Raises KeyError when the company has no such number.
    """
    sheet = Sheet(company, number_key, lambda sheet, aim: DESTINATIONS[form(aim.destination)](sheet, aim))
    shown = [name for name in STAGES if name != "sip_extension" or sheet.number.kind == "sip"]
    for name in shown:
        sheet.stage(name)
    for name in shown:
        if sheet.is_on(name):
            STAGE_LEADS[name](sheet, f"stage:{name}")
    sheet.finish()
    menus.back(sheet)
    for group, then in _again(sheet, sheet.map()):
        sheet.edge(group, "again", sheet.go_on(then))
    return merged(sheet.map())


def _again(sheet: Sheet, found: RouteMap) -> Iterator[tuple[str, Stage]]:
    """Groups that may get a call which they have had: it is not rung again, and goes on with a later stage."""
    for here, (key, _) in sheet.groups_drawn.items():
        beyond = found.within(edge.target for edge in found.leads[here])
        yield from (
            (name, then) for name, (other, then) in sheet.groups_drawn.items() if other == key and name in beyond
        )


# Stages: each draws what leads away from it.


def _blocked(sheet: Sheet, here: str) -> None:
    sheet.edge(here, "blocked", sheet.end("declined"))
    sheet.edge(here, "next", sheet.after("blocked"))


def _hours(sheet: Sheet, here: str) -> None:
    closed, address = sheet.number.closed, f"numbers.{sheet.number_key}.closed"
    declined = closed == "hang_up"
    aim = Aim(destination=closed, address=address, then="otherwise")
    sheet.edge(here, "closed", sheet.end("declined") if declined else sheet.follow(aim))
    sheet.edge(here, "open", sheet.after("hours"))


def _sip_extension(sheet: Sheet, here: str) -> None:
    people.extensions(sheet, here, "greeting")
    sheet.edge(here, "no_extension", sheet.after("sip_extension"))


def _greeting(sheet: Sheet, here: str) -> None:
    people.extensions(sheet, here, "menu")
    sheet.edge(here, "no_extension" if sheet.company.extensions else "next", sheet.after("greeting"))


def _menu(sheet: Sheet, here: str) -> None:
    assert sheet.number.menu is not None
    sheet.edge(here, "always", menus.menu(sheet, sheet.number.menu, "responsible"))


def _responsible(sheet: Sheet, here: str) -> None:
    rule = f"numbers.{sheet.number_key}.responsible.no_answer"
    sheet.edge(here, "known", people.employee(sheet, "responsible", "", rule, "group"))
    sheet.edge(here, "unknown", sheet.after("responsible"))


def _group(sheet: Sheet, here: str) -> None:
    assert sheet.number.group is not None
    sheet.edge(here, "always", people.group(sheet, sheet.number.group, "otherwise"))


def _otherwise(sheet: Sheet, here: str) -> None:
    destination = sheet.number.otherwise
    aim = Aim(destination=destination, address=f"numbers.{sheet.number_key}.otherwise", then="end")
    sheet.edge(here, "always", sheet.end("apology") if destination == "hang_up" else sheet.follow(aim))


STAGE_LEADS: dict[Stage, Callable[[Sheet, str], None]] = {
    "blocked": _blocked,
    "hours": _hours,
    "sip_extension": _sip_extension,
    "greeting": _greeting,
    "menu": _menu,
    "responsible": _responsible,
    "group": _group,
    "otherwise": _otherwise,
}


# Destinations: each returns the id of the node that it leads to.


def _voicemail(sheet: Sheet, aim: Aim) -> str:
    if not isinstance(aim.destination, ToVoicemail):
        return people.message(sheet, aim.mailbox)
    key = aim.destination.voicemail
    return people.message(sheet, f"{'group' if key in sheet.company.groups else 'employee'}:{key}")


def _to_employee(sheet: Sheet, aim: Aim) -> str:
    assert isinstance(aim.destination, ToEmployee)
    return people.employee(sheet, "employee", aim.destination.employee, aim.address + ".no_answer", aim.then)


def _to_group(sheet: Sheet, aim: Aim) -> str:
    assert isinstance(aim.destination, ToGroup)
    return people.group(sheet, aim.destination.group, aim.then)


def _to_menu(sheet: Sheet, aim: Aim) -> str:
    assert isinstance(aim.destination, ToMenu)
    return menus.menu(sheet, aim.destination.menu, aim.then)


def _forward(sheet: Sheet, aim: Aim) -> str:
    assert isinstance(aim.destination, Forward)
    return people.outside(sheet, aim.destination.forward, aim.destination.accept, aim.mailbox)


def _forward_to_mobile(sheet: Sheet, aim: Aim) -> str:
    named = aim.destination if isinstance(aim.destination, ForwardToMobile) else None
    if named is not None:
        return people.mobile(sheet, named.forward_to_mobile, named.accept, aim)
    if aim.owner is not None and aim.owner.kind == "group":
        return people.last_mobile(sheet, aim.owner.key, aim)
    return people.mobile(sheet, aim.last, None, aim)


def _ask_extension(sheet: Sheet, aim: Aim) -> str:
    def leads(here: str) -> None:
        people.extensions(sheet, here, aim.then)
        sheet.edge(here, "no_extension", sheet.go_on(aim.then))

    return sheet.node(f"ask_extension@{aim.then}", "ask_extension", "", leads)


def _hold(sheet: Sheet, aim: Aim) -> str:
    assert aim.owner is not None
    return people.hold(sheet, aim.owner.key, aim.then)


DESTINATIONS: dict[str, Callable[[Sheet, Aim], str]] = {
    "continue": lambda sheet, aim: sheet.go_on(aim.then),
    "hang_up": lambda sheet, _: sheet.end("goodbye"),
    "voicemail": _voicemail,
    "employee": _to_employee,
    "group": _to_group,
    "menu": _to_menu,
    "forward": _forward,
    "forward_to_mobile": _forward_to_mobile,
    "ask_extension": _ask_extension,
    "hold": _hold,
}
"""`repeat` and `back` are missing: only a menu knows what they mean (flows.maps.menus)."""
