"""Whether forwards can be paid for (DESIGN section 3): what is wrong, in words, for the log and for /readyz."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from redis import Redis
from redis.exceptions import RedisError

from config.company import Company
from live import readings

WARNS_BEFORE = 14
"""Days before the SIP connector's licence ends."""


UNTOLD = "below forwarding.minimum_balance: rented numbers do not forward"
"""What /readyz says of a low balance: how low it is is not for everybody."""


def balance(redis: Redis, company: Company) -> str | None:
    """Say what is wrong with the provider balance; None when it is enough, not needed, or unknown (then allowed)."""
    minimum = company.forwarding.minimum_balance
    if minimum is None:
        return None
    try:
        found = readings.known_balance(redis)
    except RedisError:
        return "unknown while Redis is out of reach; forwards are allowed"
    return None if found is None else low(found, minimum)


def low(found: Decimal, minimum: float) -> str | None:
    """Say that a balance is too low; None when it is enough."""
    if found >= Decimal(str(minimum)):
        return None
    return (
        f"the provider balance is {found}, below forwarding.minimum_balance ({minimum:g}): rented numbers do not "
        "forward; top up the provider's account, or lower the minimum in the settings"
    )


def untold(problem: str) -> str:
    """Say of a problem with the balance what everybody may know: not how low it is."""
    return UNTOLD if "minimum_balance" in problem else problem


def sip_connector(company: Company, now: datetime) -> str | None:
    """Say that the SIP connector's licence has ended, or soon will; None when it is well, or there is none."""
    if company.sip_connector is None:
        return None
    last = company.sip_connector.paid_until
    days = (last - now.astimezone(ZoneInfo(company.timezone)).date()).days
    remedy = "renew it and set sip_connector.paid_until in the settings"
    if days < 0:
        return f"the SIP connector was paid until {last}: sip numbers do not forward; {remedy}"
    if days <= WARNS_BEFORE:
        left = "today is the last day" if days == 0 else f"{days} {'day' if days == 1 else 'days'} left"
        return f"the SIP connector is paid until {last}, {left}: sip numbers will not forward then; {remedy}"
    return None
