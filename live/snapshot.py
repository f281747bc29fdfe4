"""What is going on now, read in one round trip: calls that are up, callers on hold, and what every employee does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from redis import Redis

from config.company import Company
from flows.hours import opening
from flows.live import Note
from flows.ringing import patience
from live import keys
from live.scripts import FOLDER

MOST = 100
"""Calls that are told of, those heard of last first; all are counted."""

LONGEST_RING = 180_000
"""Milliseconds. Whoever is marked as ringing for longer is rung, or talks, at a provider that does not say which."""

PLACES = {
    "arrived": "arriving",
    "open": "arriving",
    "greeting": "greeting",
    "ask_extension": "greeting",
    "unknown_extension": "greeting",
    "menu": "menu",
    "wrong_key": "menu",
    "silence": "menu",
    "rings": "ringing",
    "hold": "hold",
    "forward": "forwarded",
    "forward_to_mobile": "forwarded",
    "screening": "forwarded",
    "accepted": "forwarded",
    "picked_up": "talking",
    "voicemail": "message",
}
"""Where a call is, by the last of these notes in its trace."""

_SCRIPT = (FOLDER / "now.lua").read_text("utf-8")


@dataclass(frozen=True, kw_only=True, slots=True)
class CallNow:
    """A call that is up, and where it is: one of the values of PLACES, or "busy" (rung or talking).

    `since` is when it came there, where that is known; `people` are rung or talk, `to` is where it was forwarded,
    `group` and `position` are those of a caller on hold, `name` is the caller's.
    """

    id: str
    number: str
    caller: str | None
    name: str | None
    started: datetime
    since: datetime | None
    place: str
    people: tuple[str, ...] = ()
    to: str = ""
    menu: str = ""
    group: str = ""
    position: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueNow:
    """The callers on hold for a group: how many, and since when the first has waited."""

    group: str
    waiting: int
    since: datetime | None


class PersonNow(NamedTuple):
    """What an employee does: free, ringing, talking, busy (one of the two), away, or off by his schedule.

    `since_ms` is when he began to, 0 where that is not known. Small, because there may be 10,000 of them each second.
    """

    state: str
    since_ms: int = 0
    call: str = ""

    @property
    def since(self) -> datetime | None:
        """When he began to."""
        return _moment(self.since_ms) if self.since_ms else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """All of it at one moment; `up` counts the calls, of which `calls` may be a part."""

    at: datetime = field(compare=False)
    up: int
    calls: tuple[CallNow, ...]
    queues: tuple[QueueNow, ...]
    people: Mapping[str, PersonNow]


def snapshot(redis: Redis, company: Company, now: datetime) -> Snapshot:
    """Read what is going on; raises RedisError."""
    queues = [key for key, group in company.groups.items() if group.no_answer == "hold"]
    lines = [name for key in queues for name in (keys.waiting(key), keys.waiting_seen(key))]
    request = {
        "now": _ms(now),
        "most": MOST,
        "says": list(PLACES),
        "call": keys.call(""),
        "trace": keys.trace(""),
        "lookup": keys.lookup(""),
        "patience": [patience(company.groups[key]) * 1000 for key in queues],
    }
    with redis.pipeline(transaction=False) as question:
        question.hgetall(keys.BUSY)
        question.hgetall(keys.AWAY)
        question.hgetall(keys.RENAMED)
        question.eval(_SCRIPT, 1 + len(lines), keys.CALLS, *lines, json.dumps(request))
        busy, away, renamed, answer = question.execute()
    found, marks = json.loads(answer), _marks(busy, now)
    line, held = _places_in_line(found["queues"], queues), _by_call(marks, {raw["id"] for raw in found["calls"] or []})
    calls = tuple(
        _call(_with_key(raw, renamed), company, held.get(raw["id"], {}), line.get(raw["id"], ("", 0)))
        for raw in found["calls"] or []
        if raw["fields"][2]  # without a start it has just been forgotten
    )
    return Snapshot(
        at=now,
        up=found["up"],
        calls=calls,
        queues=tuple(_queue(raw, queues) for raw in found["queues"] or []),
        people=_people(company, now, marks, {key.decode(): value for key, value in away.items()}, calls),
    )


def _with_key(raw: dict[str, Any], renamed: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Name whom a call was forwarded to by the key that holds now."""
    *fields, forwarded = raw["fields"]
    key = renamed.get(f"employees:{forwarded}".encode())
    return raw | {"fields": [*fields, key.decode()]} if key else raw


def _marks(busy: Mapping[bytes, bytes], now: datetime) -> dict[str, PersonNow]:
    """Read who is rung or talks; a mark that has run out is none."""
    marks: dict[str, PersonNow] = {}
    moment, longest = _ms(now), keys.LONGEST_CALL * 1000
    for employee, entry in busy.items():
        state, until_, _, call = entry.split(b" ", 3)
        until = int(until_)
        if until <= moment:
            continue
        if state == b"T":
            marks[employee.decode()] = PersonNow("talking", until - longest, call.decode())
        else:
            marks[employee.decode()] = PersonNow(
                "ringing" if until - moment <= LONGEST_RING else "busy", 0, call.decode()
            )
    return marks


def _by_call(marks: Mapping[str, PersonNow], calls: set[str]) -> dict[str, dict[str, PersonNow]]:
    held: dict[str, dict[str, PersonNow]] = {}
    for employee, mark in marks.items():
        if mark.call in calls:
            held.setdefault(mark.call, {})[employee] = mark
    return held


def _places_in_line(found: Any, queues: list[str]) -> dict[str, tuple[str, int]]:
    """The group and the position of each call on hold."""
    return {
        call: (queues[raw["index"] - 1], position)
        for raw in found or []
        for position, call in enumerate(raw["calls"] or [], 1)
    }


def _queue(raw: Mapping[str, Any], queues: list[str]) -> QueueNow:
    note = _note(raw["note"])
    return QueueNow(group=queues[raw["index"] - 1], waiting=raw["waiting"], since=_told_at(note))


def _call(raw: Mapping[str, Any], company: Company, with_it: Mapping[str, PersonNow], line: tuple[str, int]) -> CallNow:
    number, caller, started, forwarded = raw["fields"]
    note = _note(raw["note"])
    group, position = line
    place = "hold" if group else _place(note, with_it)
    talking = next((mark.since for mark in with_it.values() if mark.since), None)
    return CallNow(
        id=raw["id"],
        number=number or "",
        caller=caller or None,
        name=_name(caller or "", raw["contact"] or "", company),
        started=_moment(int(started)),
        since=talking if place == "talking" and talking else _told_at(note),
        place=place,
        people=tuple(with_it) or ((forwarded,) if forwarded and place == "forwarded" else ()),
        to=str(note.get("number", "")) if note.get("code") == "forward" else "",
        menu=str(note.get("menu", "")),
        group=group,
        position=position,
    )


def _place(note: Note, with_it: Mapping[str, PersonNow]) -> str:
    """Tell where a call is: whom it is marked with says it best, unless it has left for an outside number."""
    told = PLACES.get(str(note.get("code")), "arriving")
    states = {mark.state for mark in with_it.values()}
    if "talking" in states:
        return "talking"
    if told == "forwarded" or not states:
        return told
    return "busy" if "busy" in states else "ringing"


def _people(
    company: Company,
    now: datetime,
    marks: Mapping[str, PersonNow],
    away: Mapping[str, bytes],
    calls: tuple[CallNow, ...],
) -> dict[str, PersonNow]:
    rung = {call.id: _ms(call.since) for call in calls if call.since}
    closed = {
        key: not opening(schedule, schedule.local(now, company.timezone)).open
        for key, schedule in company.schedules.items()
    }
    free, off = PersonNow("free"), PersonNow("off")
    people: dict[str, PersonNow] = {}
    for key, employee in company.employees.items():
        mark = marks.get(key)
        if mark:
            people[key] = mark if mark.since_ms else mark._replace(since_ms=rung.get(mark.call, 0))
        elif key in away:
            people[key] = PersonNow("away", int(away[key]))
        else:
            people[key] = off if employee.schedule and closed[employee.schedule] else free
    return people


def _name(caller: str, contact: str, company: Company) -> str | None:
    """Who the caller is, as the settings or the last look-up in the CRM say."""
    known = company.known_callers.get(caller)
    if known:
        return known.name
    try:
        found = json.loads(contact or "null")
    except ValueError:  # "asking", "failed"
        return None
    return (found or {}).get("name")


def _note(text: str) -> Note:
    return json.loads(text) if text else {}


def _told_at(note: Note) -> datetime | None:
    return _moment(note["t"]) if note else None


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
