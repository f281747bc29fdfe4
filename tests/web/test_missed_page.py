"""Who should be called back: listed by reach, and crossed off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from local.house import House
from tests.details.rows import MORENO, PRADO, STRANGER, a_call, on_file
from tests.web.conftest import Browser
from web.access import Role
from web.reception import NAME

DAY = "2026-11-24"
LoggedIn = Callable[..., Browser]


def callers(browser: Browser, path: str = "/calls/missed") -> list[str]:
    assert browser.get(path).status_code == 200
    return [part.partition('"')[0] for part in browser.page.split('href="tel:')[1:]]


@pytest.fixture
def a_morning(web_house: House) -> None:
    """Three callers who did not get through."""
    on_file(
        web_house.engine,
        a_call(f"{DAY} 09:00", caller=MORENO, employee="ana", contact_name="Talleres Moreno"),
        a_call(f"{DAY} 09:10", "voicemail", caller=MORENO, employee="ana", contact_name="Talleres Moreno"),
        a_call(f"{DAY} 09:20", caller=PRADO, employee="eva"),
        a_call(f"{DAY} 09:30", caller=STRANGER),
    )


@pytest.mark.usefixtures("a_morning")
def test_callers_stand_once_each_the_latest_first(web_house: House, logged_in: LoggedIn) -> None:
    boss = logged_in(Role.CHIEF_EXECUTIVE)
    assert callers(boss) == [STRANGER, PRADO, MORENO]
    for text in ("Talleres Moreno", "2 missed calls", "✉ 1", "Ana Ruiz", "24 Nov 2026 09:10"):
        assert text in boss.page


@pytest.mark.usefixtures("a_morning")
def test_people_see_the_missed_calls_within_their_reach(web_house: House, logged_in: LoggedIn) -> None:
    assert callers(logged_in(Role.MANAGER, employee="ana")) == [MORENO]
    assert callers(logged_in(Role.MANAGER, name="luis", employee="luis")) == []
    assert callers(logged_in(Role.HEAD_OF_DEPARTMENT, employee="luis")) == [MORENO]
    assert callers(logged_in(Role.MANAGER, name="guest")) == []


@pytest.mark.usefixtures("a_morning")
def test_whoever_called_back_is_noted_and_can_undo_it(web_house: House, logged_in: LoggedIn) -> None:
    ana = logged_in(Role.MANAGER, name="ana.ruiz", employee="ana")
    assert ana.post("/calls/missed", {"caller": MORENO}).status_code == 303
    boss = logged_in(Role.CHIEF_EXECUTIVE)
    assert callers(boss) == [STRANGER, PRADO]
    assert callers(boss, "/calls/missed?settled=1") == [STRANGER, PRADO, MORENO]
    assert "called back" in boss.page
    at = boss.page.partition('name="at" value="')[2].partition('"')[0]
    assert callers(ana) == []
    assert "+34 600 22 20 01 has been called back." in ana.page
    for wrong in ("2026-11-24T00:00:00+00:00", "x", ""):
        assert ana.post("/calls/missed/undo", {"caller": MORENO, "at": wrong}).status_code == 303
    assert callers(ana) == []
    ana.post("/calls/missed/undo", {"caller": MORENO, "at": at})
    assert callers(ana) == [MORENO]


@pytest.mark.usefixtures("a_morning")
@pytest.mark.parametrize("fields", [{"caller": PRADO}, {"caller": "+34999"}, {"caller": ""}, {}, {"caller": "\0"}])
def test_nobody_crosses_off_what_is_not_within_his_reach(fields: Any, web_house: House, logged_in: LoggedIn) -> None:
    ana = logged_in(Role.MANAGER, employee="ana")
    assert ana.post("/calls/missed", fields).status_code == 303
    assert ana.post("/calls/missed/undo", fields).status_code == 303
    assert ana.post("/calls/missed", {"caller": MORENO}, token="forged").status_code == 400
    assert callers(logged_in(Role.CHIEF_EXECUTIVE)) == [STRANGER, PRADO, MORENO]


# With PROVIDER=simulator every call is simulated: then they count; beside real ones they do not.
def test_simulated_calls_count_where_there_are_no_others(
    open_house: Callable[..., House], web_house: House, logged_in: LoggedIn
) -> None:
    on_file(web_house.engine, a_call(f"{DAY} 09:00", caller=MORENO, simulated=True))
    boss = logged_in(Role.CHIEF_EXECUTIVE)
    assert web_house.environment.provider == "simulator"
    assert callers(boss) == [MORENO]
    assert "Calls by the hour" in boss.get("/calls/charts").text
    reception = web_house.app.extensions[NAME]
    real = replace(reception, environment=replace(reception.environment, provider="twilio"))
    web_house.app.extensions[NAME] = real
    assert callers(boss) == []
    assert "No calls in this time." in boss.get("/calls/charts").text
    web_house.app.extensions[NAME] = reception
