"""Everything ends: whatever is called, typed, lost or broken off."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest

from local.house import PUBLIC_URL, House
from simulator import Caller
from tests.calls.companies import MAIN, OpenHouse, acme, number, sales, say
from tests.calls.conftest import Check, WhoIs, Why
from tests.calls.journeys import ANA, EVERYTHING, MOMENTS, OTHER, chose, hang_up_others
from tests.providers import browser, needs


# The caller hangs up at every kind of moment, and everybody is free afterwards; however the provider tells of it:
# the dial's action after the end of the call or before it, or not at all (twiml.md 2.3).
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("status_first", "hangup_action"), [(False, True), (True, True), (False, False)])
def test_a_caller_hangs_up(
    open_house: OpenHouse, nothing_left: Check, moment: str, status_first: bool, hangup_action: bool
) -> None:
    house = open_house(EVERYTHING)
    house.exchange.status_first, house.exchange.hangup_action = status_first, hangup_action
    caller = Caller(house.exchange)
    MOMENTS[moment](caller)
    hang_up_others(caller.hangs_up().ended())
    nothing_left(house)


# A request may arrive after the end of its call: it was on its way when the caller hung up.
@pytest.mark.parametrize("key", ["1", "2"])
@needs("legs")
def test_a_request_that_comes_after_the_end_holds_nobody(
    open_house: OpenHouse, nothing_left: Check, who_is: WhoIs, key: str
) -> None:
    house = open_house(EVERYTHING)
    other = Caller(house.exchange, OTHER)
    chose(other, "2").answers("luis").talks_to("luis")
    caller = Caller(house.exchange).dials(MAIN).stays_silent()
    last, late = caller.call.webhooks[-1], next_url(caller)
    caller.hangs_up().ended()
    assert house.exchange.redeliver(replace(last, url=late, params={**last.params, "Digits": key})).status_code == 200
    assert who_is(house) == {"luis": "talking"}
    other.other_side_hangs_up()
    nothing_left(house)


# "A lost callback never leaves an employee busy": ringing expires with the ring, even if nobody tells of the end.
@needs("legs")
def test_ringing_expires_when_the_end_of_a_call_is_lost(open_house: OpenHouse, who_is: WhoIs) -> None:
    house = open_house(EVERYTHING)
    house.exchange.hangup_action = False
    house.exchange.provider = replace(house.exchange.provider, status_url=None)
    Caller(house.exchange).dials(MAIN).presses("1").rings("ana").hangs_up()
    assert who_is(house) == {"ana": "ringing"}
    house.exchange.advance(20 + 15)
    assert who_is(house) == {}
    Caller(house.exchange).dials(MAIN).presses("1").rings("ana")


# "An unknown number called: an apology in the default language, a trace, a log line."
@pytest.mark.parametrize("called", ["+34919999999", "sip:nobody@elsewhere.example.com", "sip", "112", ""])
def test_an_unknown_number_is_apologised_for(
    open_house: OpenHouse, why: Why, caplog: pytest.LogCaptureFixture, nothing_left: Check, called: str
) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange).dials(called).hears("este número no está en servicio").ended()
    assert caller.call.legs == []
    assert why(house, caller)[0] == f"{called} is none of our numbers."
    assert [r.message for r in caplog.records if "none of our numbers" in r.message and caller.call.sid in r.message]
    nothing_left(house)


def test_an_unknown_number_is_apologised_for_in_the_companys_language(open_house: OpenHouse) -> None:
    house = open_house(acme(language="en"))
    Caller(house.exchange).dials("+34919999999").hears("this number is not in service").ended()


def changed(url: str, **parts: str | None) -> str:
    """An address of ours with other parts in its query; None takes one away."""
    address = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(address.query).items()} | parts
    return urlunsplit(address._replace(query=urlencode({k: v for k, v in query.items() if v is not None})))


def next_url(caller: Caller) -> str:
    """Where the provider would go next, by the last answer."""
    text = caller.call.webhooks[-1].text
    return text.partition('action="')[2].partition('"')[0].replace("&amp;", "&")


# "Unknown place or revision in a URL: the number's group." Settings may be gone, and a place with them.
@pytest.mark.parametrize(
    "part", [{"revision": "000000000000"}, {"revision": None}, {"menu": "gone"}, {"menu": None}, {"then": "nowhere"}]
)
def test_a_place_that_is_unknown_leads_to_the_numbers_group(
    open_house: OpenHouse, why: Why, part: dict[str, str | None]
) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange).dials(MAIN).stays_silent().hears("Pulse 1")
    house.exchange.redirect(caller.call.sid, changed(next_url(caller), **part))
    caller.rings("ana").answers("ana").talks_to("ana").other_side_hangs_up().ended()
    assert "The settings of this call are gone: on to the number's group." in why(house, caller)


@pytest.mark.parametrize("path", ["/voice/at/nirvana", "/voice/gather", "/voice/at/menu/more", "/voice/at/"])
def test_an_address_that_is_unknown_leads_to_the_numbers_group(open_house: OpenHouse, path: str) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange).dials(MAIN).hears("Hola")
    house.exchange.redirect(caller.call.sid, PUBLIC_URL + path)
    caller.rings("ana")


# Members that are gone, or a group: what is rung now is released, and the number's group takes the call.
def test_a_group_that_is_gone_releases_whom_it_rang(open_house: OpenHouse, who_is: WhoIs) -> None:
    house = open_house(EVERYTHING)
    caller = Caller(house.exchange).dials(MAIN).presses("2").rings("luis")
    house.exchange.redirect(caller.call.sid, changed(next_url(caller), group="gone"))
    caller.rings("ana")
    assert who_is(house) == {"ana": "ringing"}


def settings_are_gone(house: House) -> None:
    """Neither the process nor SQL knows the settings of the calls that are up: the database is a new one, perhaps."""
    house.app.extensions["ringpath"].settings.of = lambda _: None


# Where the settings are not needed any more, the call goes on as it would: a talk ends the call, and a forward and a
# message are final.
def test_a_talk_ends_the_call_when_the_settings_are_gone(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(EVERYTHING)
    caller = chose(Caller(house.exchange), "1").rings("ana").answers("ana").talks_to("ana")
    settings_are_gone(house)
    caller.other_side_hangs_up().ended()
    assert {leg.device for leg in caller.call.legs} == {browser("ana"), "sip:ana@acme.sip.example.com"}
    nothing_left(house)


def test_a_forward_is_final_when_the_settings_are_gone(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(EVERYTHING)
    caller = chose(Caller(house.exchange), "1").nobody_answers().is_forwarded_to(ANA)
    settings_are_gone(house)
    caller.nobody_answers().hears("nadie puede atender su llamada").ended()
    nothing_left(house)


@needs("whisper")
def test_a_mobile_is_asked_when_the_settings_are_gone(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(EVERYTHING)
    caller = chose(Caller(house.exchange), "1").nobody_answers().is_forwarded_to(ANA)
    settings_are_gone(house)
    caller.takes(ANA).talks_to(ANA).other_side_hangs_up().ended()
    nothing_left(house)


def test_a_message_is_taken_when_the_settings_are_gone(open_house: OpenHouse, nothing_left: Check) -> None:
    house = open_house(EVERYTHING)
    caller = chose(Caller(house.exchange), "3").hears("deje su mensaje")
    settings_are_gone(house)
    caller.leaves_message(5).presses("#").hears("ha quedado grabado").ended()
    nothing_left(house)


def test_a_ring_in_vain_goes_to_the_group_when_the_settings_are_gone(open_house: OpenHouse, who_is: WhoIs) -> None:
    house = open_house(EVERYTHING)
    caller = chose(Caller(house.exchange), "2").rings("luis")
    settings_are_gone(house)
    caller.nobody_answers().rings("ana")
    assert who_is(house) == {"ana": "ringing"}


# A number without a group: its `otherwise`.
def test_without_a_group_an_unknown_place_leads_to_otherwise(open_house: OpenHouse) -> None:
    house = open_house(acme(numbers=number(group=None, greeting=say("Hola."), otherwise="voicemail")))
    caller = Caller(house.exchange).dials(MAIN).hears("Hola")
    house.exchange.redirect(caller.call.sid, changed(next_url(caller), revision="000000000000"))
    caller.hears("deje su mensaje")


# "Whatever goes wrong inside, the caller hears a sentence and is sent to the number's group or fallback."
def test_a_failure_inside_reaches_the_group_all_the_same(
    open_house: OpenHouse, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, why: Why
) -> None:
    house = open_house(acme(groups=sales(members=["ana", "luis"])))
    monkeypatch.setattr("voice.door.decide", _broken)
    caller = Caller(house.exchange).dials(MAIN).hears("se ha producido un problema").rings("ana", "luis")
    caller.answers("luis").talks_to("luis").other_side_hangs_up().hears("Adiós").ended()
    assert "Something failed inside (ZeroDivisionError); the call went to the number's first safe destination." in (
        why(house, caller)
    )
    assert [r.message for r in caplog.records if r.levelname == "ERROR"] != []
    caplog.clear()


def _broken(*_: object, **__: object) -> None:
    raise ZeroDivisionError
