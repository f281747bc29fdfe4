"""Choosing one of many: from a list in a small company, by typing in a large one; understood alike in both."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from urllib.parse import urlencode

import pytest

from calls import users
from config.company import Company
from config.loader import parse
from local.house import House
from tests.calls.companies import acme, sales
from tests.details.rows import a_call, on_file
from tests.moments import OPEN
from tests.web.conftest import Browser
from tests.web.test_now_page import in_house
from web.access import Role
from web.choosing import MOST_OPTIONS, MOST_SUGGESTED, Named, employees, told_apart

OpenHouse = Callable[..., House]
LoggedIn = Callable[..., Browser]

PATHS = ("/calls", "/calls/charts", "/users/new", "/users/1")


def a_company(count: int) -> Company:
    """One with so many employees more than Ana, Luis and Eva, the last two of whom have one name."""
    people = {f"e{n}": {"name": f"Person {n:05}", "extension": str(2000 + n)} for n in range(count - 2)}
    twins = {f"twin{n}": {"name": "Pía Ñu"} for n in (1, 2)}
    return parse(acme(employees=people | twins, groups=sales()))


@pytest.fixture
def large(open_house: OpenHouse) -> House:
    """A house of a company too large for lists."""
    return open_house(a_company(700), when=OPEN)


@pytest.fixture
def boss(large: House) -> Browser:
    """Its administrator, whose number is 1."""
    return in_house(large, "boss", Role.ADMINISTRATOR)


@pytest.mark.parametrize("path", PATHS)
def test_a_large_company_is_typed_with_suggestions_and_not_listed(path: str, boss: Browser) -> None:
    page = boss.get(path).text
    field = page.partition('list="employee-all" name="employee" type="text" value="">')[2]
    suggested = field.partition("</datalist>")[0]
    assert suggested.count("<option") == MOST_SUGGESTED
    assert '<option value="Ana"></option>' in suggested
    assert page.count("<option") < MOST_SUGGESTED + 40
    assert "A name or a key; empty for" in page


@pytest.mark.parametrize("path", PATHS)
def test_a_small_company_chooses_from_a_list(path: str, web_house: House, logged_in: LoggedIn) -> None:
    page = logged_in(Role.ADMINISTRATOR).get(path).text
    assert 'id="employee" name="employee"' in page
    assert '<option value="ana">Ana Ruiz</option>' in page
    assert "<datalist" not in page


def listed(browser: Browser, employee: str) -> int:
    """How many calls are listed for what was typed."""
    assert browser.get("/calls?" + urlencode({"employee": employee})).status_code == 200
    return browser.page.count('href="/calls/CA')


@pytest.mark.parametrize("typed", ["e697", "E697", "Person 00697", " person 00697 ", "2697"])
def test_whatever_stands_for_an_employee_is_understood(typed: str, large: House, boss: Browser) -> None:
    on_file(large.engine, a_call("2026-11-24 10:00", employee="e697"), a_call("2026-11-24 10:01", employee="ana"))
    assert listed(boss, typed) == 1
    assert 'value="Person 00697"' in boss.page
    assert '<span class="active">Person 00697</span>' in boss.page
    boss.get("/calls/charts?" + urlencode({"employee": typed, "since": "2026-11-24"}))
    assert "<title>10 · missed 1</title>" in boss.page
    boss.post("/users/new", {"name": "new", "roles": ["manager"], "employee": typed})
    with large.engine.connect() as connection:
        new = users.named(connection, "new")
    assert new is not None
    assert new.employee == "e697"


@pytest.mark.parametrize("typed", ["Person", "Pía Ñu", "<b>"])
def test_what_nobody_is_called_is_said_at_its_field_and_kept(typed: str, large: House, boss: Browser) -> None:
    said = f"“{typed}” is not among them."
    for path in ("/calls", "/calls/charts"):
        page = unescape(boss.get(path + "?" + urlencode({"employee": typed})).text)
        assert said in page.partition('id="employee-error"')[2].partition("</p>")[0]
        assert f'value="{typed}"' in page
    answer = boss.post("/users/new", {"name": "new", "roles": ["manager"], "employee": typed})
    assert answer.status_code == 422
    assert said in unescape(boss.page)
    assert "<b>" not in boss.page


# Whose calls one may not see is neither suggested nor understood.
def test_nobody_is_named_beyond_ones_reach(open_house: OpenHouse) -> None:
    people = {
        f"e{n}": {"name": f"Person {n:05}", "department": "sales" if n else "it"} for n in range(MOST_OPTIONS + 5)
    }
    house = open_house(parse(acme(employees=people, groups=sales())), when=OPEN)
    head = in_house(house, "head", Role.HEAD_OF_DEPARTMENT, employee="e1")
    assert 'list="employee-all"' in head.get("/calls").text
    assert "Person 00000" not in head.page
    assert listed(head, "Person 00000") == 0
    assert "is not among them" in head.page
    manager = in_house(house, "manager", Role.MANAGER, employee="e1")
    assert '<option value="e1">Person 00001</option>' in manager.get("/calls").text
    assert manager.page.count("Person 0") == 1


@pytest.mark.parametrize("count", [2, 100], ids=["small", "large"])
def test_a_user_whose_employee_is_gone_can_still_be_saved(count: int, open_house: OpenHouse) -> None:
    house = open_house(a_company(count), when=OPEN)
    boss = in_house(house, "boss", Role.ADMINISTRATOR)
    with house.engine.begin() as connection:
        gone = users.add(connection, "leaver", roles=[Role.MANAGER], employee="gone", now=house.clock.now())
    assert 'value="gone"' in boss.get(f"/users/{gone.id}").text
    fields = {"roles": ["manager"], "active": "y"}
    assert boss.post(f"/users/{gone.id}", fields | {"employee": "gone"}).status_code == 303
    assert boss.post(f"/users/{gone.id}", fields | {"employee": "other"}).status_code == 422


# Groups and numbers are no fewer in a large company.
def test_groups_are_typed_as_well(open_house: OpenHouse) -> None:
    groups = {f"g{n}": {"name": f"Team {n}", "members": ["ana"], "no_answer": "voicemail"} for n in range(100)}
    house = open_house(parse(acme(groups=sales() | groups)), when=OPEN)
    on_file(house.engine, a_call("2026-11-24 10:00", employee="ana"), a_call("2026-11-24 10:01", employee="eva"))
    boss = in_house(house, "boss", Role.ADMINISTRATOR)
    boss.get("/calls/charts?group=team+77&since=2026-11-24")
    assert "<title>10 · missed 1</title>" in boss.page
    assert 'list="group-all"' in boss.page


def test_the_charts_say_whose_calls_those_of_a_group_are(logged_in: LoggedIn) -> None:
    boss = logged_in(Role.ADMINISTRATOR)
    assert '<label for="group">Members of the group</label>' in boss.get("/calls/charts").text
    assert "The calls of the people who are in it now" in boss.page
    spanish = boss.get("/calls/charts", headers={"Accept-Language": "es"}).text
    assert '<label for="group">Miembros del grupo</label>' in spanish


def test_names_are_told_apart_by_their_keys() -> None:
    named = Named(told_apart({"a": "Ana", "b": "ana", "c": "Eva"}))
    assert named.names == {"a": "Ana (a)", "b": "ana (b)", "c": "Eva"}
    assert [named.found(text) for text in ("Pía", "ana (B)", "EVA ", "A", "")] == [None, "b", "c", "a", None]
    assert named.only({"c"}).found("Ana (a)") is None


def test_the_names_of_a_revision_are_worked_out_once_and_of_the_next_anew() -> None:
    company, other = a_company(3), a_company(4)
    assert employees(company) is employees(company)
    assert len(employees(other).names) == len(employees(company).names) + 1
