"""The page that says why a call would go where it goes, and shows the way of one that has been."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from calls import ledger, users
from calls.details import CallDetails
from local.house import House
from tests.moments import OPEN, at
from tests.web.conftest import Browser
from web.access import Level, Permission, Role

MAIN, KNOWN = "+34910000001", "+34600222001"

Enter = Callable[..., Browser]


def ask(browser: Browser, **asked: str) -> tuple[int, str]:
    """Fill in the form and send it; `from_` stands for `from`."""
    fields = {name.rstrip("_"): value for name, value in asked.items()}
    answer = browser.get("/why?" + urlencode(fields))
    return answer.status_code, unescape(browser.page)


def test_the_form_proposes_this_moment_and_the_known_callers(logged_in: Enter) -> None:
    browser = logged_in(Role.ADMINISTRATOR)
    assert browser.get("/why").status_code == 200
    assert 'value="2026-11-24T10:30"' in browser.page
    assert f'<option value="{KNOWN}">Talleres Moreno</option>' in browser.page
    assert "Step by step" not in browser.page


def test_a_call_is_explained_with_its_times_and_on_the_map(logged_in: Enter) -> None:
    status, page = ask(
        logged_in(Role.ADMINISTRATOR), to=MAIN, from_="600 222 001", at="2026-11-24T10:30", press="9, 103"
    )
    assert status == 200
    assert f"A call from {KNOWN} to {MAIN}." in page
    assert "10:30:28</time> No answer from Eva Martín (nobody picked up)." in page
    assert 'role="img"' in page
    assert "(the call’s way)" in page


def test_without_a_moment_it_is_now_and_without_a_caller_withheld(logged_in: Enter) -> None:
    status, page = ask(logged_in(Role.ADMINISTRATOR), to="+34910000002")
    assert status == 200
    assert "10:30:00</time> A call from a withheld number to +34910000002." in page


WRONG = {
    "a number of others": ({"to": "+34999999999"}, "Not a valid choice"),
    "a caller who is none": ({"from_": "Eva"}, "This is no telephone number."),
    "a moment that is none": ({"at": "tomorrow"}, "This is no moment."),
    "a moment beyond all": ({"at": "0001-01-01T00:00+14:00"}, "This is no moment."),
    "letters": ({"press": "1,<b>"}, "“<b>”: a telephone has the keys"),
    "too many keys": ({"press": "1," * 200}, "longer than 200"),
}


@pytest.mark.parametrize(("asked", "said"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_read_is_told_at_its_field(logged_in: Enter, asked: dict[str, str], said: str) -> None:
    status, page = ask(logged_in(Role.ADMINISTRATOR), **{"to": MAIN, **asked})
    assert status == 422
    assert said in page
    assert 'aria-invalid="true"' in page
    assert "Step by step" not in page


def test_whoever_may_not_change_the_telephony_sees_nothing(logged_in: Enter) -> None:
    assert logged_in(Role.MANAGER, employee="ana").get("/why").status_code == 403


CALL = CallDetails(
    id="CA77",
    number=MAIN,
    caller=KNOWN,
    started_at=at(OPEN),
    ended_at=at(OPEN) + timedelta(seconds=40),
    outcome="missed",
    code="304",
    trace=tuple(
        {"t": int(at(OPEN).timestamp() * 1000) + 1000 * place, **note}
        for place, note in enumerate(
            [
                {"code": "arrived", "number": MAIN, "caller": KNOWN},
                {"code": "open", "schedule": "office", "why": "09:00-14:00"},
                {"code": "greeting"},
                {"code": "key", "menu": "main", "key": "4"},
                {"code": "forward", "number": "+34911222333"},
            ]
        )
    ),
)


def kept(house: House, call: CallDetails) -> None:
    """Have a call in call details."""
    with house.engine.begin() as connection:
        ledger.write(connection, call)


def test_the_way_of_a_past_call_is_shown(web_house: House, logged_in: Enter) -> None:
    kept(web_house, CALL)
    browser = logged_in(Role.ADMINISTRATOR)
    assert browser.get("/why?call=CA77").status_code == 200
    page = unescape(browser.page)
    assert "10:30:03</time> Key 4 pressed in menu main." in page
    assert "Talleres" not in page
    assert "(the call’s way)" in page
    assert "The settings have changed since" not in page


def test_a_call_of_other_settings_is_shown_as_far_as_it_goes(web_house: House, logged_in: Enter) -> None:
    kept(web_house, replace(CALL, trace=(*CALL.trace[:3], {"code": "key", "menu": "old", "key": "8", "t": 0})))
    kept(web_house, replace(CALL, id="CA78", number="+34910009999"))
    browser = logged_in(Role.ADMINISTRATOR)
    for call in ("CA77", "CA78"):
        assert browser.get(f"/why?call={call}").status_code == 200
        assert "The settings have changed since" in browser.page
    assert "<svg" not in browser.page


def test_a_call_that_is_not_there_or_not_for_these_eyes_is_not_found(web_house: House, logged_in: Enter) -> None:
    assert logged_in(Role.ADMINISTRATOR).get("/why?call=CA77").status_code == 404
    kept(web_house, replace(CALL, id="CA78", employee="luis"))
    kept(web_house, replace(CALL, id="CA79", employee="ana"))
    kept(web_house, CALL)
    with web_house.engine.begin() as connection:
        users.change_permissions(connection, {(Role.MANAGER, Permission.TELEPHONY): Level.ANY})
    ana = logged_in(Role.MANAGER, employee="ana")
    seen = [ana.get(f"/why?call={call}").status_code for call in ("CA77", "CA78", "CA79")]
    assert seen == [404, 404, 200]
