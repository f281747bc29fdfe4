"""The figures of the live state for Prometheus, read in two round trips however many groups and calls there are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from redis import Redis

from config.company import Company
from flows.ringing import patience
from live import keys
from live.queue import QUEUES, alive, queue
from live.refusals import takes_changes
from live.scripts import FOLDER

_SCRIPT = (FOLDER / "queues.lua").read_text("utf-8")


class Waiting(NamedTuple):
    """Callers on hold for a group: how many, and for how many seconds the first has waited."""

    calls: int
    seconds: float


class Jobs(NamedTuple):
    """A queue of background jobs: its workers that are alive, and the jobs that wait, run and have failed."""

    workers: int
    waiting: int
    running: int
    failed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Measures:
    """What there is now: calls up, callers on hold by group (each that has a hold), jobs by queue, the balance; and
    whether Redis takes changes."""

    up: int
    waiting: Mapping[str, Waiting]
    jobs: Mapping[str, Jobs]
    balance: float | None
    takes: bool


def measures(redis: Redis, company: Company, now: datetime) -> Measures:
    """Read them; raises RedisError."""
    groups = [key for key, group in company.groups.items() if group.no_answer == "hold"]
    lines = [name for key in groups for name in (keys.waiting(key), keys.waiting_seen(key))]
    request = {
        "now": int(now.timestamp() * 1000),
        "trace": keys.trace(""),
        "patience": [patience(company.groups[key]) * 1000 for key in groups],
    }
    with redis.pipeline(transaction=False) as question:
        question.eval(_SCRIPT, 1 + len(lines), keys.CALLS, *lines, json.dumps(request))
        question.get(keys.BALANCE)
        for name in QUEUES:
            jobs = queue(redis, name)
            question.llen(jobs.key)
            question.zcard(jobs.started_job_registry.key)
            question.zcard(jobs.failed_job_registry.key)
        answer, balance, *counts = question.execute()
    found, workers = json.loads(answer), alive(redis)
    held = {groups[raw["index"] - 1]: _waiting(raw["waiting"], raw["note"], now) for raw in found["queues"] or []}
    return Measures(
        up=found["up"],
        waiting={key: held.get(key, Waiting(0, 0.0)) for key in groups},
        jobs={name: Jobs(workers[name], *counts[3 * i : 3 * i + 3]) for i, name in enumerate(QUEUES)},
        balance=_number(balance),
        takes=takes_changes(redis),
    )


def _waiting(calls: int, note: str, now: datetime) -> Waiting:
    since = json.loads(note)["t"] / 1000 if note else now.timestamp()
    return Waiting(calls, max(now.timestamp() - since, 0.0))


def _number(text: bytes | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
