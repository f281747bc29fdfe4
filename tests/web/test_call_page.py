"""One call's page: all that is known of it, its trace as a timeline, its recordings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.house import House
from simulator import Caller
from tests.details.recorded import a_recording
from tests.details.rows import MORENO, a_call, on_file
from tests.moments import at
from tests.web.conftest import Browser
from web.access import Role
from web.outcomes import reason

LoggedIn = Callable[..., Browser]


def ms(time: str) -> int:
    """A moment of that Tuesday, as the trace keeps it."""
    return int(at(f"2026-11-24 {time}").timestamp() * 1000)


def test_a_call_tells_who_when_what_and_why(web_house: House, logged_in: LoggedIn) -> None:
    trace = (
        {"code": "arrived", "caller": MORENO, "number": "+34910000001", "t": ms("10:30:00")},
        {"code": "forward_to_mobile", "employee": "ana", "number": "+34600111222", "t": ms("10:31:05")},
        {"code": "apology"},
        {"code": "of another version", "why": "odd", "t": ms("10:31:10")},
    )
    call = a_call(
        "2026-11-24 10:30", "missed", caller=MORENO, employee="ana", code="402", forwarded_to="+34600111222",
        contact_name="Talleres Moreno", trace=trace, crm_state="skipped", crm_reason="a simulated call",
    )  # fmt: skip
    on_file(web_house.engine, call)
    boss = logged_in(Role.ADMINISTRATOR)
    assert boss.get(f"/calls/{call.id}").status_code == 200
    for text in (
        "<h1>Call from Talleres Moreno</h1>", "Ana Ruiz", "Code 402", "could not be paid for", "+34 600 11 12 22",
        "not filed",
        "a simulated call", "A call from +34600222001", "Forwarded to Ana Ruiz&#39;s mobile", "+1:05", "10:31:05",
        "The caller heard that nobody is available", "code of another version, why odd",
    ):  # fmt: skip
        assert text in boss.page, text
    assert boss.page.count("<time") == 5
    assert (f"/why?call={call.id}" in boss.page) == ("why.page" in web_house.app.view_functions)


def test_the_page_speaks_the_readers_language(web_house: House, logged_in: LoggedIn) -> None:
    call = a_call("2026-11-24 10:30", "missed", caller=None, crm_state="skipped", crm_reason="a simulated call")
    on_file(web_house.engine, call)
    page = logged_in(Role.ADMINISTRATOR).get(f"/calls/{call.id}", headers={"Accept-Language": "es"}).text
    for text in ("perdida", "Nadie contestó.", "no registrada", "una llamada simulada"):
        assert text in page, text


def test_a_mailbox_is_told_by_the_name_of_its_group(web_house: House, logged_in: LoggedIn) -> None:
    told = ({"code": "voicemail", "mailbox": "group:administration", "t": ms("10:30:01")},)
    call = a_call("2026-11-24 10:30", "voicemail", mailbox="group:administration", trace=told)
    on_file(web_house.engine, call)
    page = logged_in(Role.ADMINISTRATOR).get(f"/calls/{call.id}").text
    name = web_house.company.groups["administration"].name
    assert f"A message may be left in mailbox {name}." in page
    assert f"<dd>{name}</dd>" in page
    assert "group:" not in page


def test_whoever_may_not_see_the_way_is_not_led_to_it(web_house: House, logged_in: LoggedIn) -> None:
    call = a_call("2026-11-24 10:30", employee="ana", trace=({"code": "apology", "t": ms("10:30:01")},))
    on_file(web_house.engine, call)
    page = logged_in(Role.MANAGER, employee="ana").get(f"/calls/{call.id}").text
    assert "The caller heard that nobody" in page
    assert "/why?" not in page


def test_a_real_call_is_found_with_its_trace(web_house: House, logged_in: LoggedIn) -> None:
    caller = Caller(web_house.exchange, MORENO).dials("+34910000001").hears("Gracias por llamar").hangs_up()
    boss = logged_in(Role.CHIEF_EXECUTIVE)
    boss.get(f"/calls/{caller.call.sid}")
    assert "The greeting is played" in boss.page
    assert "abandoned" in boss.page


def test_only_whoever_may_hear_them_finds_the_recordings(web_house: House, logged_in: LoggedIn) -> None:
    call = a_call("2026-11-24 10:30", "answered", employee="ana")
    on_file(web_house.engine, call)
    kept = a_recording(web_house.engine, call.id, state="kept", file="2026/11/RE1.wav", size=4)
    gone = a_recording(web_house.engine, call.id, state="removed", reason="deleted by Eva")
    boss = logged_in(Role.CHIEF_EXECUTIVE)
    boss.get(f"/calls/{call.id}")
    assert f'<audio controls preload="none" src="/recordings/{kept}"' in boss.page
    assert f"/recordings/{gone}" not in boss.page
    assert "deleted by Eva" in boss.page
    assert "Delete this recording" in boss.page
    mine = logged_in(Role.MANAGER, employee="ana").get(f"/calls/{call.id}").text
    assert f"/recordings/{kept}" in mine
    assert "Delete this recording" not in mine


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("deleted by eva; the provider may have it still", "eliminada por eva; the provider may have it still"),
        ("kept for 30 days", "se conservó 30 días"),
        ("a simulated call", "una llamada simulada"),
        ("what a CRM said", "what a CRM said"),
        (None, ""),
    ],
)
def test_reasons_are_told_in_the_readers_language(written: str | None, said: str, web_house: House) -> None:
    with web_house.app.test_request_context(headers={"Accept-Language": "es"}):
        assert reason(written) == said
