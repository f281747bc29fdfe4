"""Texts of people and strangers stay texts on every page, whatever they look like."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from calls import sessions, users
from local.house import House
from tests.web.conftest import Browser
from tests.web.hostile import MARK, WORKED_OUT, filled, hostile_company
from tests.web.site_map import addresses, text_of
from web.access import Role


@pytest.fixture
def victim(open_house: Callable[..., House]) -> Browser:
    """An administrator of a company where every text is a script."""
    house = open_house(hostile_company(), secret_key="a secret of this test alone")
    now = house.clock.now()
    filled(house.engine, now)
    with house.engine.begin() as connection:
        user = users.add(connection, MARK, roles=[Role.ADMINISTRATOR], employee="ana", now=now)
        token = sessions.begin(connection, user.id, MARK, now)
    found = Browser(house.app)
    found.client.set_cookie("__Host-ringpath", token, domain="localhost")
    return found


def test_no_page_takes_a_text_for_a_part_of_itself(victim: Browser) -> None:
    pages = {str(each): text_of(each, victim.client) for each in addresses(victim.app) if each.method == "GET"}
    assert [name for name, said in pages.items() if MARK in said or WORKED_OUT in said] == []


def test_what_is_asked_for_comes_back_as_a_text(victim: Browser) -> None:
    asked = dict.fromkeys(("next", "q", "name", "to", "from", "number", "employee", "caller", "keys", "when"), MARK)
    for address in addresses(victim.app):
        if address.method == "GET":
            assert MARK not in text_of(address, victim.client, query_string=asked), address
