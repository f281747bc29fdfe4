"""What keeps forwards from being dialled, in words: for the log and for /readyz."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from redis import Redis

from config.company import Company, SipConnector
from config.trouble import english
from live import keys
from voice import readiness


def with_minimum(company: Company, minimum: float | None) -> Company:
    """The same company, which wants so much to be left."""
    forwarding = company.forwarding.model_copy(update={"minimum_balance": minimum})
    return company.model_copy(update={"forwarding": forwarding})


def with_licence(company: Company, until: date | None) -> Company:
    """The same company, whose connector is paid until then."""
    return company.model_copy(update={"sip_connector": SipConnector(paid_until=until) if until else None})


# A rented number needs provider balance above forwarding.minimum_balance; unknown = allowed (DESIGN section 3).
@pytest.mark.parametrize(
    ("balance", "minimum", "wrong"),
    [
        ("2.00", 2.0, False),
        ("1.99", 2.0, True),
        ("-5", 0.0, True),
        ("0", 0.0, False),
        ("0.10", 0.1, False),  # no binary fraction, and the float is a little more
        ("0.09999", 0.1, True),
        (None, 2.0, False),
        ("0", None, False),
        ("much", 2.0, False),
    ],
)
def test_the_balance(redis: Redis, sample: Company, balance: str | None, minimum: float | None, wrong: bool) -> None:
    if balance is not None:
        redis.set(keys.BALANCE, balance)
    said = readiness.balance(redis, with_minimum(sample, minimum))
    assert bool(said) is wrong


def test_a_low_balance_is_told_with_the_remedy(redis: Redis, sample: Company) -> None:
    redis.set(keys.BALANCE, "1.50")
    assert english(readiness.balance(redis, sample)) == (
        "the provider balance is 1.50, below forwarding.minimum_balance (2): rented numbers do not forward; "
        "top up the provider's account, or lower the minimum in the settings"
    )


def test_without_redis_the_balance_is_unknown(sample: Company) -> None:
    with Redis.from_url("redis://127.0.0.1:1") as gone:
        assert english(readiness.balance(gone, sample)) == "unknown while Redis is out of reach; forwards are allowed"


# A sip number needs sip_connector.paid_until not in the past (DESIGN section 3): its last day is one of them.
@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-06-01T12:00Z", None),
        ("2026-06-15T21:59Z", None),
        ("2026-06-15T22:01Z", "paid until 2026-06-30, 14 days left: sip numbers will not forward then"),
        ("2026-06-29T12:00Z", "paid until 2026-06-30, 1 day left: sip numbers will not forward then"),
        ("2026-06-30T21:59Z", "paid until 2026-06-30, today is the last day: sip numbers will not forward then"),
        ("2026-06-30T22:01Z", "was paid until 2026-06-30: sip numbers do not forward"),
        ("2027-01-01T12:00Z", "was paid until 2026-06-30: sip numbers do not forward"),
    ],
)
def test_the_licence(sample: Company, now: str, said: str | None) -> None:
    assert sample.timezone == "Europe/Madrid"  # two hours ahead of UTC in June
    company = with_licence(sample, date(2026, 6, 30))
    found = english(readiness.sip_connector(company, datetime.fromisoformat(now).astimezone(UTC)))
    if said is None:
        assert found == ""
    else:
        assert said in found
        assert found.endswith("renew it and set sip_connector.paid_until in the settings")


def test_no_connector_no_licence(sample: Company) -> None:
    assert readiness.sip_connector(with_licence(sample, None), datetime(2026, 6, 1, tzinfo=UTC)) == ()
