"""`flask users …`: who may open the pages, in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from calls import sessions
from calls import users as book
from calls.users import User
from commands.users import users
from tests.commands.desk import VARIABLES, Desk
from web import links


@pytest.fixture
def at_desk(desk: Any) -> Desk:
    """At the terminal."""
    found: Desk = desk(users)
    return found


def known(desk: Desk) -> dict[str, User]:
    with desk.engine.connect() as connection:
        return {user.name: user for user in book.every(connection)}


def token_in(lines: list[str], path: str) -> str:
    """The token of the one link that was printed."""
    links_ = [line.strip() for line in lines if line.strip().startswith(VARIABLES["PUBLIC_URL"])]
    assert [line.startswith(f"{VARIABLES['PUBLIC_URL']}/{path}/") for line in links_] == [True]
    return links_[0].rpartition("/")[2]


def test_the_first_administrator_gets_a_link_until_there_is_a_user(at_desk: Desk) -> None:
    assert at_desk.lines("list") == ["There are no users yet: flask users first makes the first administrator."]
    assert links.is_welcome(VARIABLES["SECRET_KEY"], token_in(at_desk.lines("first"), "welcome"))
    at_desk.lines("add", "ana")
    done = at_desk.run("first")
    assert done.exit_code == 1
    assert "There are users already" in done.output


def test_a_user_is_added_with_a_link_to_a_password(at_desk: Desk) -> None:
    lines = at_desk.lines(
        "add", "Ana@Example.com", "--role", "manager", "--role", "head_of_department", "--employee", "ana"
    )
    ana = known(at_desk)["ana@example.com"]
    assert (ana.roles, ana.employee, ana.password) == ({"manager", "head_of_department"}, "ana", None)
    assert links.fits(VARIABLES["SECRET_KEY"], token_in(lines, "reset"), ana)
    listed = at_desk.lines("list")
    assert listed[1].split("  ") == ["ana@example.com", "Ana Ruiz", "head_of_department, manager", "no password yet"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "ana"), "there is a user ana already"),
        (("add", "  "), "a name is 1 to 254"),
        (("add", "x" * 255), "a name is 1 to 254"),
        (("add", "eva", "--employee", "nobody"), "'nobody' is not in the settings; there are ana, luis, eva, marta"),
        (("add", "eva", "--role", "emperor"), "administrator"),
        (("role", "ana", "emperor"), "administrator"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(at_desk: Desk, words: tuple[str, ...], says: str) -> None:
    at_desk.lines("add", "ana", "--role", "manager")
    before = known(at_desk)
    done = at_desk.run(*words)
    assert done.exit_code == 2
    assert says in " ".join(done.output.split())
    assert known(at_desk) == before


def test_roles_are_given_and_taken(at_desk: Desk) -> None:
    at_desk.lines("add", "ana", "--role", "manager")
    assert at_desk.lines("role", "ANA", "administrator", "manager") == ["ana: administrator, manager."]
    assert known(at_desk)["ana"].roles == {"administrator", "manager"}
    assert at_desk.lines("role", "ana") == ["ana: no role."]
    assert known(at_desk)["ana"].roles == frozenset()


def test_a_link_to_a_new_password(at_desk: Desk) -> None:
    at_desk.lines("add", "ana")
    token = token_in(at_desk.lines("reset", "ana"), "reset")
    assert links.fits(VARIABLES["SECRET_KEY"], token, known(at_desk)["ana"])


def test_a_removed_user_has_no_session_left(at_desk: Desk) -> None:
    at_desk.lines("add", "ana")
    now, number = datetime.now(UTC), known(at_desk)["ana"].id
    with at_desk.engine.begin() as connection:
        token = sessions.begin(connection, number, "", now)
    assert at_desk.lines("remove", "ana") == ["ana is removed."]
    with at_desk.engine.connect() as connection:
        assert sessions.user(connection, token, now) is None


@pytest.mark.parametrize("words", [("role", "eva", "manager"), ("reset", "eva"), ("remove", "eva")])
def test_one_who_is_not_there(at_desk: Desk, words: tuple[str, ...]) -> None:
    done = at_desk.run(*words)
    assert done.exit_code == 1
    assert "There is no user eva" in done.output
