"""The books after the run: call details, the portal, Redis; and everything in them that is not as it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from calls import ledger
from calls.details import CallDetails
from calls.tables import calls
from calls.tables import recordings as table
from live import keys, readings
from simulator import transcript_lines
from tests.crowd.experience import Experience, filed_wrongly, is_filed, makes_a_lead, wrong
from tests.crowd.firm import Firm
from tests.portal.portal import Portal

MOST_ENDED = 1000
TELLING = ("CallStatus", "Dial", "Digits", "Recording", "Error")


def on_file(engine: Engine) -> dict[str, CallDetails]:
    """All call details; none while the database is out of reach."""
    try:
        with engine.connect() as connection:
            return {row.id: ledger.read(row) for row in connection.execute(select(calls))}
    except SQLAlchemyError:
        return {}


def unsettled(engine: Engine, redis: Redis, firm: Firm, placed: int, *, attaches: bool) -> str | None:
    """Say what still has to happen before the books can be looked at, None when nothing has.

    Recordings are attached to calls only where the CRM is a portal.
    """
    waits = _unsettled_in_sql(engine, placed, attaches)
    try:
        waits["left in Redis"] = len(list(_left_in_redis(redis, firm)))
    except RedisError:
        waits["Redis"] = 1
    said = [f"{count} {what}" for what, count in waits.items() if count > 0]
    return ", ".join(said) or None


def _unsettled_in_sql(engine: Engine, placed: int, attaches: bool) -> dict[str, int]:
    """Count calls and recordings that are still to be worked at."""
    loose = and_(table.c.state == "kept", table.c.attached_at.is_(None), calls.c.crm_state == "filed")
    open_ = or_(table.c.state == "pending", loose) if attaches else table.c.state == "pending"
    recordings = select(func.count()).select_from(table.join(calls, calls.c.id == table.c.call_id))
    counts = {
        "on file": select(func.count()).select_from(calls),
        "not settled": select(func.count()).where(calls.c.settled_at.is_(None)),
        "not filed": select(func.count()).where(calls.c.crm_state == "pending"),
        "recordings": recordings.where(open_),
    }
    try:
        with engine.connect() as connection:
            found = {what: int(connection.execute(statement).scalar_one()) for what, statement in counts.items()}
    except SQLAlchemyError:
        return {"database": 1}
    return found | {"on file": 0, "not on file": placed - found["on file"]}


def _left_in_redis(redis: Redis, firm: Firm) -> Iterator[str]:
    now = datetime.now(UTC)
    names: Any = redis.hkeys(keys.BUSY)
    for key in map(bytes.decode, names):
        if (found := readings.presence(redis, key, now)).state != "free":
            yield f"{key} is {found.state} on {found.call}"
    for call in readings.active(redis):
        yield f"{call} is up"
    for group in firm.queues:
        for call in readings.waiting(redis, group):
            yield f"{call} waits for {group}"
    for call in readings.ended(redis, now + timedelta(days=1), MOST_ENDED):
        yield f"{call} is to be settled"


def complaints(
    firm: Firm, carried: list[Experience], engine: Engine, redis: Redis, portal: Portal | None
) -> Iterator[str]:
    """Everything that is not as it must be, in words; without a portal, in call details and in Redis alone."""
    yield from _left_in_redis(redis, firm)
    found = on_file(engine)
    for call_id in found.keys() - {experience.call.sid for experience in carried}:
        yield f"{call_id} is on file and was never placed"
    for experience in carried:
        details = found.get(experience.call.sid)
        for problem in _of_one(experience, details) if details else ("is not on file",):
            yield f"{_name(experience)} {problem}"
    if portal is not None:
        yield from _of_the_portal(portal, carried, found)


def _of_one(experience: Experience, details: CallDetails) -> Iterator[str]:
    if experience.silent:
        yield "ended in silence"
    if problem := wrong(experience, details):
        yield problem
    if details.crm_state not in ("filed", "skipped"):
        yield f"is {details.crm_state}: {details.crm_reason}"


def _of_the_portal(portal: Portal, carried: list[Experience], found: dict[str, CallDetails]) -> Iterator[str]:
    there: dict[str, list[dict[str, object]]] = {}
    for call in portal.calls:
        there.setdefault(call["EXTERNAL_CALL_ID"], []).append(call)
    leads = Counter(lead["PHONE"] for lead in portal.leads)
    for experience in carried:
        filed, details = there.pop(experience.call.sid, []), found.get(experience.call.sid)
        for problem in _filed(experience, details, filed, leads) if details else ():
            yield f"{_name(experience)} {problem}"
    for call_id in there:
        yield f"{call_id} is in the portal and was never placed"
    yield from portal.complaints


def _filed(
    experience: Experience, details: CallDetails, filed: list[dict[str, object]], leads: Counter[str]
) -> Iterator[str]:
    due = is_filed(experience) and details.outcome != "blocked"
    if len(filed) != due:
        yield f"is in the portal {len(filed)} times, not {int(due)} ({details.crm_reason})"
    for call in filed:
        if problem := filed_wrongly(experience, details, call):
            yield problem
        if details.outcome == "voicemail" and call["RECORD_FILE_ID"] is None:
            yield "is in the portal without its message"
    if not experience.plan.known and leads[experience.plan.caller] != makes_a_lead(experience):
        yield f"has made {leads[experience.plan.caller]} leads, not {int(makes_a_lead(experience))}"


def _name(experience: Experience) -> str:
    return f"{experience.call.sid} ({experience.plan.name})"


def story(experience: Experience, found: CallDetails | None) -> Iterator[str]:
    """Tell a call from both sides, for whoever looks into a complaint."""
    yield f"{_name(experience)}, {experience.plan.number}, talk {experience.plan.talk:.1f}"
    yield from transcript_lines(experience.call)
    for webhook in (*experience.call.webhooks, *(each for leg in experience.call.legs for each in leg.webhooks)):
        told = {name: text for name, text in webhook.params.items() if name.startswith(TELLING)}
        yield f"  {webhook.method} {webhook.url} {told} → {webhook.status_code}"
    yield f"  {found}"
