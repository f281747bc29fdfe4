"""What is odd and works all the same: one case per warning, and what must not be warned of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.cases import ALSO, GREETS, LISTENS, NO_MOBILE, PBX, WARNINGS, found
from tests.config.documents import NUMBER, group, menu, problems

FINE: dict[str, dict[str, Any]] = {
    "the sound company has no problem": {},
    "a forward to an allowed country": {"forwarding.countries": ["ES", "PT"]}
    | {"groups.sales.no_answer": {"forward": "+351210000001"}},
    "an extension makes its employee reachable where it can be typed": GREETS | {"groups.sales.members": ["luis"]},
    "ask_extension makes employees reachable": LISTENS | {"groups.sales.members": ["luis"]},
    "ask_extension gives the rule for extensions an effect": LISTENS
    | {f"{NUMBER}.extensions": {"no_answer": "voicemail"}},
    "the CRM makes its users reachable": {"employees.eva": {"name": "Eva", "devices": ["client:eva"], "crm_user": 3}}
    | {f"{NUMBER}.responsible": {}},
    "a contact makes its employee reachable": {"employees.eva": {"name": "Eva", "devices": ["client:eva"]}}
    | {"contacts": [{"number": "+34600222001", "name": "T", "employee": "eva"}], f"{NUMBER}.responsible": True},
    "a PBX with its licence": {
        "sip_connector": {"paid_until": "2027-06-30"},
        "schedules.office.holidays": {"country": "ES"},
    }
    | {"numbers.sip:pbx": PBX | {"closed": {"forward": "+34910000999"}, "schedule": "office"}},
    "everybody at once rings ten at a time": {"groups.sales.members": [f"e{i}" for i in range(31)]}
    | {f"employees.e{i}": {"name": "E", "devices": [f"client:e{i}"]} for i in range(31)}
    | {f"{NUMBER}.otherwise": {"employee": "luis"}, f"{NUMBER}.closed": {"employee": "ana"}}
    | {"groups.sales.distribution": "everybody"},
    "the unconditional forward": {
        "groups.direct": group(members=[], no_answer={"forward": "+34910000999"}),
        "numbers.+34910000002": {"name": "Directo", "group": "direct"},
    },
    "employees without mobiles where nothing is forwarded": NO_MOBILE,
    "a PBX that never forwards needs no licence": {"numbers.sip:pbx": PBX},
    "a number that only greets": {"numbers.+34910000002": {"name": "N", "greeting": {"say": "Hola."}}},
    "a number that only asks the CRM": {"numbers.+34910000002": {"name": "N", "responsible": True}},
    "a PBX that only rings extensions": {
        "numbers.sip:pbx": {"name": "N", "kind": "sip", "sip_extension": True, "outgoing_number": "+34910000001"}
    },
    "a short extension that cannot be typed beside the menu's keys": {"employees.luis.extension": "1"},
    "a long extension beside the menu's keys": GREETS | {"employees.luis.extension": "11"},
}


SPARE_GROUP = {"groups.spare": group()}
SPARE_MENU = {"menus.spare": menu(k1={"group": "sales"})}
EVA = {"employees.eva": {"name": "Eva", "devices": ["client:eva"], "mobile": "+34600111444"}}

WAYS: dict[str, dict[str, Any]] = {
    "a number's group": SPARE_GROUP | {"numbers.+34910000002": {"name": "N", "group": "spare"}},
    "a number's menu": SPARE_MENU | {"numbers.+34910000002": {"name": "N", "menu": "spare"}},
    "closed": SPARE_GROUP | {f"{NUMBER}.closed": {"group": "spare"}},
    "otherwise": SPARE_MENU | {f"{NUMBER}.otherwise": {"menu": "spare"}},
    "the rule for extensions": SPARE_GROUP | GREETS | {f"{NUMBER}.extensions": {"no_answer": {"group": "spare"}}},
    "the rule for responsibles": SPARE_GROUP | {f"{NUMBER}.responsible": {"no_answer": {"group": "spare"}}},
    "a key": SPARE_MENU | {"menus.main.choices.2": {"menu": "spare"}},
    "no choice": SPARE_GROUP | {"menus.main.no_choice": {"group": "spare"}},
    "a group that nobody answers": SPARE_GROUP | {"groups.sales.no_answer": {"group": "spare"}},
    "the end of a hold": SPARE_GROUP
    | {"groups.sales.no_answer": "hold", "groups.sales.hold": {"then": {"group": "spare"}}},
    "an employee who does not answer": SPARE_GROUP
    | {"menus.main.choices.2": {"employee": "ana", "no_answer": {"group": "spare"}}},
    "a group's extension": {"groups.spare": group(extension="300")} | GREETS,
    "a group's mailbox": SPARE_GROUP | {"menus.main.choices.2": {"voicemail": "spare"}},
    "an employee's mailbox": EVA | {"menus.main.choices.2": {"voicemail": "eva"}},
    "an employee's mobile": EVA | {"menus.main.choices.2": {"forward_to_mobile": "eva"}},
    "an employee's key": EVA | {"menus.main.choices.2": {"employee": "eva"}},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_way_to_reach(way: str) -> None:
    assert problems(WAYS[way]) == []


@pytest.mark.parametrize("rule", WARNINGS)
def test_warning(rule: str) -> None:
    case = WARNINGS[rule]
    assert not found(case, "error")
    assert set(found(case, "warning")) == {case.path} | ALSO.get(rule, set())
    assert case.words in found(case, "warning")[case.path]


@pytest.mark.parametrize("rule", FINE)
def test_no_problem(rule: str) -> None:
    assert problems(FINE[rule]) == []
