"""Lines of the telephone in the browser: who gets one, how many there are, and what is left when one drops."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis

from calls import ledger, users
from live import readings
from local.house import PUBLIC_URL, House
from tests.calls.companies import MAIN, OpenHouse
from tests.calls.queueing import holding
from tests.databases import tables_are_away
from tests.web.phones import WAITS, Phone, log_in, put_away, refused
from web.access import Role
from web.telephone import conversation
from web.telephone.lines import Lines

Pick = Callable[..., Phone]
Closed = Callable[[], None]


@pytest.fixture
def closed(web_house: House) -> Iterator[Closed]:
    """Wait until the server has put a line away: closed()."""
    done, extensions = threading.Semaphore(0), web_house.app.extensions
    reception = extensions["reception"]

    def open_(moment: Any) -> Any:
        line = reception.telephone(moment)

        class Watched:
            telephone, company, trace = line.telephone, line.company, line.trace

            def close(self) -> None:
                line.close()
                done.release()

        return Watched()

    extensions["reception"] = replace(reception, telephone=open_)

    def wait() -> None:
        assert done.acquire(timeout=WAITS), "no line was put away"

    yield wait
    extensions["reception"] = reception


# A browser sends its cookies along with a WebSocket of any site that it shows.
@pytest.mark.parametrize("origin", ["https://evil.example", "http://127.0.0.1.evil.example", "null", ""])
def test_pages_of_other_sites_get_no_line(web_house: House, origin: str) -> None:
    assert refused(web_house, log_in(web_house, Role.ADMINISTRATOR), origin) == 403


def test_the_public_address_is_ours_whatever_a_proxy_makes_of_the_host(pick_up: Pick) -> None:
    assert pick_up(origin=PUBLIC_URL).calls().heard


def test_who_is_not_logged_in_is_sent_to_the_login(web_house: House) -> None:
    assert refused(web_house, "no such session") == 303


@pytest.mark.parametrize("role", [Role.MANAGER, Role.HEAD_OF_DEPARTMENT, None])
def test_who_may_not_change_the_telephony_gets_no_line(web_house: House, role: Role | None) -> None:
    assert refused(web_house, log_in(web_house, *([role] if role else []))) == 403


def test_there_are_only_so_many_lines(pick_up: Pick, web_house: House) -> None:
    lines = web_house.app.extensions["telephone"] = Lines(2)
    first, second = pick_up().calls(), pick_up().calls()
    assert refused(web_house, log_in(web_house, Role.ADMINISTRATOR)) == 503
    first.sends("hang_up")
    second.sends("hang_up")
    put_away(lines)
    assert pick_up().calls().heard


# A worker that is to end waits for its requests: a call must not hold it up, and must not be lost with it.
def test_a_process_that_ends_hangs_up(pick_up: Pick, web_house: House, closed: Closed) -> None:
    phone = pick_up().calls("+34910000003").rings("+34911222104")
    web_house.app.extensions["telephone"].alive = lambda: False
    phone.until(lambda p: p.state == "ended")
    closed()
    assert [call.outcome for call in _on_file(web_house)] == ["abandoned"]


def test_a_browser_that_is_closed_hangs_up(pick_up: Pick, web_house: House, closed: Closed, redis: Redis) -> None:
    pick_up().calls("+34910000003").rings("+34911222104").drops()
    closed()
    assert (readings.active(redis), _busy(web_house, redis)) == ({}, {})
    assert [call.outcome for call in _on_file(web_house)] == ["abandoned"]


def test_a_line_that_never_dials_is_closed(pick_up: Pick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "DIALS_WITHIN", 0.05)
    assert pick_up().takes().scene == {"error": "This is no message of this page."}


def test_no_call_lasts_for_ever(pick_up: Pick, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "LONGEST_CALL", -1.0)
    assert pick_up().calls().takes().state == "ended"


# More than a page of ours ever sends: the connection is closed before it is read.
def test_a_message_without_end_closes_the_line(pick_up: Pick, closed: Closed) -> None:
    phone = pick_up().calls()
    phone.socket.send("x" * 100_000)
    assert phone.is_over()
    closed()


def test_an_ordinary_request_for_a_line_is_no_page(logged_in: Callable[..., Any]) -> None:
    assert logged_in(Role.ADMINISTRATOR).get("/telephone/line").status_code == 400


# Without a provider all calls are simulated: two telephones meet in the queue of a group, as two callers would.
def test_two_telephones_meet_in_a_queue(open_house: OpenHouse, pick_up: Pick, redis: Redis) -> None:
    house = open_house(holding(), secret_key="a secret of this test alone")
    talking = pick_up(house).calls(MAIN).rings("client:ana").sends("answer", device="client:ana")
    waiting = pick_up(house).calls(MAIN, "+34600000002").until(lambda p: "Su turno es el número 1" in p.heard)
    assert _busy(house, redis) == {"ana": "talking"}
    talking.sends("hang_up")
    waiting.rings("client:ana").sends("hang_up")


def test_the_page_is_for_who_may_and_shows_what_can_be_called(logged_in: Callable[..., Any]) -> None:
    page = logged_in(Role.ADMINISTRATOR).get("/telephone?to=%2B34910000003&from=%2B34600222001").text
    assert "This is a simulation." in page
    assert '<option value="+34910000003" data-kind="rented" selected>Billing' in page
    assert 'value="+34600222001"' in page
    assert "Talleres Moreno" in page
    assert logged_in(Role.MANAGER).get("/telephone").status_code == 403


def _busy(house: House, redis: Redis) -> dict[str, str]:
    states = {key: readings.presence(redis, key, house.clock.now()).state for key in house.company.employees}
    return {key: state for key, state in states.items() if state != "free"}


def _on_file(house: House) -> list[Any]:
    with house.engine.connect() as connection:
        rows = connection.exec_driver_sql("select id from calls").scalars()
        return [ledger.find(connection, call_id) for call_id in rows]


def test_who_is_locked_out_meanwhile_is_cut_off(
    pick_up: Pick, web_house: House, closed: Closed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation, "ASKS_AGAIN", 0.05)
    phone = pick_up().calls()
    assert phone.state != "ended"
    with web_house.engine.begin() as connection:
        for user in users.every(connection):
            users.change(connection, user.id, active=False)
    while phone.state != "ended":
        phone.takes()
    closed()


def test_a_call_goes_on_while_nobody_can_be_asked_whether_it_may(
    pick_up: Pick, web_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = pick_up().calls()
    monkeypatch.setattr(conversation, "ASKS_AGAIN", 0.05)
    with tables_are_away(web_house.engine, "sessions"):
        assert phone.takes().state != "ended"
        assert phone.takes().state != "ended"
