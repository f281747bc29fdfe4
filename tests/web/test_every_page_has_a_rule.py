"""The URL map, walked as each role: every page has a rule, and opens for those whom the rule admits and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from flask.testing import FlaskClient

from local.house import PUBLIC_URL, House
from tests.web.conftest import Browser
from tests.web.site_map import Address, addresses, without_sockets
from web.access import Role

EVERYBODY = "administrator chief_executive head_of_department manager nothing"
BOSSES = "administrator chief_executive"
ADMINISTRATOR = "administrator"
CALLERS = "administrator chief_executive head_of_department manager"

WHO: Mapping[str, str] = {
    "now": EVERYBODY,
    "account": EVERYBODY,
    "login.logout": EVERYBODY,
    "login": "everybody on earth",
    "me": EVERYBODY,
    "me.mobile": CALLERS,
    "calls": CALLERS,
    "recordings": CALLERS,
    "recordings.delete": BOSSES,
    "settings": BOSSES,
    **{f"settings.numbers_{change}": ADMINISTRATOR for change in ("save", "new", "add", "rename", "ask", "remove")},
    **{f"settings.employees_{own}": CALLERS for own in ("list", "entry", "save")},
    "why": BOSSES,
    "telephone": BOSSES,
    "operator": BOSSES,
    "users": ADMINISTRATOR,
}
"""Who may open what, by the longest beginning of the endpoint; said here once more, so that a page with a wrong rule
is found as well as one without. "nothing" is somebody who is logged in and has no role."""

PEOPLE: Mapping[str, tuple[tuple[Role, ...], str | None]] = {
    "administrator": ((Role.ADMINISTRATOR,), None),
    "chief_executive": ((Role.CHIEF_EXECUTIVE,), "luis"),
    "head_of_department": ((Role.HEAD_OF_DEPARTMENT,), "eva"),
    "manager": ((Role.MANAGER,), "ana"),
    "nothing": ((), None),
}


def wanted(endpoint: str) -> str:
    """Who may open an endpoint."""
    found = [name for name in WHO if endpoint == name or endpoint.startswith((name + ".", name + "_"))]
    assert found, f"say in WHO who may open {endpoint}"
    return WHO[max(found, key=len)]


def answer_of(client: FlaskClient, address: Address, token: str = "") -> tuple[int, str]:
    """Open an address; the status, and where it leads."""
    data = {"csrf_token": token} if address.method != "GET" else None
    found = client.open(address.path, method=address.method, data=data, headers={"Origin": PUBLIC_URL})
    found.close()
    return found.status_code, found.location or ""


def test_every_page_has_a_rule(web_house: House) -> None:
    assert [str(each) for each in addresses(web_house.app) if each.rule is None] == []


def test_a_page_without_a_rule_is_found_and_refused(
    web_house: House, logged_in: Callable[..., Browser], caplog: pytest.LogCaptureFixture
) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    web_house.app.view_functions["users.page"] = lambda: "secrets"
    assert [each.path for each in addresses(web_house.app) if each.rule is None] == ["/users"]
    assert browser.get("/users").status_code == 403
    assert "users.page has no rule" in caplog.text
    caplog.clear()


@pytest.mark.parametrize("who", PEOPLE)
def test_a_page_opens_for_those_who_may_and_nobody_else(
    who: str, web_house: House, logged_in: Callable[..., Browser]
) -> None:
    roles, employee = PEOPLE[who]
    wrong = []
    browser = logged_in(*roles, employee=employee)
    token = browser.token()
    for address in addresses(without_sockets(web_house.app)):
        if address.endpoint == "login.logout":
            continue
        status, where = answer_of(browser.client, address, token)
        opens = status != 403 and "/login?next" not in where
        if opens != (who in wanted(address.endpoint) or wanted(address.endpoint) == WHO["login"]) or status >= 500:
            wrong.append(f"{address} → {status} {where}")
    assert wrong == []


def test_nobody_who_is_not_logged_in_sees_more_than_the_way_in(web_house: House, browser: Browser) -> None:
    token, wrong = browser.token(), []
    for address in addresses(web_house.app):
        status, where = answer_of(browser.client, address, token)
        opens = not where.startswith("/login")
        if opens != (wanted(address.endpoint) == WHO["login"]) or status >= 500:
            wrong.append(f"{address} → {status} {where}")
    assert wrong == []
