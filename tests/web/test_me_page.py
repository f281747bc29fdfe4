"""An employee's page: available or away in the next call, what is his on file, his mobile in the settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from calls import revisions
from calls.revisions import Checked
from calls.settings import Settings
from config.loader import examine
from live import readings
from local.house import House
from simulator import Caller
from tests.calls.companies import MAIN, MOBILES, acme, sales
from tests.calls.on_file import settle
from tests.databases import tables_are_away
from tests.details.recorded import a_recording
from tests.details.rows import a_call, on_file
from tests.web.conftest import Browser
from tests.web.test_now_page import in_house
from web.access import Role
from web.reception import NAME

OpenHouse = Callable[..., House]
LoggedIn = Callable[..., Browser]


@pytest.fixture
def house(open_house: OpenHouse) -> House:
    """A small company: one group, Ana before Luis."""
    return open_house(acme(groups=sales(distribution="in_order", members=["ana", "luis"], no_answer="voicemail")))


@pytest.fixture
def ana(house: House) -> Browser:
    """Ana, who has no rights but her own."""
    return in_house(house, "ana", Role.MANAGER, employee="ana")


def test_away_with_one_click_and_the_next_call_rings_somebody_else(house: House, ana: Browser, redis: Redis) -> None:
    ana.get("/me")
    assert "You are available" in ana.page
    answer = ana.post("/me/presence", {"away": "1"})
    assert (answer.status_code, answer.location) == (303, "/me")
    assert readings.presence(redis, "ana", house.clock.now()).state == "away"
    ana.get("/me")
    assert "You are away: no call rings you." in ana.page
    assert "Set me to available" in ana.page
    Caller(house.exchange).dials(MAIN).rings("luis").hangs_up().ended()
    ana.post("/me/presence", {"away": "0"})
    assert readings.presence(redis, "ana", house.clock.now()).state == "free"
    Caller(house.exchange).dials(MAIN).rings("ana").answers("ana")
    ana.get("/me")
    assert "You are talking" in ana.page


def test_without_redis_it_is_said_that_it_could_not_be_kept(
    house: House, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.app.extensions["ringpath"].live, "_down_until", float("inf"))
    away = Redis.from_url("unix:///nonexistent/valkey.sock")
    monkeypatch.setitem(house.app.extensions, NAME, replace(house.app.extensions[NAME], redis=away))
    ana.post("/me/presence", {"away": "1"})
    ana.get("/me")
    assert "That could not be kept, because Redis is out of reach." in ana.page
    assert "nobody knows" in ana.page


def test_nobody_sets_somebody_else_away(house: House, ana: Browser, redis: Redis) -> None:
    ana.post("/me/presence", {"away": "1", "employee": "luis", "key": "luis"})
    assert readings.presence(redis, "luis", house.clock.now()).state == "free"
    assert ana.post("/me/presence", {"away": "0"}, token="forged").status_code == 400
    assert readings.presence(redis, "ana", house.clock.now()).state == "away"


def test_who_is_no_employee_is_told_so(house: House) -> None:
    stranger = in_house(house, "stranger", Role.ADMINISTRATOR)
    assert stranger.get("/me").status_code == 200
    assert "belongs to no employee" in stranger.page
    assert stranger.post("/me/presence", {"away": "1"}).status_code == 404
    gone = in_house(house, "gone", Role.MANAGER, employee="gone")
    gone.get("/me")
    assert "belongs to no employee" in gone.page


def test_ones_own_calls_and_messages_and_nobody_elses(open_house: OpenHouse, redis: Redis) -> None:
    house = open_house(
        acme(groups=sales(distribution="in_order", members=["ana", "luis"], no_answer={"voicemail": "luis"}))
    )
    ana, luis = (in_house(house, name, Role.MANAGER, employee=name) for name in ("ana", "luis"))
    Caller(house.exchange, "+34600000001").dials(MAIN).answers("ana").waits(65).hangs_up().ended()
    Caller(house.exchange, "+34600000002").dials(MAIN).nobody_answers().answers("luis").hangs_up().ended()
    left = Caller(house.exchange, "+34600000003").dials(MAIN).nobody_answers().nobody_answers().leaves_message(7)
    left.hangs_up().ended()
    settle(house, redis)
    ana.get("/me")
    assert "+34 600 00 00 01" in ana.page
    assert "+34 600 00 00 02" not in ana.page
    assert "1:05" in ana.page
    assert "+34 600 00 00 03" not in ana.page
    assert "There is no message for you." in ana.page
    luis.get("/me")
    messages = luis.page.partition('id="messages"')[2].partition("</section>")[0]
    assert "+34 600 00 00 03" in messages
    assert "0:07" in messages
    missed = luis.page.partition('id="missed"')[2].partition("</section>")[0]
    assert "+34 600 00 00 03" in missed
    assert "+34 600 00 00 01" not in luis.page


# Where the processes share no disk every message stays at the provider (state `remote`), and is played from there.
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("kept", ""),
        ("remote", "at the provider"),
        ("pending", "being fetched from the provider"),
        ("failed", "could not be fetched: gone"),
    ],
)
def test_a_message_is_heard_where_the_page_of_its_call_plays_it(
    state: str, said: str, house: House, ana: Browser
) -> None:
    call = a_call(house.clock.now(), "voicemail", employee="ana", mailbox="employee:ana")
    on_file(house.engine, call)
    kept = a_recording(house.engine, call.id, kind="voicemail", mailbox="employee:ana", state=state, reason="gone")
    for path in ("/me", f"/calls/{call.id}"):
        ana.get(path)
        assert f'<audio controls preload="none" src="/recordings/{kept}"' in ana.page
        assert said in ana.page
    messages = ana.get("/me").text.partition('id="messages"')[2].partition("</section>")[0]
    assert f'<a href="/calls/{call.id}">' in messages
    assert ('class="hint"' in messages) == bool(said)


def test_without_a_database_the_rest_is_still_shown(house: House, ana: Browser) -> None:
    with tables_are_away(house.engine, "calls"):
        assert ana.get("/me").status_code == 200
    assert "The database is out of reach" in ana.page
    assert "You are available" in ana.page


@pytest.fixture
def published(house: House, tmp_path: Any) -> Settings:
    """The settings of that house in its database, with comments in the file."""
    file = tmp_path / "company.yaml"
    file.write_text("# written by hand\n" + acme(groups=sales(members=["ana", "luis"], no_answer="voicemail")), "utf-8")
    settings = Settings.of_database(house.engine, file)
    house.app.extensions[NAME] = replace(house.app.extensions[NAME], settings=settings)
    assert settings.number == 1
    return settings


def newest(house: House) -> revisions.Revision:
    """The revision in force."""
    with house.engine.connect() as connection:
        found = revisions.newest(connection)
    assert found is not None
    return found


def test_ones_own_mobile_number_becomes_a_revision(house: House, published: Settings, ana: Browser) -> None:
    ana.get("/me")
    assert f'value="{MOBILES["ana"]}"' in ana.page
    answer = ana.post("/me/mobile", {"mobile": " +34 600 999 888 "})
    assert (answer.status_code, answer.location) == (303, "/me")
    made = newest(house)
    assert (made.number, made.author, made.comment) == (2, "ana", "own mobile number")
    assert made.document.startswith("# written by hand\n")
    company, _ = examine(made.document)
    assert company is not None
    assert company.employees["ana"].mobile == "+34600999888"
    assert company.employees["luis"].mobile == MOBILES["luis"]
    assert published.company.employees["ana"].mobile == "+34600999888"
    ana.get("/me")
    assert "in revision 2 of the settings" in ana.page


def test_a_number_that_is_the_same_publishes_nothing(house: House, published: Settings, ana: Browser) -> None:
    ana.post("/me/mobile", {"mobile": MOBILES["ana"]})
    assert newest(house).number == 1


def test_no_number_is_a_number_too(house: House, published: Settings, ana: Browser) -> None:
    ana.post("/me/mobile", {"mobile": ""})
    assert published.company.employees["ana"].mobile is None
    ana.post("/me/mobile", {"mobile": "+34600999888"})
    assert published.company.employees["ana"].mobile == "+34600999888"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("600999888", "international format"),
        ("+34600", "international format"),
        ("+34000000000", "no such number"),
        ("+34803123456", "Premium-rate"),
        ("+34902123456", "may cost more than to a mobile"),
        ("+34704123456", "may cost more than to a mobile"),
        ("+4915112345678", "these countries only: ES"),
        (MAIN, "number of the company"),
        ("<script>alert(1)</script>", "international format"),
        ("+" * 50, "longer than 40"),
    ],
)
def test_a_number_that_cannot_be_dialled_is_refused(
    house: House, published: Settings, ana: Browser, typed: str, why: str
) -> None:
    assert ana.post("/me/mobile", {"mobile": typed}).status_code == 422
    assert why in ana.page
    assert "<script>alert" not in ana.page
    assert newest(house).number == 1


def test_a_mobile_that_a_route_needs_cannot_be_left_empty(open_house: OpenHouse, tmp_path: Any) -> None:
    text = acme(groups=sales(members=["ana"], no_answer={"forward_to_mobile": "ana"}))
    house = open_house(text)
    (tmp_path / "company.yaml").write_text(text, "utf-8")
    settings = Settings.of_database(house.engine, tmp_path / "company.yaml")
    house.app.extensions[NAME] = replace(house.app.extensions[NAME], settings=settings)
    ana = in_house(house, "ana", Role.MANAGER, employee="ana")
    assert ana.post("/me/mobile", {"mobile": ""}).status_code == 422
    assert "The settings do not allow this" in ana.page
    assert newest(house).number == 1


# Whoever publishes at the same moment is not overtaken: the number goes into what he has published.
def test_what_others_publish_meanwhile_is_kept(
    house: House, published: Settings, ana: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = newest(house)
    publish = revisions.publish

    def overtaken(connection: Any, checked: Checked, **how: Any) -> int:
        monkeypatch.setattr(revisions, "publish", publish)
        connection.rollback()
        text = revisions.check(first.document.replace("Ventas", "Sales"))
        with house.engine.begin() as other:
            publish(other, text, author="boss", comment="", now=house.clock.now(), base=first.number)
        with house.engine.begin() as mine:
            return publish(mine, checked, **how)

    monkeypatch.setattr(revisions, "publish", overtaken)
    ana.post("/me/mobile", {"mobile": "+34600999888"})
    assert newest(house).number == 3
    assert published.company.groups["sales"].name == "Sales"
    assert published.company.employees["ana"].mobile == "+34600999888"


def test_who_may_not_change_employees_is_not_asked_for_a_number(house: House, published: Settings) -> None:
    nobody = in_house(house, "nobody", employee="ana")
    nobody.get("/me")
    assert 'name="mobile"' not in nobody.page
    assert "+34 600 11 12 22" in nobody.page
    assert nobody.post("/me/mobile", {"mobile": "+34600999888"}).status_code == 403
    assert newest(house).number == 1


def test_whoever_may_change_users_is_led_to_his_own(logged_in: LoggedIn) -> None:
    administrator = logged_in(Role.ADMINISTRATOR)
    page = administrator.get("/me").text
    address = page.partition('href="/users/')[2].partition('"')[0]
    assert "To your own user" in page
    assert "belongs to no employee" in page
    assert administrator.get(f"/users/{address}").status_code == 200
    assert "To your own user" not in logged_in(Role.MANAGER).get("/me").text
