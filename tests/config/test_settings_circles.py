"""No route may loop without the caller doing something (DESIGN section 3)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.config.documents import GONE, NUMBER, group, menu, problems

TO_A, TO_B, TO_C = ({"group": name} for name in "abc")

CIRCLES: dict[str, tuple[dict[str, Any], str, str]] = {
    "groups that hand on to each other": (
        {"groups.a": group(no_answer=TO_B), "groups.b": group(no_answer=TO_A)},
        "groups.b.no_answer",
        "a → b → a",
    ),
    "a group that hands on to itself": ({"groups.a": group(no_answer=TO_A)}, "groups.a.no_answer", "a → a"),
    "three groups": (
        {"groups.a": group(no_answer=TO_B), "groups.b": group(no_answer=TO_C), "groups.c": group(no_answer=TO_A)},
        "groups.c.no_answer",
        "a → b → c → a",
    ),
    "a circle at the end of a chain": (
        {"groups.a": group(no_answer=TO_B), "groups.b": group(no_answer=TO_C), "groups.c": group(no_answer=TO_B)},
        "groups.c.no_answer",
        "circle: b → c → b",
    ),
    "a group after a hold": (
        {"groups.a": group(no_answer=TO_B), "groups.b": group(no_answer="hold", hold={"then": TO_A})},
        "groups.b.hold.then",
        "a → b → a",
    ),
    "an employee after a hold": (
        {"groups.a": group(no_answer="hold", hold={"then": {"employee": "luis", "no_answer": TO_A}})},
        "groups.a.hold.then.no_answer",
        "a → a",
    ),
    "menus that hand on to each other": (
        {"menus.main": menu({"menu": "sub"}), "menus.sub": menu({"menu": "main"})},
        "menus.sub.no_choice",
        "main → sub → main",
    ),
    "a menu that plays itself again": ({"menus.main": menu({"menu": "main"})}, "menus.main.no_choice", "main → main"),
    "back to a menu that leads here by itself": (
        {"menus.main": menu({"menu": "sub"}), "menus.sub": menu("back")},
        "menus.sub.no_choice",
        "main → sub → main",
    ),
    "back where no menu is above": ({"menus.main": menu("back")}, "menus.main.no_choice", "main → main"),
    "back where an employee's rule leads to the menu": (
        {"menus.main.choices.2": {"employee": "ana", "no_answer": {"menu": "sub"}}, "menus.sub": menu("back")},
        "menus.sub.no_choice",
        "sub → sub",
    ),
    "back where a group leads to the menu": (
        {"groups.sales.no_answer": "hold", "groups.sales.hold": {"then": {"menu": "sub"}}, "menus.sub": menu("back")},
        "menus.sub.no_choice",
        "sub → sub",
    ),
    "an employee who does not answer": (
        {"menus.main": menu({"employee": "ana", "no_answer": {"menu": "main"}})},
        "menus.main.no_choice.no_answer",
        "main → main",
    ),
    "a menu and a group": (
        {"menus.main": menu({"group": "a"}), "groups.a": group(no_answer="hold", hold={"then": {"menu": "main"}})},
        "menus.main.no_choice",
        "group a → menu main → group a",
    ),
}


def chain(length: int, **last: Any) -> dict[str, Any]:
    """Groups, each of which hands on to the next."""
    groups = {f"groups.g{i}": group(members=[], no_answer={"group": f"g{i + 1}"}) for i in range(length - 1)}
    return {**groups, f"groups.g{length - 1}": group(**last), "groups.sales.no_answer": {"group": "g0"}}


CHAINS: dict[str, tuple[dict[str, Any], str, str]] = {
    "groups that hand on and on": (chain(40), "groups.sales.no_answer", "40 groups and menus: sales → g0 → g1"),
    "of many more it is told where the last of them are too many": (chain(300), "groups.g259.no_answer", "g259 → g260"),
    "menus and groups": (
        {
            **chain(20),
            **{f"menus.m{i}": menu({"menu": f"m{i + 1}"}) for i in range(19)},
            "menus.m19": menu({"group": "sales"}),
        },
        "menus.m0.no_choice",
        "menu m0 → menu m1",
    ),
}

NO_CIRCLES: dict[str, dict[str, Any]] = {
    "keys may lead anywhere": {"menus.main.choices.2": {"menu": "sub"}, "menus.sub": menu(k1={"menu": "main"})},
    "a key may lead to its own menu": {"menus.main.choices.2": {"menu": "main"}},
    "back to a menu that goes on": {"menus.main.choices.2": {"menu": "sub"}, "menus.sub": menu("back")},
    "a key may repeat": {"menus.main.choices.2": "repeat", "menus.main.choices.3": "back"},
    "groups may meet in one": {
        "groups.a": group(no_answer=TO_C),
        "groups.b": group(no_answer=TO_C),
        "groups.c": group(no_answer="voicemail"),
    },
    "the end of a hold that is not used": {
        "groups.a": group(no_answer=TO_B),
        "groups.b": group(no_answer="voicemail", hold={"then": TO_A}),
    },
    "a chain that is just not too long": chain(39),
    "a long chain in which the caller does something": chain(30, no_answer="hold", hold={"then": {"menu": "main"}})
    | {"menus.main": menu(k1={"group": "h0"})}
    | {f"groups.h{i}": group(no_answer={"group": f"h{i + 1}"}) for i in range(30)}
    | {"groups.h30": group()},
    "an employee's rule after a key": {"menus.main.choices.2": {"employee": "ana", "no_answer": {"menu": "main"}}},
}


@pytest.mark.parametrize(("changes", "path", "shown"), (CIRCLES | CHAINS).values(), ids=CIRCLES | CHAINS)
def test_circles_and_chains_are_told(changes: Any, path: str, shown: str) -> None:
    errors = [p for p in problems(changes) if p.level == "error"]
    assert [p.path for p in errors] == [path]
    assert shown in errors[0].message
    assert len(errors[0].message) < 300


@pytest.mark.parametrize("name", NO_CIRCLES)
def test_no_circle(name: str) -> None:
    assert [p for p in problems(NO_CIRCLES[name]) if p.level == "error"] == []


def test_each_of_two_circles_is_reported_once() -> None:
    changes = {
        "groups.a": group(no_answer=TO_B),
        "groups.b": group(no_answer=TO_A),
        "groups.c": group(no_answer=TO_A),
        "menus.main": menu({"menu": "main"}),
        "groups.sales": GONE,
        f"{NUMBER}.group": "a",
    }
    errors = [p.path for p in problems(changes) if p.level == "error"]
    assert errors == ["groups.b.no_answer", "menus.main.no_choice"]


def test_a_circle_of_thousands_is_found_and_shown_short() -> None:
    chain = {f"groups.g{i}": group(no_answer={"group": f"g{(i + 1) % 3000}"}) for i in range(3000)}
    (circle,) = [p for p in problems(chain) if p.level == "error"]
    assert "g0 → g1 → g2" in circle.message
    assert len(circle.message) < 250
