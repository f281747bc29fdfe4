"""Users, roles and one's own account, as people use the pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from calls import users
from calls.users import User
from local.house import House
from tests.databases import tables_are_away
from tests.web.conftest import PASSWORD, Browser
from web.access import CHANGEABLE, LEVELS, Level, Permission, Role, level_of

Enter = Callable[..., Browser]
NEW = "another fine password"


def known(house: House) -> dict[str, User]:
    with house.engine.connect() as connection:
        return {user.name: user for user in users.every(connection)}


def test_a_user_is_added_and_chooses_a_password_by_the_link(logged_in: Enter, web_house: House) -> None:
    boss = logged_in(Role.ADMINISTRATOR)
    boss.post("/users/new", {"name": "Ana@Example.com", "roles": ["manager"], "employee": "ana"})
    address = re.search(r'value="(https://[^"]+/reset/[^"]+)"', boss.page)
    assert address
    assert known(web_house)["ana@example.com"].roles == {"manager"}
    ana = Browser(web_house.app)
    path = address[1].removeprefix(web_house.environment.public_url)
    assert ana.post(path, {"password": NEW, "again": NEW}).location == "/"
    assert ana.get("/users").status_code == 403


def test_what_is_wrong_with_a_new_user_is_said_and_nothing_is_lost(logged_in: Enter, web_house: House) -> None:
    boss = logged_in(Role.ADMINISTRATOR, name="boss")
    assert boss.post("/users/new", {"name": "BOSS", "roles": ["manager"], "employee": ""}).status_code == 422
    assert "Another user has this name" in boss.page
    assert 'value="BOSS"' in boss.page
    assert boss.post("/users/new", {"name": "x", "roles": ["emperor"], "employee": ""}).status_code == 422
    assert boss.post("/users/new", {"name": "x", "employee": "nobody"}).status_code == 422
    assert set(known(web_house)) == {"boss"}


def test_roles_taken_away_and_locking_hold_at_once(
    logged_in: Enter, web_house: House, somebody: Callable[..., User]
) -> None:
    boss, other = logged_in(Role.ADMINISTRATOR), logged_in(Role.ADMINISTRATOR, name="other")
    number = known(web_house)["other"].id
    assert other.get("/users").status_code == 200
    boss.post(f"/users/{number}", {"roles": ["manager"], "employee": "ana", "active": "y"})
    assert other.get("/users").status_code == 403
    boss.post(f"/users/{number}", {"roles": ["administrator"], "employee": "ana"})
    assert other.get("/users").status_code == 303
    boss.post(f"/users/{number}", {"roles": ["administrator"], "employee": "ana", "active": "y"})
    assert other.get("/users").status_code == 303  # the session was ended, not put to sleep


def test_nobody_locks_himself_out(logged_in: Enter, web_house: House) -> None:
    boss = logged_in(Role.ADMINISTRATOR, name="boss")
    number = known(web_house)["boss"].id
    for fields in ({"roles": ["manager"], "active": "y"}, {"roles": ["administrator"]}):
        assert boss.post(f"/users/{number}", fields).status_code == 422
        assert "cannot take your own administration away" in boss.page
    boss.post(f"/users/{number}/remove")
    assert known(web_house)["boss"].active


def test_a_removed_user_is_out(logged_in: Enter, web_house: House) -> None:
    boss, ana = logged_in(Role.ADMINISTRATOR, name="boss"), logged_in(Role.MANAGER, name="ana")
    boss.post(f"/users/{known(web_house)['ana'].id}/remove")
    assert ana.get("/account").status_code == 303
    assert set(known(web_house)) == {"boss"}
    assert boss.get("/users/99").status_code == 404


def test_the_permission_table_is_changed_for_those_who_are_logged_in_too(logged_in: Enter, web_house: House) -> None:
    boss, ana = logged_in(Role.ADMINISTRATOR), logged_in(Role.MANAGER, name="ana")
    assert ana.get("/users").status_code == 403
    fields = {
        f"{role}.{permission}": str(int(level_of(role, permission, {})))
        for role in CHANGEABLE
        for permission in Permission
    }
    assert boss.post("/users/roles", fields | {"manager.users": "3"}).status_code == 303
    assert ana.get("/users").status_code == 200
    assert boss.post("/users/roles", fields | {"manager.users": "2"}).status_code == 400
    assert boss.post("/users/roles", {"manager.users": "0"}).status_code == 400
    assert ana.get("/users").status_code == 200
    boss.get("/users/roles")
    assert re.search(r'name="manager.users".*?<option value="3" selected>', boss.page, re.S)
    assert len(re.findall("<select", boss.page)) == len(CHANGEABLE) * len(LEVELS)


def test_ones_own_password_is_changed_by_whoever_knows_it(logged_in: Enter, web_house: House) -> None:
    ana, elsewhere = logged_in(Role.MANAGER, name="ana"), Browser(web_house.app)
    elsewhere.post("/login", {"name": "ana", "password": PASSWORD})
    fields = {"present": "not it at all", "password": NEW, "again": NEW}
    assert ana.post("/account/password", fields).status_code == 422
    assert "not your present password" in ana.page
    assert ana.post("/account/password", fields | {"present": PASSWORD}).status_code == 303
    assert ana.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert elsewhere.post("/login", {"name": "ana", "password": NEW}).status_code == 303


# Whoever sits at an unlocked screen must not find the password out by trying.
def test_the_present_password_cannot_be_guessed_either(logged_in: Enter) -> None:
    ana = logged_in(Role.MANAGER, name="ana")
    fields = {"present": "not it at all", "password": NEW, "again": NEW}
    for _ in range(5):
        ana.post("/account/password", fields)
    assert ana.post("/account/password", fields | {"present": PASSWORD}).status_code == 422
    assert "Too many attempts" in ana.page


def test_other_sessions_are_seen_and_ended(logged_in: Enter, web_house: House) -> None:
    ana, elsewhere = logged_in(Role.MANAGER, name="ana"), Browser(web_house.app)
    elsewhere.post("/login", {"name": "ana", "password": PASSWORD}, headers={"User-Agent": "Telephone <b>9"})
    assert "Telephone &lt;b&gt;9" in ana.get("/account").text
    ana.post("/account/sessions/end")
    assert (ana.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)


def test_the_pages_speak_the_language_that_is_chosen_or_asked_for(logged_in: Enter) -> None:
    ana = logged_in(Role.MANAGER)
    spanish = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
    assert '<html lang="en">' in ana.get("/account", headers={"Accept-Language": "de"}).text
    page = ana.get("/account", headers=spanish).text
    assert '<html lang="es">' in page
    assert "Mi cuenta" in page
    ana.post("/account/language", {"language": "en"})
    assert '<html lang="en">' in ana.get("/account", headers=spanish).text
    assert ana.post("/account/language", {"language": "xx"}).status_code == 422
    ana.post("/account/language", {"language": "es"})
    assert '<html lang="es">' in ana.get("/account").text


def test_a_name_that_is_a_script_is_only_shown(logged_in: Enter) -> None:
    boss = logged_in(Role.ADMINISTRATOR)
    name = '<script>alert("x")</script>'
    boss.post("/users/new", {"name": name, "roles": ["manager"], "employee": ""})
    for page in (boss.page, boss.get("/users").text):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page


def test_of_several_roles_the_highest_wins(logged_in: Enter) -> None:
    both = logged_in(Role.MANAGER, Role.ADMINISTRATOR)
    assert both.get("/users").status_code == 200
    assert logged_in(name="none").get("/users").status_code == 403


def test_a_page_that_is_not_there_is_said_so_in_words(browser: Browser) -> None:
    answer = browser.get("/nothing/here")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
    assert "<main" in answer.text


def test_levels_that_a_permission_does_not_have_are_not_believed() -> None:
    assert level_of("manager", Permission.TELEPHONY, {("manager", "telephony"): 2}) == Level.NONE
    assert level_of("emperor", Permission.CALLS, {("emperor", "calls"): 3}) == Level.NONE
    assert level_of("administrator", Permission.CALLS, {("administrator", "calls"): 0}) == Level.ANY


# Whoever may add users would else be an administrator as soon as he liked.
def test_only_an_administrator_makes_changes_or_removes_one(logged_in: Enter, web_house: House) -> None:
    boss = logged_in(Role.ADMINISTRATOR, name="boss")
    with web_house.engine.begin() as connection:
        users.change_permissions(connection, {(Role.MANAGER, Permission.USERS): Level.ANY})
    clerk = logged_in(Role.MANAGER, name="clerk")
    mine, his = known(web_house)["clerk"].id, known(web_house)["boss"].id
    before = known(web_house)
    assert clerk.get(f"/users/{his}").status_code == 403
    for path, fields in (
        (f"/users/{mine}", {"roles": ["administrator"], "employee": "", "active": "y"}),
        (f"/users/{his}", {"roles": [], "employee": "", "active": "y"}),
        (f"/users/{his}/link", {}),
        (f"/users/{his}/remove", {}),
        ("/users/new", {"name": "second", "roles": ["administrator"], "employee": ""}),
        ("/users/roles", {"manager.users": "3"}),
    ):
        assert clerk.post(path, fields).status_code in {403, 422}, path
    assert known(web_house) == before
    clerk.get("/users")
    assert f"/users/{his}" not in clerk.page
    assert clerk.post("/users/new", {"name": "third", "roles": ["manager"], "employee": ""}).status_code == 200
    assert boss.get(f"/users/{mine}").status_code == 200


def test_a_page_says_that_the_database_is_away_and_a_form_that_it_is_old(logged_in: Enter, web_house: House) -> None:
    boss = logged_in(Role.ADMINISTRATOR)
    assert "This form is too old" in boss.post("/account/language", {"language": "es"}, token="forged").text
    with tables_are_away(web_house.engine, "users"):
        answer = boss.get("/users")
    assert answer.status_code == 503
    assert "The database is out of reach" in answer.text
    assert "Traceback" not in answer.text
