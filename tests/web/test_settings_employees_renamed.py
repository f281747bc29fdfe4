"""Who logs in stays who he is when the key of his employee changes, and nobody becomes him."""

from __future__ import annotations

from collections.abc import Callable

from calls import users
from local.house import House
from tests.web.conftest import Browser
from tests.web.settings_desk import SettingsDesk, ana, house
from web.access import Role

__all__ = ["ana", "house"]


def test_a_login_follows_its_employee_and_a_namesake_inherits_nothing(
    ana: SettingsDesk, house: House, logged_in: Callable[..., Browser]
) -> None:
    logged_in(Role.MANAGER, name="manager", employee="ana")
    ana.opens("/settings/employees/entry/ana")
    assert ana.sends("/settings/employees/rename/ana", key="ana-ruiz").status_code == 303
    assert new_ana(ana) == "/settings/employees/entry/ana-2"  # the draft is not in force: ana is still somebody
    assert ana.publishes().status_code == 303
    with house.engine.connect() as connection:
        login = users.named(connection, "manager")
    assert login is not None
    assert login.employee == "ana-ruiz"
    assert new_ana(ana) == "/settings/employees/entry/ana"


def new_ana(desk: SettingsDesk) -> str:
    desk.opens("/settings/employees/new")
    return desk.sends("/settings/employees/new", name="Ana").headers["Location"]
