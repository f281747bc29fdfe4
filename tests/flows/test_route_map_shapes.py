"""What stands on a route map: the stages in their order, what leads where, shared targets once, and the ends."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from config.company import Company
from config.loader import parse
from flows.route_map import RouteMap, marks, passed, route_map
from tests.calls.companies import MAIN, acme

SALES, FORWARD = "group:sales@otherwise", "forward:+34910000999:none:@end"
PROMPT = {"say": "Press a key."}


def map_of(number: str = MAIN, **sections: Any) -> RouteMap:
    """The map of the small company with some sections changed."""
    return route_map(parse(acme(**sections)), number)


def ways(found: RouteMap, node: str) -> list[str]:
    """What leads away from a node, in words of a kind."""
    return [f"{edge.when}{' ' + edge.key if edge.key else ''}: {edge.target}" for edge in found.leads[node]]


def kinds(found: RouteMap, kind: str) -> list[str]:
    """The ids of all nodes of a kind."""
    return [node.id for node in found.nodes if node.kind == kind]


def test_the_stages_stand_in_their_order_with_those_that_are_off(sample: Company) -> None:
    stages = [(stage.key, stage.on) for stage in route_map(sample, "+34910000003").stages]
    assert stages == [
        ("blocked", True),
        ("hours", True),
        ("greeting", False),
        ("menu", False),
        ("responsible", False),
        ("group", True),
        ("otherwise", True),
    ]
    assert [s.key for s in route_map(sample, "sip:pbx.acme.sip.example.com").stages][2] == "sip_extension"


def test_what_is_off_leads_nowhere_and_is_passed_over() -> None:
    found = map_of()
    assert ways(found, "stage:blocked") == ["blocked: end:declined", "next: stage:group"]
    assert ways(found, "stage:menu") == []
    assert "stage:otherwise" not in found.reached


# Unconditional forwarding falls out of this (DESIGN section 3).
def test_a_group_of_nobody_leads_to_its_forward_and_nobody_answers() -> None:
    found = map_of(groups={"sales": {"members": []}})
    assert ways(found, SALES) == [f"no_answer: {FORWARD}"]
    assert ways(found, FORWARD) == ["answered: end:forwarded", "unanswered: end:apology"]


@pytest.mark.parametrize(
    ("closed", "target"),
    [
        ("hang_up", "end:declined"),
        ("voicemail", "message:group:sales"),
        ({"voicemail": "ana"}, "message:employee:ana"),
        ({"forward": "+34910000999"}, FORWARD),
        ({"group": "sales"}, SALES),
    ],
)
def test_closed_leads_where_the_settings_say(closed: Any, target: str) -> None:
    found = map_of(
        schedules={"office": {"weekly": {"mon": ["09:00-14:00"]}}},
        numbers={MAIN: {"name": "Principal", "group": "sales", "schedule": "office", "closed": closed}},
    )
    assert ways(found, "stage:hours") == [f"closed: {target}", "open: stage:group"]


MENUS = {
    "main": {"prompt": PROMPT, "choices": {"1": {"menu": "more"}, "2": {"menu": "third"}, "3": "back", "0": "repeat"}},
    "more": {
        "prompt": PROMPT,
        "choices": {"1": "back", "2": {"menu": "main"}, "3": {"menu": "third"}},
        "no_choice": "back",
    },
    "third": {"prompt": PROMPT, "choices": {"*": "back", "1": "hang_up"}, "no_choice": {"group": "sales"}},
}


def test_back_leads_to_every_menu_that_may_be_above_and_to_no_other() -> None:
    found = map_of(menus=MENUS, numbers={MAIN: {"name": "Principal", "menu": "main", "group": "sales"}})
    main, more, third = (f"menu:{key}@responsible" for key in ("main", "more", "third"))
    assert sorted(ways(found, third)) == sorted(
        [f"key *: {main}", f"key *: {more}", "key 1: end:goodbye", f"no_choice: {SALES}"]
    )
    assert sorted(ways(found, main)) == sorted(
        [f"key 1: {more}", f"key 2: {third}", f"key 3: {main}", f"key 0: {main}", "no_choice: stage:group"]
    )
    assert sorted(ways(found, more)) == sorted(
        [f"key 1: {main}", f"key 2: {main}", f"key 3: {third}", f"no_choice: {main}"]
    )


def test_a_menu_that_is_only_reached_through_another_one_is_not_above_it() -> None:
    menus = {
        "main": {"prompt": PROMPT, "choices": {"1": {"menu": "more"}}},
        "more": {"prompt": PROMPT, "choices": {"1": {"menu": "below"}, "*": "back"}},
        "below": {"prompt": PROMPT, "choices": {"1": {"menu": "more"}, "*": "back"}},
    }
    found = map_of(menus=menus, numbers={MAIN: {"menu": "main"}})
    assert [w for w in ways(found, "menu:more@responsible") if "*" in w] == ["key *: menu:main@responsible"]
    assert [w for w in ways(found, "menu:below@responsible") if "*" in w] == ["key *: menu:more@responsible"]


# The checks refuse it, but a call in progress may have settings that older checks let through.
def test_back_without_a_menu_above_leaves_the_menu_when_nothing_is_pressed() -> None:
    menus = {
        "main": {"prompt": PROMPT, "choices": {"1": {"menu": "more"}}},
        "more": {"prompt": PROMPT, "choices": {"1": "hang_up"}, "no_choice": "back"},
    }
    settings = acme(menus=menus, numbers={MAIN: {"menu": "main", "otherwise": {"menu": "more"}}})
    found = route_map(Company.model_validate(yaml.safe_load(settings)), MAIN)
    assert ways(found, "menu:more@responsible") == ["key 1: end:goodbye", "no_choice: menu:main@responsible"]
    assert ways(found, "menu:more@end") == ["key 1: end:goodbye", "no_choice: end:apology"]


def test_a_group_reached_from_two_places_is_one_node() -> None:
    menus = {"main": {"prompt": PROMPT, "choices": {"1": {"group": "sales"}}}}
    found = map_of(menus=menus, numbers={MAIN: {"menu": "main", "otherwise": {"group": "sales"}}})
    assert kinds(found, "group") == [SALES]


def test_it_is_two_nodes_where_it_leads_elsewhere() -> None:
    hold = {"then": {"employee": "eva", "no_answer": "continue"}}
    found = map_of(
        groups={"sales": {"no_answer": "hold", "hold": hold}}, numbers={MAIN: {"otherwise": {"group": "sales"}}}
    )
    assert kinds(found, "group") == [SALES, "group:sales@end"]
    assert ways(found, SALES) == ["answered: end:answered", "no_answer: hold:sales@otherwise"]
    assert ways(found, "group:sales@end") == [
        "answered: end:answered",
        "no_answer: hold:sales@end",
        "again: end:apology",
    ]


def test_whoever_has_no_mobile_is_passed_over() -> None:
    number = {"greeting": PROMPT, "extensions": {"no_answer": "forward_to_mobile"}}
    found = map_of(numbers={MAIN: number}, employees={"luis": {"mobile": None}})
    [mobile] = kinds(found, "mobile")
    assert ways(found, mobile) == ["answered: end:forwarded", "unanswered: end:apology", "no_mobile: stage:group"]


def test_whoever_has_no_extension_is_not_reached_by_one_and_needs_no_mobile() -> None:
    number = {"greeting": PROMPT, "extensions": {"no_answer": "forward_to_mobile"}}
    found = map_of(numbers={MAIN: number}, employees={"luis": {"mobile": None, "extension": None}})
    [mobile] = kinds(found, "mobile")
    assert ways(found, mobile) == ["answered: end:forwarded", "unanswered: end:apology"]


def test_the_mobile_that_a_group_means_is_that_of_the_member_rung_last() -> None:
    found = map_of(groups={"sales": {"no_answer": "forward_to_mobile"}})
    assert [(node.kind, node.key) for node in found.nodes if node.asks] == [("last_mobile", "sales")]
    assert kinds(found, "mobile") == []


def test_the_words_of_a_group_and_of_an_employee_mean_their_own() -> None:
    groups = {
        "sales": {
            "name": "Ventas",
            "members": ["ana"],
            "no_answer": "hold",
            "hold": {"max_minutes": 3, "message_key": "5", "then": {"employee": "eva", "no_answer": "voicemail"}},
        }
    }
    found = map_of(groups=groups)
    hold, eva = "hold:sales@otherwise", "employee:eva:groups.sales.hold.then.no_answer@otherwise"
    assert ways(found, SALES) == ["answered: end:answered", f"no_answer: {hold}"]
    assert ways(found, hold) == [
        "answered: end:answered",
        "message_key 5: message:group:sales",
        f"hold_over: {eva}",
    ]
    assert ways(found, eva) == ["answered: end:answered", "no_answer: message:employee:eva"]


def test_a_forward_that_is_not_answered_may_take_a_message_of_whom_it_was_for() -> None:
    found = map_of(forwarding={"unanswered": "voicemail"})
    [forward] = kinds(found, "forward")
    assert ways(found, forward) == ["answered: end:forwarded", "unanswered: message:group:sales"]


def test_extensions_lead_to_anybody_and_to_each_group() -> None:
    groups = {"sales": {"name": "Ventas", "extension": "300", "members": ["ana"], "no_answer": "voicemail"}}
    number = {
        "name": "Principal",
        "greeting": PROMPT,
        "extensions": {"no_answer": "forward_to_mobile"},
        "group": "sales",
    }
    found = map_of(groups=groups, numbers={MAIN: number})
    [anybody] = kinds(found, "by_extension")
    assert ways(found, "stage:greeting") == [
        f"extension: {anybody}",
        f"extension 300: {SALES}",
        "no_extension: stage:group",
    ]
    assert ways(found, anybody) == ["answered: end:answered", "no_answer: mobile::press_1:@end"]


def test_of_very_many_groups_with_an_extension_some_are_drawn() -> None:
    many = {f"g{n}": {"name": f"G{n}", "extension": str(n + 300), "no_answer": "hang_up"} for n in range(100)}
    number = {"name": "Principal", "greeting": PROMPT, "group": "g0"}
    found = map_of(groups=many, numbers={MAIN: number})
    assert len(found.leads["stage:greeting"]) == 1 + 24 + 1 + 1
    assert kinds(found, "groups") == ["groups"]


def test_a_number_that_is_not_the_companys_has_no_map(sample: Company) -> None:
    with pytest.raises(KeyError):
        route_map(sample, "+34999999999")


# A path can be shown on the map, in order.
def test_the_trace_of_a_call_is_a_path_over_the_map(sample: Company) -> None:
    found = route_map(sample, MAIN)
    notes = [
        {"code": "arrived", "number": MAIN, "caller": ""},
        {"code": "open", "schedule": "office", "why": ""},
        {"code": "greeting"},
        {"code": "key", "menu": "main", "key": "4"},
        {"code": "forward", "number": "+34911222333"},
        {"code": "forward_unanswered", "why": "busy"},
        {"code": "apology"},
        {"code": "ended", "status": "completed"},
    ]
    nodes = [id_ for _, ids in passed(notes, found) for id_ in ids if id_ in found.node]
    assert list(dict.fromkeys(nodes)) == [
        "stage:blocked",
        "stage:hours",
        "stage:greeting",
        "stage:menu",
        "menu:main@responsible",
        "forward:+34911222333:none:@end",
        "end:apology",
    ]
    taken = {edge.when for edge in found.edges if edge.id in marks(notes, found)}
    assert taken == {"next", "open", "no_extension", "always", "key", "unanswered"}


def test_what_is_not_on_the_map_is_told_and_the_rest_is_shown(sample: Company) -> None:
    found = route_map(sample, MAIN)
    notes = [{"code": "arrived"}, {"code": "unknown_number"}, {"code": "menu", "menu": "gone"}, {"code": "open"}]
    assert [bool(ids) for _, ids in passed(notes, found)] == [True, False, False, True]


def test_a_call_that_was_lost_goes_on_at_the_group(sample: Company) -> None:
    found = route_map(sample, MAIN)
    notes = [
        {"code": "arrived"},
        {"code": "open"},
        {"code": "greeting"},
        {"code": "lost"},
        {"code": "group", "group": "sales"},
    ]
    assert {"stage:group", SALES} <= marks(notes, found)
    assert "stage:menu" not in marks(notes, found)
