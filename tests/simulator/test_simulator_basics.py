"""The clock, the signature, and the account."""

from datetime import UTC, datetime, timedelta

import pytest

from simulator import Clock, Provider, sign


def test_time_moves_only_when_it_is_moved() -> None:
    clock = Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    clock.advance(1.5)
    assert clock.now() - datetime(2026, 3, 2, 9, 0, tzinfo=UTC) == timedelta(seconds=1.5)
    assert Clock().now().tzinfo is UTC


def test_time_neither_runs_backwards_nor_lacks_a_zone() -> None:
    with pytest.raises(ValueError, match="backwards"):
        Clock().advance(-1)
    with pytest.raises(ValueError, match="aware"):
        Clock(datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001


# The provider's published example (twilio.com/docs/usage/security): URL, then names and values in the order of names.
def test_the_signature_is_that_of_the_published_example() -> None:
    params = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign("12345", url, params) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert sign("12345", url, dict(reversed(params.items()))) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


# The fragment with the connection overrides is not part of what is signed.
def test_the_fragment_is_not_signed() -> None:
    assert sign("t", "https://a.example/x#rc=2", {"A": "1"}) == sign("t", "https://a.example/x", {"A": "1"})


# Values of a repeated name are taken once each, in order.
def test_repeated_values_are_sorted_and_taken_once() -> None:
    assert sign("t", "https://a.example/", {"A": ["2", "1", "2"]}) == sign("t", "https://a.example/", {"A": "1A2"})


def test_the_usual_addresses_follow_from_the_public_one() -> None:
    provider = Provider(
        public_url="https://acme.example.com/",
        connect_url="http://127.0.0.1:1",
        account_sid="AC1",
        auth_token="x",
        status_url=None,
    )
    assert provider.voice_url == "https://acme.example.com/voice/incoming"
    assert provider.fallback_url == "https://acme.example.com/voice/fallback"
    assert provider.status_url is None
    assert "auth_token" not in repr(provider)


# Nothing leaves this machine: an address that is neither the application's nor local is out of reach.
@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://acme.example.com/voice?x=1", "http://127.0.0.1:1/voice?x=1"),
        ("https://acme.example.com", "http://127.0.0.1:1/"),
        ("https://media.example.com/a.wav", "http://127.0.0.1:2/a.wav"),
        ("https://acme.example.com.evil.example/", None),
        ("https://elsewhere.example.com/", None),
        ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        ("http://localhost:9/x", "http://localhost:9/x"),
    ],
)
def test_where_a_request_goes(url: str, target: str | None) -> None:
    provider = Provider(
        public_url="https://acme.example.com",
        connect_url="http://127.0.0.1:1",
        account_sid="AC1",
        auth_token="x",
        elsewhere=(("https://media.example.com", "http://127.0.0.1:2"),),
    )
    assert provider.locate(url) == target
