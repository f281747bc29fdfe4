"""Forms that another site would have somebody send: every one of the URL map is refused, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from redis import Redis
from sqlalchemy import select

from calls.tables import metadata
from local.house import House
from tests.web.conftest import Browser
from tests.web.site_map import addresses
from web.access import Role


def everything_kept(house: House, redis: Redis) -> tuple[object, ...]:
    """Read all of SQL, and the names and sizes of all that is in Redis."""
    with house.engine.connect() as connection:
        rows = {table.name: connection.execute(select(table)).all() for table in metadata.sorted_tables}
    return rows, sorted((key, redis.type(key)) for key in redis.scan_iter())


@pytest.mark.parametrize("token", ["", "forged", "another session's"])
def test_no_form_is_taken_without_the_token_of_its_session(
    token: str, web_house: House, logged_in: Callable[..., Browser], browser: Browser, redis: Redis
) -> None:
    administrator = logged_in(Role.ADMINISTRATOR)
    administrator.get("/account")
    sent = browser.token() if token.startswith("another") else token
    forms = [each for each in addresses(web_house.app) if each.method != "GET"]
    before, taken = everything_kept(web_house, redis), []
    for form in forms:
        answer = administrator.client.open(form.path, method=form.method, data={"csrf_token": sent})
        header = administrator.client.open(form.path, method=form.method, headers={"X-CSRFToken": sent}, json={})
        if {answer.status_code, header.status_code} != {400}:
            taken.append(f"{form}: {answer.status_code} {header.status_code}")
    assert taken == []
    assert len(forms) > 5
    assert everything_kept(web_house, redis) == before


# A page that changes something when it is only looked at could be called from any site's <img>.
def test_looking_at_a_page_changes_nothing(web_house: House, logged_in: Callable[..., Browser], redis: Redis) -> None:
    administrator = logged_in(Role.ADMINISTRATOR)
    before = everything_kept(web_house, redis)
    for page in addresses(web_house.app):
        if page.method == "GET":
            administrator.client.get(page.path).close()
    assert everything_kept(web_house, redis) == before


def test_a_form_says_that_it_is_too_old_and_not_what_is_behind_it(logged_in: Callable[..., Browser]) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    answer = browser.post("/users/new", {"name": "mallory"}, token="an old one")
    assert answer.status_code == 400
    assert "too old" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_what_no_form_can_send_is_not_taken_either(
    method: str, web_house: House, logged_in: Callable[..., Browser]
) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    for path in {each.path for each in addresses(web_house.app)}:
        assert browser.client.open(path, method=method).status_code in {400, 404, 405}, path
