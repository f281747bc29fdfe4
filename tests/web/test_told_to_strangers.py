"""What /readyz tells those who have not logged in: which part is not well, and not how it is reached."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from calls.migrated import AWAY
from config.trouble import Trouble, english
from local.house import House
from tests.calls.companies import acme
from web.discreet import Discreet

GONE = "postgresql://acme_dbadmin:hush@127.0.0.1:1/customers_of_acme"
REACHED = ("acme_dbadmin", "127.0.0.1", "port", "customers_of_acme", "hush", "(")


# A driver's message names the server, the user and the database. The log has it once, however often a platform asks.
def test_how_the_database_is_reached_is_for_the_log(open_house: Callable[..., House], caplog: Any) -> None:
    house = open_house(acme(), database=GONE)
    client = house.app.test_client()
    parts = [client.get("/readyz").get_json() for _ in range(2)][-1]
    assert parts["status"] == "degraded"
    assert parts["database"] == "out of reach; calls wait in Redis to be put on file"
    assert parts["crm"] == "unknown while the database is not well"
    assert [word for word in REACHED if word in client.get("/readyz").text] == []
    told = [each for each in caplog.messages if each.startswith("database is not well: out of reach (connection")]
    assert len(told) == 1
    assert "127.0.0.1" in told[0]
    full = english(house.app.extensions["reception"].checks["database"]())
    assert "127.0.0.1" in full, "the page Operation has it"


@pytest.mark.parametrize(
    "said",
    [
        'connection to server at "10.0.0.7" (10.0.0.7), port 5432 failed: no route (EHOSTUNREACH); retried',
        "two lines (of\nwhich one) is another's",
    ],
)
def test_whatever_others_said_is_left_out(said: str) -> None:
    told = Discreet("database", lambda: (AWAY.of(said=said),))()
    assert told == "out of reach; calls wait in Redis to be put on file"


def test_what_is_new_is_logged_anew(caplog: Any) -> None:
    a, b = (Trouble(code="away", text="away (%(said)s)").of(said=said) for said in "ab")
    found = iter([(a,), (a,), (b,), (), (b,), (Trouble(code="away", text="away"),)])
    check = Discreet("crm", lambda: next(found))
    assert [check() for _ in range(6)] == ["away", "away", "away", "", "away", "away"]
    assert caplog.messages == ["crm is not well: away (a)", "crm is not well: away (b)", "crm is not well: away (b)"]
