"""Whether forwards can be paid for (DESIGN section 3): what is wrong, for the log, /readyz and the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from redis import Redis
from redis.exceptions import RedisError

from config.company import Company
from config.trouble import Trouble, Troubles
from live import readings
from live.health import UNKNOWN as UNKNOWN_WITHOUT_REDIS

WARNS_BEFORE = 14
"""Days before the SIP connector's licence ends."""

UNKNOWN = replace(UNKNOWN_WITHOUT_REDIS, code="balance_unknown", meanwhile="forwards are allowed")

LOW = Trouble(
    code="balance_low",
    text="the provider balance is %(found)s, below forwarding.minimum_balance (%(least)s): rented numbers do not "
    "forward",
    remedy="top up the provider's account, or lower the minimum in the settings",
    strangers="below forwarding.minimum_balance: rented numbers do not forward",  # how low it is is not for everybody
)

OVER = Trouble(
    code="licence_over",
    text="the SIP connector was paid until %(last)s: sip numbers do not forward",
    remedy="renew it and set sip_connector.paid_until in the settings",
)
ENDING = Trouble(
    code="licence_ending",
    text="the SIP connector is paid until %(last)s, %(left)s: sip numbers will not forward then",
    remedy=OVER.remedy,
    level="warning",
)
LAST_DAY = replace(ENDING, code="licence_last_day")


def balance(redis: Redis, company: Company) -> Troubles:
    """Say what is wrong with the provider balance; nothing when it is enough, not needed, or unknown (then allowed)."""
    minimum = company.forwarding.minimum_balance
    if minimum is None:
        return ()
    try:
        found = readings.known_balance(redis)
    except RedisError:
        return (UNKNOWN,)
    return () if found is None else low(found, minimum)


def low(found: Decimal, minimum: float) -> Troubles:
    """Say that a balance is too low."""
    return (LOW.of(found=found, least=f"{minimum:g}"),) if found < Decimal(str(minimum)) else ()


def sip_connector(company: Company, now: datetime) -> Troubles:
    """Say that the SIP connector's licence has ended, or soon will; nothing when it is well, or there is none."""
    if company.sip_connector is None:
        return ()
    last = company.sip_connector.paid_until
    days = (last - now.astimezone(ZoneInfo(company.timezone)).date()).days
    if days > WARNS_BEFORE:
        return ()
    if days < 0:
        return (OVER.of(last=last),)
    if days == 0:
        return (LAST_DAY.of(last=last, left="today is the last day"),)
    return (ENDING.of(last=last, days=days, left="1 day left" if days == 1 else f"{days} days left"),)
