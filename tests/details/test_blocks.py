"""The block list: kept by hand, and by the app for those who ring too often out of hours."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from calls import blocks
from calls.blocks import Block, consider
from calls.contacts import Entry, load_settings, put
from config.company import Company, Contact
from tests.details.rows import AZAHAR, DIRECT, PRADO, STRANGER, a_call, on_file
from tests.moments import at

NOW = at("2026-11-24 22:10")
DAY = timedelta(days=1)


def by_hand(number: str = STRANGER, expires_at: datetime | None = None, created_at: datetime = NOW) -> Block:
    return Block(number=number, reason="sells", automatic=False, created_at=created_at, expires_at=expires_at)


def active(engine: Engine, now: datetime = NOW) -> list[Block]:
    with engine.connect() as connection:
        return blocks.active(connection, now)


def add(engine: Engine, block: Block) -> None:
    with engine.begin() as connection:
        blocks.add(connection, block)


def test_who_is_put_on_the_list_is_on_it_until_it_ends(engine: Engine) -> None:
    add(engine, by_hand(expires_at=NOW + DAY))
    assert active(engine) == [by_hand(expires_at=NOW + DAY)]
    assert active(engine, NOW + DAY - timedelta(seconds=1)) != []
    assert active(engine, NOW + DAY) == []
    with engine.connect() as connection:
        assert blocks.listed(connection) == [by_hand(expires_at=NOW + DAY)]


def test_without_an_end_it_is_for_good(engine: Engine) -> None:
    add(engine, by_hand())
    assert active(engine, NOW + 10_000 * DAY) == [by_hand()]


def test_putting_somebody_on_the_list_again_changes_why_and_until_when(engine: Engine) -> None:
    add(engine, by_hand())
    add(engine, by_hand(expires_at=NOW + DAY))
    assert active(engine) == [by_hand(expires_at=NOW + DAY)]


def test_the_newest_comes_first(engine: Engine) -> None:
    add(engine, by_hand(AZAHAR, created_at=NOW - DAY))
    add(engine, by_hand(PRADO))
    assert [block.number for block in active(engine)] == [PRADO, AZAHAR]


def test_a_reason_without_end_is_cut(engine: Engine) -> None:
    add(engine, Block(number=STRANGER, reason="x" * 300, automatic=False, created_at=NOW))
    assert active(engine)[0].reason == "x" * 200


def test_who_is_taken_off_the_list_is_not_on_it(engine: Engine) -> None:
    add(engine, by_hand())
    with engine.begin() as connection:
        assert blocks.remove(connection, STRANGER)
        assert not blocks.remove(connection, STRANGER)
    assert active(engine) == []


def test_blocks_that_are_long_over_are_forgotten(engine: Engine) -> None:
    add(engine, by_hand(AZAHAR, expires_at=NOW - DAY))
    add(engine, by_hand(PRADO, expires_at=NOW))
    add(engine, by_hand(STRANGER))
    with engine.begin() as connection:
        assert blocks.forget_expired(connection, NOW) == 1
        assert {block.number for block in blocks.listed(connection)} == {PRADO, STRANGER}


# live.keys.BLOCKED: caller → until when, 0 for good.
def test_redis_is_given_who_is_blocked_now_and_until_when_in_milliseconds(engine: Engine) -> None:
    add(engine, by_hand(AZAHAR, expires_at=NOW))
    add(engine, by_hand(PRADO, expires_at=NOW + DAY))
    add(engine, by_hand(STRANGER))
    assert blocks.mirror(engine, NOW) == {PRADO: int((NOW + DAY).timestamp()) * 1000, STRANGER: 0}


# `auto_block: {calls: 5, minutes: 5}`: callers who ring this often out of hours (DESIGN section 4).
def burst(engine: Engine, times: int = 5, *, last: datetime = NOW, every: float = 1, **fields: Any) -> None:
    """Calls out of hours, so many minutes apart."""
    fields = {"out_of_hours": True, "outcome": "closed"} | fields
    on_file(engine, *(a_call(last - timedelta(minutes=every * back), **fields) for back in reversed(range(times))))


def considered(engine: Engine, company: Company, caller: str | None = STRANGER, now: datetime = NOW) -> Block | None:
    with engine.begin() as connection:
        return consider(connection, company, caller, now)


def with_rule(company: Company, **rule: int) -> Company:
    parts = {"numbers": company.numbers, "employees": company.employees, "contacts": company.contacts}
    return Company.model_validate({"company": "Acme", "country": "ES", "auto_block": rule or None, **parts})


def test_who_rings_too_often_out_of_hours_is_blocked_for_a_day(engine: Engine, sample: Company) -> None:
    burst(engine, last=NOW - timedelta(seconds=30))
    block = Block(
        number=STRANGER,
        reason="5 calls out of hours within 5 minutes",
        automatic=True,
        created_at=NOW,
        expires_at=NOW - timedelta(seconds=30) + DAY,
    )
    assert considered(engine, sample) == block
    assert active(engine) == [block]


def test_for_how_long_and_after_how_many_calls_is_in_the_settings(engine: Engine, sample: Company) -> None:
    burst(engine, 2, every=1)
    found = considered(engine, with_rule(sample, calls=2, minutes=1, hours=3))
    assert found is not None
    assert (found.reason, found.expires_at) == ("2 calls out of hours within 1 minute", NOW + timedelta(hours=3))


def test_without_a_rule_nobody_is_blocked(engine: Engine, sample: Company) -> None:
    burst(engine, 50, every=0.01)
    assert considered(engine, with_rule(sample)) is None
    assert active(engine) == []


ENOUGH: dict[str, dict[str, Any]] = {
    "one call fewer": {"times": 4},
    "over more minutes": {"every": 1.26},
    "in hours": {"out_of_hours": False},
    "simulated": {"simulated": True},
    "of somebody else": {"caller": AZAHAR},
    "declined, because he was blocked": {"outcome": "blocked"},
    "so long ago that it would be over": {"last": NOW - DAY},
}


@pytest.mark.parametrize("calls", ENOUGH.values(), ids=ENOUGH)
def test_calls_that_do_not_count(calls: dict[str, Any], engine: Engine, sample: Company) -> None:
    burst(engine, **calls)
    assert considered(engine, sample) is None
    assert active(engine) == []


def test_five_minutes_to_the_second_are_still_five_minutes(engine: Engine, sample: Company) -> None:
    burst(engine, every=1.25)
    assert considered(engine, sample) is not None


def test_records_that_are_written_again_do_not_count_twice(engine: Engine, sample: Company) -> None:
    calls = [a_call(NOW, "closed", out_of_hours=True) for _ in range(4)]
    for _ in range(3):
        on_file(engine, *calls)
    assert considered(engine, sample) is None


def test_records_that_come_late_and_out_of_order_count_as_well(engine: Engine, sample: Company) -> None:
    calls = [a_call(NOW - timedelta(minutes=n, hours=2), "closed", out_of_hours=True) for n in (3, 0, 4, 1, 2)]
    on_file(engine, *calls)
    found = considered(engine, sample)
    assert found is not None
    assert found.expires_at == NOW - timedelta(hours=2) + DAY


def test_asking_again_changes_nothing(engine: Engine, sample: Company) -> None:
    burst(engine)
    first = considered(engine, sample)
    assert considered(engine, sample, now=NOW + timedelta(minutes=1)) is None
    assert active(engine) == [first]


def test_a_block_by_hand_stays_as_it_is(engine: Engine, sample: Company) -> None:
    burst(engine)
    add(engine, by_hand())
    assert considered(engine, sample) is None
    assert active(engine) == [by_hand()]


# Decided here: the block ends by itself, and who then starts again is blocked again.
def test_a_block_that_is_over_may_be_followed_by_another(engine: Engine, sample: Company) -> None:
    burst(engine)
    considered(engine, sample)
    burst(engine, 20, last=NOW + timedelta(hours=1), outcome="blocked", out_of_hours=False)
    later = NOW + DAY
    assert considered(engine, sample, now=later) is None
    assert active(engine, later) == []
    burst(engine, last=later)
    assert considered(engine, sample, now=later) is not None
    assert [block.created_at for block in active(engine, later)] == [later]


# Decided here: never blocked by itself are employees, our own numbers, and contacts with a responsible employee.
@pytest.mark.parametrize("caller", ["+34600111222", DIRECT, AZAHAR], ids=["mobile", "our number", "customer"])
def test_whom_we_know_is_not_blocked(caller: str, engine: Engine, sample: Company) -> None:
    burst(engine, caller=caller)
    assert considered(engine, sample, caller) is None


def test_an_employees_desk_number_is_not_blocked(engine: Engine, sample: Company) -> None:
    ana = sample.employees["ana"].model_copy(update={"devices": (STRANGER,)})
    parts = {"numbers": sample.numbers, "employees": {"ana": ana}, "auto_block": sample.auto_block}
    burst(engine)
    assert considered(engine, Company.model_validate({"company": "Acme", "country": "ES", **parts})) is None


def test_an_imported_customer_is_not_blocked(engine: Engine, sample: Company) -> None:
    put(engine, [Entry(number=STRANGER, name="Customer", employee="ana")], {}, NOW)
    burst(engine)
    assert considered(engine, sample) is None


def test_a_contact_whom_nobody_looks_after_is_blocked_like_anybody(engine: Engine, sample: Company) -> None:
    assert Contact(number=PRADO, name="Clínica Dental Prado") in sample.contacts
    load_settings(engine, sample, NOW)
    burst(engine, caller=PRADO)
    assert considered(engine, sample, PRADO) is not None


def test_a_withheld_number_cannot_be_blocked(engine: Engine, sample: Company) -> None:
    burst(engine, caller=None)
    assert considered(engine, sample, None) is None
