"""Random companies: settings with every combination of stages, destinations and rules that the checks accept."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import reject
from hypothesis import strategies as st

from config.company import Company
from config.loader import examine
from tests.calls.companies import KNOWN, MAIN, SWITCHBOARD

Strategy = st.SearchStrategy[Any]

OUTSIDE = ["+34910000999", "+34911222333", "+34600999888"]
PEST = "+34900000000"
SECOND = "+34910000002"
"""Another rented number, which shares most of its stages with the first."""
SCHEDULES = {
    "office": {"weekly": {"mon-fri": ["09:00-14:00", "15:00-18:00"]}},
    "nights": {"weekly": {"mon-sun": "22:00-06:00"}},
    "never": {"weekly": {"sun": "03:00-03:01"}},
}
KEYS = st.sampled_from("1230945678*")
ACCEPT = st.sampled_from(["press_1", "none"])
EMPLOYEES = [f"e{i}" for i in range(5)]
ENTRIES = ["m0", "m1", "m2", "g0", "g1", "g2"]
"""Menus and groups. What a silent caller is led to comes later in some order, so that he goes round in no circle."""
GROUP, MENU = st.sampled_from(ENTRIES[3:]), st.sampled_from([*ENTRIES[:3], None, None, None])
SCHEDULE = st.sampled_from([None, None, "office", "office", "nights"])
"""What a number may have."""


@st.composite
def companies(draw: st.DrawFn) -> Company:
    """Companies in whose settings there is no error."""
    company, problems = examine(yaml.safe_dump(draw(documents())))
    if company is None:
        reject()
    assert [problem for problem in problems if problem.level == "error"] == []
    return company


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Settings documents; a few have errors."""
    people: dict[str, Any] = draw(st.fixed_dictionaries({key: employees(i) for i, key in enumerate(EMPLOYEES)}))
    mobiles = [key for key, person in people.items() if person["mobile"]]
    order = draw(st.permutations(ENTRIES))
    later = {entry: Leads(mobiles, order[place + 1 :]) for place, entry in enumerate(order)}
    anywhere = Leads(mobiles, ENTRIES)
    return {
        "company": "Random",
        "country": "ES",
        "language": draw(st.sampled_from(["es-ES", "en", "fr"])),
        "forwarding": draw(rules()),
        "sip_connector": {"paid_until": draw(st.sampled_from(["2020-01-01", "2027-06-30"]))},
        "schedules": SCHEDULES,
        "employees": people,
        "groups": {key: draw(groups(i, later[key])) for i, key in enumerate(ENTRIES[3:])},
        "menus": {key: draw(menus(anywhere, later[key])) for key in ENTRIES[:3]},
        "contacts": draw(often(contacts(), otherwise=[])),
        "blocked": [PEST],
        "numbers": draw(lines(anywhere)),
    }


def contacts() -> Strategy:
    """A known caller, and who is responsible for him."""
    return st.sampled_from(EMPLOYEES).map(lambda key: [{"number": KNOWN, "name": "Known", "employee": key}])


@st.composite
def lines(draw: st.DrawFn, anywhere: Leads) -> dict[str, Any]:
    """Two rented numbers that differ in little, and a PBX."""
    first = draw(numbers(anywhere))
    own = draw(st.fixed_dictionaries({}, optional={"group": GROUP, "menu": MENU, "schedule": SCHEDULE}))
    return {MAIN: first, SECOND: first | own, SWITCHBOARD: draw(numbers(anywhere, sip=True))}


class Leads:
    """Destinations that lead to some of the menus and groups, and to the mobiles of those who have one."""

    def __init__(self, mobiles: list[str], entries: list[str]) -> None:
        groups: list[Strategy] = [st.just({"group": key}) for key in entries if key.startswith("g")]
        menus: list[Strategy] = [st.just({"menu": key}) for key in entries if key.startswith("m")]
        forward = st.fixed_dictionaries({"forward": st.sampled_from(OUTSIDE)}, optional={"accept": ACCEPT})
        message = st.fixed_dictionaries({"voicemail": st.sampled_from([*EMPLOYEES, "g0"])})
        self.mobiles = mobiles
        self.without_menus: list[Strategy] = [*groups, forward, message]
        if mobiles:
            mobile = {"forward_to_mobile": st.sampled_from(mobiles)}
            self.without_menus.append(st.fixed_dictionaries(mobile, optional={"accept": ACCEPT}))
        words = st.sampled_from(["continue", "voicemail", "hang_up"])
        after = st.one_of(words, *self.without_menus, *menus)
        self.after_an_employee = after | st.just("forward_to_mobile")
        rules = {key: self.after_an_employee if key in mobiles else after for key in EMPLOYEES}
        rung = [st.fixed_dictionaries({"employee": st.just(key), "no_answer": rule}) for key, rule in rules.items()]
        # As likely as all others together: otherwise most random calls meet a machine.
        self.somebody = st.one_of(*rung, *groups)
        self.everything: list[Strategy] = [*self.without_menus, *menus]

    def or_word(self, *words: str) -> Strategy:
        """Any of these, or one of the words."""
        others = st.one_of(st.sampled_from(words), *self.everything)
        return st.booleans().flatmap(lambda machine: others if machine else self.somebody)


@st.composite
def often(draw: st.DrawFn, strategy: Strategy, otherwise: Any = None) -> Any:
    """Five times in six. (In a one_of the same strategy counts once.)"""
    return otherwise if draw(st.integers(0, 5)) == 5 else draw(strategy)


def employees(index: int) -> Strategy:
    """An employee, with or without devices, mobile, extension, hours of his own and a number in the CRM."""
    name = f"e{index}"
    devices = [f"sip:{name}@acme.sip.example.com", f"client:{name}", f"+3491122210{index}"]
    some = st.lists(st.sampled_from(devices), unique=True, min_size=1)
    return st.fixed_dictionaries(
        {
            "name": st.just(name.title()),
            "devices": often(some, otherwise=[]),
            "extension": often(st.sampled_from([f"10{index}", f"{index + 1}", f"{index}{index}"])),
            "mobile": often(st.just(f"+3460011122{index}")),
            "schedule": st.sampled_from([None, None, None, "office", "nights", "never"]),
            "crm_user": st.sampled_from([None, index + 1]),
        },
    )


@st.composite
def groups(draw: st.DrawFn, index: int, leads: Leads) -> dict[str, Any]:
    """A group with any distribution and any rule; a hold is as likely as all others together."""
    members = draw(st.permutations(EMPLOYEES))[: draw(st.sampled_from([4, 3, 2, 1, 3, 2, 1, 0]))]
    rules = st.sampled_from(["voicemail", "hang_up"]) | st.one_of(*leads.without_menus)
    if members and set(members) <= set(leads.mobiles):
        rules |= st.just("forward_to_mobile")
    holds = bool(members) and draw(st.booleans())
    hold = {
        "max_minutes": draw(st.integers(1, 2)),
        "then": draw(leads.or_word("hang_up", "voicemail")),
        "message_key": draw(st.sampled_from(["1", "5", "*", None])),
    }
    return {
        "name": f"G{index}",
        "members": [*members, *members[: draw(st.sampled_from([0, 0, 1, 2]))]],  # the first ones listed twice
        "distribution": draw(st.sampled_from(["evenly", "in_order", "everybody"])),
        "ring_seconds": draw(st.integers(5, 30)),
        "no_answer": "hold" if holds else draw(rules),
        "hold": hold,
        "extension": draw(often(st.sampled_from([f"30{index}", f"{index + 6}"]))),
    }


def menus(anywhere: Leads, later: Leads) -> Strategy:
    """A menu whose keys lead anywhere, and whose silence leads on."""
    words = ("continue", "ask_extension", "repeat", "back", "hang_up", "voicemail")
    return st.fixed_dictionaries(
        {
            "prompt": st.just({"say": "Press a key."}),
            "choices": st.dictionaries(KEYS, anywhere.or_word(*words), min_size=3, max_size=6),
            "no_choice": later.or_word("continue", "back", "hang_up", "voicemail"),
            "wait_seconds": st.integers(1, 10),
            "attempts": st.integers(1, 4),
        }
    )


def numbers(leads: Leads, sip: bool = False) -> Strategy:
    """A number with any of the stages."""
    kind: dict[str, Strategy] = {"pass_caller_id": st.booleans()}
    if sip:
        kind = {"kind": st.just("sip"), "outgoing_number": st.just(MAIN), "sip_extension": st.booleans()}
    return st.fixed_dictionaries(
        kind
        | {
            "name": st.just("Line"),
            "greeting": st.sampled_from([{"say": "Hello."}, None]),
            "extensions": st.fixed_dictionaries({"no_answer": leads.after_an_employee}),
            "menu": MENU,
            "responsible": often(st.fixed_dictionaries({"no_answer": leads.after_an_employee})),
            "group": often(GROUP),
            "schedule": SCHEDULE,
            "closed": leads.or_word("hang_up", "voicemail"),
            "otherwise": leads.or_word("hang_up", "voicemail"),
            "record": st.booleans(),
            "record_notice": st.booleans(),
        }
    )


def rules() -> Strategy:
    """The rules for forwards."""
    return st.fixed_dictionaries(
        {},
        optional={
            "ring_seconds": st.integers(5, 40),
            "accept": st.fixed_dictionaries({"mobiles": ACCEPT, "outside": ACCEPT}),
            "unanswered": st.sampled_from(["hang_up", "voicemail"]),
            "minimum_balance": st.just(2.0),
        },
    )
