"""The books after the run: call details, the portal, Redis; and everything in them that is not as it must be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine, and_, or_, select
from sqlalchemy.exc import SQLAlchemyError

from calls import ledger
from calls.details import CallDetails
from calls.tables import calls
from calls.tables import recordings as table
from live import readings
from simulator import transcript_lines
from tests.kills.experience import Experience, filed_wrongly, is_filed, makes_a_lead, wrong
from tests.kills.settings import EMPLOYEES
from tests.portal.portal import Portal

QUEUES = ("queue",)
TELLING = ("CallStatus", "Dial", "Digits", "Recording", "Error")


def on_file(engine: Engine) -> dict[str, CallDetails]:
    """All call details; none while the database is out of reach."""
    try:
        with engine.connect() as connection:
            return {row.id: ledger.read(row) for row in connection.execute(select(calls))}
    except SQLAlchemyError:
        return {}


def unsettled(engine: Engine, redis: Redis, ids: list[str]) -> str | None:
    """Say what still has to happen before the books can be looked at, None when nothing has."""
    found = on_file(engine)
    missing = len(set(ids) - found.keys())
    open_ = sum(call.settled_at is None for call in found.values())
    pending = sum(call.crm_state == "pending" for call in found.values())
    recordings = _recordings_under_way(engine)
    try:
        live = len(list(_left_in_redis(redis)))
    except RedisError:
        live = 1
    waits = {
        "not on file": missing,
        "not settled": open_,
        "not filed": pending,
        "recordings": recordings,
        "left in Redis": live,
    }
    said = [f"{count} {what}" for what, count in waits.items() if count]
    return ", ".join(said) or None


def _recordings_under_way(engine: Engine) -> int:
    """Count what is still to be fetched, or to be attached to a call that is filed."""
    attachable = and_(table.c.state == "kept", table.c.attached_at.is_(None), calls.c.crm_state == "filed")
    waiting = select(table.c.id).join(calls, calls.c.id == table.c.call_id)
    try:
        with engine.connect() as connection:
            return len(connection.execute(waiting.where(or_(table.c.state == "pending", attachable))).all())
    except SQLAlchemyError:
        return 1


def _left_in_redis(redis: Redis) -> Iterator[str]:
    now = datetime.now(UTC)
    for key in EMPLOYEES:
        if (found := readings.presence(redis, key, now)).state != "free":
            yield f"{key} is {found.state} on {found.call}"
    for call in readings.active(redis):
        yield f"{call} is up"
    for group in QUEUES:
        for call in readings.waiting(redis, group):
            yield f"{call} waits for {group}"
    for call in readings.ended(redis, now + timedelta(days=1), 1000):
        yield f"{call} is to be settled"


def complaints(carried: list[Experience], engine: Engine, redis: Redis, portal: Portal) -> Iterator[str]:
    """Everything that is not as it must be, in words."""
    yield from _left_in_redis(redis)
    found = on_file(engine)
    for call_id in found.keys() - {experience.call.sid for experience in carried}:
        yield f"{call_id} is on file and was never placed"
    there: dict[str, list[dict[str, object]]] = {}
    for call in portal.calls:
        there.setdefault(call["EXTERNAL_CALL_ID"], []).append(call)
    leads = Counter(lead["PHONE"] for lead in portal.leads)
    for experience in carried:
        details = found.get(experience.call.sid)
        if details is None:
            yield f"{_name(experience)} is not on file"
            continue
        filed = there.pop(experience.call.sid, [])
        for problem in _of_one(experience, details, filed, leads):
            yield f"{_name(experience)} {problem}"
    for call_id in there:
        yield f"{call_id} is in the portal and was never placed"
    yield from portal.complaints


def _of_one(
    experience: Experience, details: CallDetails, filed: list[dict[str, object]], leads: Counter[str]
) -> Iterator[str]:
    if experience.silent:
        yield "ended in silence"
    if problem := wrong(experience, details):
        yield problem
    if details.crm_state not in ("filed", "skipped"):
        yield f"is {details.crm_state}: {details.crm_reason}"
    if len(filed) != is_filed(experience):
        yield f"is in the portal {len(filed)} times, not {int(is_filed(experience))} ({details.crm_reason})"
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
