"""Telnyx's REST API: the same questions at other addresses, with a token for a login."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.voice.provider import ACCOUNT, NOW, PATIENT, TOKEN, Side, provider_side
from voice.profiles import PROFILES, Rest, rest_base
from voice.provider.rest import ProviderApi, ProviderError

CUSTOMER, MAIN = "+34600000001", "+34910000001"


@pytest.fixture(scope="module")
def side() -> Iterator[Side]:
    """Telnyx and its API."""
    with provider_side("telnyx") as side:
        yield side


def telnyx() -> Rest:
    rest = PROFILES["telnyx"].rest
    assert rest is not None
    return rest


# developers.telnyx.com, TeXML REST commands: Fetch a call.
def test_a_call_is_found(side: Side) -> None:
    sid = side.rest.add_call(from_=CUSTOMER, to=MAIN, seconds=42, ago=600)
    found = side.api.call(sid)
    assert found is not None
    assert (found.sid, found.status, found.seconds) == (sid, "completed", 42)
    assert sid.startswith("v3:")
    method, path, _ = side.rest.requests[-1]
    assert (method, path) == ("GET", f"/texml/Accounts/{ACCOUNT}/Calls/{sid}")
    assert side.api.call("v3:nobody") is None


# Update call: Url and Method, in CamelCase; one that is over is refused for good.
def test_a_call_that_is_over_cannot_be_redirected(side: Side) -> None:
    sid = side.rest.add_call(from_=CUSTOMER, to=MAIN, seconds=42, ago=600)
    with pytest.raises(ProviderError) as refused:
        side.api.redirect(sid, "https://acme.example.com/voice/at/hold?number=1")
    assert refused.value.permanent
    method, path, form = side.rest.requests[-1]
    assert (method, path) == ("POST", f"/texml/Accounts/{ACCOUNT}/Calls/{sid}")
    assert form == {"Url": "https://acme.example.com/voice/at/hold?number=1", "Method": "POST"}


# StartTime_gt counts by days, and leaves out the day that it names.
def test_the_calls_of_the_last_day(side: Side) -> None:
    with provider_side("telnyx") as side:
        early = side.rest.add_call(from_=CUSTOMER, to=MAIN, seconds=1, ago=30 * 3600)
        late = side.rest.add_call(from_=CUSTOMER, to=MAIN, seconds=1, ago=23 * 3600)
        pages = list(side.api.calls_since(NOW - timedelta(days=1)))
    sids = [call.sid for page in pages for call in page.calls]
    assert (late in sids, early in sids) == (True, False)


# GET /v2/balance: the answer is nested.
def test_the_balance(side: Side) -> None:
    assert side.api.balance() == Decimal("100.00")


def test_what_it_cannot_say(side: Side) -> None:
    asked = len(side.rest.requests)
    assert side.api.legs("v3:1") == ()
    with pytest.raises(ProviderError, match="does not tell where numbers lead"):
        side.api.numbers()
    assert len(side.rest.requests) == asked


def test_another_token_is_refused(side: Side) -> None:
    stranger = ProviderApi(base=side.url, account_sid=ACCOUNT, auth_token="another", rest=telnyx(), timeouts=PATIENT)
    with pytest.raises(ProviderError, match="401") as refused:
        stranger.balance()
    assert TOKEN not in str(refused.value)


# Where the API is: what TWILIO_API_URL says, else the provider's own place; Cloudonix has none of this family.
def test_where_the_api_is() -> None:
    own = {name: rest_base(name, None) for name in PROFILES}
    assert own == {
        "twilio": "https://api.twilio.com",
        "simulator": "",
        "signalwire": "",
        "somleng": "",
        "telnyx": "https://api.telnyx.com/v2",
        "cloudonix": "",
    }
    assert rest_base("somleng", "https://api.example.com") == "https://api.example.com"
    assert rest_base("cloudonix", "https://api.example.com") == ""
