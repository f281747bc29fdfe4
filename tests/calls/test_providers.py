"""The same calls under each provider's profile, with nothing that the provider would complain of."""

from __future__ import annotations

import pytest

from simulator import Caller, Screening
from tests.calls.companies import CUSTOMER, MAIN, OUTSIDE, OpenHouse, acme, number, sales
from tests.calls.conftest import Check, WhoIs, Why
from tests.calls.journeys import ANA, EVERYTHING, MOMENTS, WHOLE, chose, hang_up_others, takes
from tests.providers import chooses_providers
from voice.capabilities import CAPABILITIES
from voice.profiles import PROFILES

PROVIDERS = ["twilio", "signalwire", "somleng", "telnyx", "cloudonix"]
pytestmark = chooses_providers
every_provider = pytest.mark.parametrize("provider", PROVIDERS)


# "Every document that the tests ever see checked against the active profile": an element, an attribute or a nesting
# that the provider does not know is a fault, and fails the test at its end.
@every_provider
@pytest.mark.parametrize("journey", WHOLE)
def test_whole_calls(open_house: OpenHouse, nothing_left: Check, provider: str, journey: str) -> None:
    house = open_house(EVERYTHING, provider=provider)
    WHOLE[journey](Caller(house.exchange))
    nothing_left(house)


@every_provider
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_caller_hangs_up(open_house: OpenHouse, nothing_left: Check, provider: str, moment: str) -> None:
    house = open_house(EVERYTHING, provider=provider)
    caller = Caller(house.exchange)
    MOMENTS[moment](caller)
    hang_up_others(caller.hangs_up().ended())
    nothing_left(house)


# Call ids are UUIDs with some providers, and nothing is read from their shape.
@every_provider
def test_an_employee_is_not_rung_twice(open_house: OpenHouse, provider: str, who_is: WhoIs) -> None:
    house = open_house(EVERYTHING, provider=provider)
    chose(Caller(house.exchange), "1").rings("ana").answers("ana")
    second = Caller(house.exchange, "+34600000002")
    chose(second, "1").is_forwarded_to(ANA)
    assert "ana" in who_is(house)


# Without a <Client> noun the browser is left out, and the SIP telephone rings.
@pytest.mark.parametrize(
    ("provider", "devices"),
    [
        ("twilio", ["client:ana", "sip:ana@acme.sip.example.com"]),
        ("signalwire", ["sip:ana@acme.sip.example.com"]),
        ("somleng", ["sip:ana@acme.sip.example.com"]),
        ("telnyx", ["sip:ana@acme.sip.example.com"]),
        ("cloudonix", ["sip:ana@acme.sip.example.com"]),
    ],
)
def test_which_devices_ring(open_house: OpenHouse, provider: str, devices: list[str]) -> None:
    caller = chose(Caller(open_house(EVERYTHING, provider=provider).exchange), "1").rings("ana")
    assert [leg.device for leg in caller.call.ringing_legs] == devices


# An employee with a browser only has no device there: the call is forwarded at once.
@pytest.mark.parametrize("provider", [name for name in PROVIDERS if not PROFILES[name].client])
def test_a_group_with_browsers_only_is_forwarded_at_once(open_house: OpenHouse, why: Why, provider: str) -> None:
    house = open_house(acme(), provider=provider)
    caller = Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE)
    assert "Nobody in group Ventas is there to be rung." in why(house, caller)


# A ring lasts as long as the settings say, whether the provider adds seconds of its own or not.
@every_provider
def test_how_long_a_member_rings(open_house: OpenHouse, provider: str) -> None:
    caller = chose(Caller(open_house(EVERYTHING, provider=provider).exchange), "1").rings("ana")
    before = caller.exchange.clock.seconds
    caller.nobody_answers()
    assert caller.exchange.clock.seconds - before == 20


# Where whoever picks up can be asked, a mailbox is no answer; the provider need not tell that nobody was joined
# (twiml.md 4: DialBridged is Twilio's).
@pytest.mark.parametrize("provider", [name for name in PROVIDERS if PROFILES[name].whisper])
def test_a_mailbox_is_no_answer(open_house: OpenHouse, nothing_left: Check, why: Why, provider: str) -> None:
    house = open_house(EVERYTHING, provider=provider)
    caller = chose(Caller(house.exchange), "1").nobody_answers().mailbox_answers(ANA).is_not_accepted()
    caller.hears("nadie puede atender su llamada").ended()
    assert "Somebody answered; the call ended after the conversation." not in why(house, caller)
    nothing_left(house)


@pytest.mark.parametrize("provider", [name for name in PROVIDERS if PROFILES[name].whisper])
def test_whoever_presses_1_has_answered(open_house: OpenHouse, why: Why, provider: str) -> None:
    house = open_house(EVERYTHING, provider=provider)
    caller = takes(chose(Caller(house.exchange), "1").nobody_answers(), ANA).talks_to(ANA)
    caller.other_side_hangs_up().does_not_hear("nadie puede").ended()
    assert "Somebody answered; the call ended after the conversation." in why(house, caller)


# Where nobody can be asked, the mobile is put through at once.
@pytest.mark.parametrize("provider", ["somleng", "cloudonix"])
def test_a_mobile_that_cannot_be_asked_is_put_through_at_once(open_house: OpenHouse, provider: str) -> None:
    caller = chose(Caller(open_house(EVERYTHING, provider=provider).exchange), "1").nobody_answers().answers(ANA)
    assert not isinstance(caller.call.waiting, Screening)
    caller.talks_to(ANA)


# Without leg callbacks nobody tells who picked up: whoever was rung alone is busy until the dial ends, so that
# nobody is rung while talking.
@pytest.mark.parametrize("provider", ["somleng", "cloudonix"])
def test_without_leg_callbacks_whoever_was_rung_is_busy_until_the_dial_ends(
    open_house: OpenHouse, nothing_left: Check, provider: str
) -> None:
    house = open_house(EVERYTHING, provider=provider)
    caller = chose(Caller(house.exchange), "1").rings("ana").answers("ana").talks_to("ana", 3600)
    second = Caller(house.exchange, "+34600000002")
    chose(second, "1").is_forwarded_to(ANA).hangs_up()
    caller.other_side_hangs_up().ended()
    nothing_left(house)


# Whoever says nothing is told goodbye, where the recording goes on with the next verb as well.
@every_provider
def test_a_message_without_a_word_ends_with_a_goodbye(open_house: OpenHouse, why: Why, provider: str) -> None:
    house = open_house(acme(numbers=number(group=None, otherwise="voicemail")), provider=provider)
    caller = Caller(house.exchange).dials(MAIN).hears("deje su mensaje").waits(121).hears("Adiós").ended()
    assert f"Nothing was said into mailbox number:{MAIN}." in why(house, caller)


# What is shown is a number that the provider accepts.
@every_provider
@pytest.mark.parametrize("passed", [True, False])
def test_the_caller_id(open_house: OpenHouse, provider: str, passed: bool) -> None:
    house = open_house(acme(groups=sales(members=[]), numbers=number(pass_caller_id=passed)), provider=provider)
    Caller(house.exchange).dials(MAIN).is_forwarded_to(OUTSIDE).shows_caller_id(CUSTOMER if passed else MAIN)


# An answer to each kind of caller.
@every_provider
@pytest.mark.parametrize("who", ["anonymous", "", "sip:bob@example.com", "+266696687"])
def test_odd_callers(open_house: OpenHouse, provider: str, who: str) -> None:
    chose(Caller(open_house(EVERYTHING, provider=provider).exchange, who), "1").rings("ana")


def test_a_caller_in_a_browser(open_house: OpenHouse) -> None:
    chose(Caller(open_house(EVERYTHING, provider="twilio").exchange, "client:web"), "1").rings("ana")


# Where nobody can be asked to press a key, no key tells that it was a person who picked up.
@every_provider
def test_the_table_names_a_key_only_where_one_can_be_pressed(provider: str) -> None:
    profile = PROFILES[provider]
    assert ("key" in CAPABILITIES["joined"].says(profile)) is (profile.whisper and not profile.dial_bridged)
