"""The live state in Redis: one script, one round trip a webhook; without Redis, calls go on blindly."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic_core import from_json, to_json
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from config.people import MOST_DEVICES
from flows.calls import Call
from flows.live import Asked, Blind, Blocked, MayDial, Need, Note, Offer, Option, PickedUp, SomebodyFree, Waits
from flows.places import Place
from live import keys
from live.keys import REAL, Space
from live.promptly import NotInTimeError, promptly
from live.readings import Kept, kept_of
from live.wire import GivenUpError, Sent, Wire

log = logging.getLogger("ringpath.live")

LATE_LEG = 15
"""Seconds after a ring's end by which the provider has told of it: Twilio rings 5 longer, and its callback travels."""

SCRIPTS = ("settle", "leg", "finish", "presence", "tell")

TRY_AGAIN = 1.0
"""Seconds for which a Redis that failed is not asked again, so that its time-out is not paid by every webhook."""


WAKES_WITHIN = 0.5
"""Seconds for which a webhook waits until others who wait are woken."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LegTold:
    """What the provider tells of one device that was dialled for a call; `status` is the leg's CallStatus."""

    call: str
    employee: str
    step: int
    status: str
    seconds: int | None = None


class _Notes:
    """Notes of one question in JSON, as they will stand in the trace: scripts need not read what they only keep."""

    def __init__(self, t: int) -> None:
        self._t = {"t": t}
        self.written: list[bytes] = []

    def add(self, note: Note) -> int:
        """Write a note down; returns which of the script's ARGV it is."""
        self.written.append(to_json(note | self._t))
        return len(self.written) + 1


class RedisLive:
    """Who is free, who waits, which calls are up.

    `address` writes the URL of a place, for callers on hold who are to be woken; `queues` names the groups with a
    hold that an employee belongs to; `wake` is given the ids of calls that may be put through now; `keep` is given
    the notes that Redis cannot take (call, key, moment, notes), says whether it could, and raises nothing.
    `leg_callbacks` says whether the provider tells when a device is picked up; without, somebody rung alone is busy
    until the dial ends.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        address: Callable[[Call, Place], str],
        queues: Callable[[str], Sequence[str]],
        wake: Callable[[list[str]], None],
        keep: Callable[[str, str, datetime, list[Note]], bool] = lambda *_: False,
        leg_callbacks: bool = True,
    ) -> None:
        self._address, self._queues, self._wake, self._keep = address, queues, wake, keep
        self._lone = 0 if leg_callbacks else keys.LONGEST_CALL * 1000
        self._wire = Wire(redis, SCRIPTS, is_down=lambda: time.monotonic() < self._down_until)
        self._down_until = 0.0
        self._space = REAL

    def rehearsing(self, space: Space) -> RedisLive:
        """Make the live state of one rehearsal: the same Redis and connections, and keys of its own."""
        other = copy(self)
        other._space = space
        return other

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Take the first option of the ladder that can be had; without Redis the first of all."""
        notes = _Notes(_ms(asked.now))
        request = {
            "step": asked.step,
            "key": asked.key,
            "number": call.number or "",
            "caller": call.caller or "",
            "frees": asked.frees,
            "ended": asked.ended,
            "accepts": asked.accepts,
            "lone": self._lone,
            "options": [self._option(call, option, notes) for option in asked.ladder],
        }
        sent = self._send("settle", call.id, asked.now, request, notes.written)

        def answer() -> Offer:
            text = self._read("settle", call.id, sent)
            return _offer(asked, from_json(text)) if text is not None else self._blindly(call, asked)

        return answer

    def leg(self, leg: LegTold, now: datetime) -> None:
        """A device of an employee was picked up or let go."""
        taken: Note = {"code": "picked_up", "employee": leg.employee}
        hung_up: Note = {"code": "hung_up", "employee": leg.employee, "seconds": leg.seconds or 0}
        request = {
            "step": leg.step,
            "employee": leg.employee,
            "status": leg.status,
            "talk": keys.LONGEST_CALL * 1000,
            "taken": taken,
            "hung_up": hung_up,
        }
        if self._run("leg", leg.call, now, request) is None and leg.status in {"in-progress", "completed"}:
            note = taken if leg.status == "in-progress" else hung_up
            self._keep_notes(leg.call, f"leg:{leg.step}:{leg.employee}:{leg.status}", now, [note])

    def end(self, call: Call, status: str, now: datetime, ended_at: datetime | None = None) -> Kept | None:
        """The call is over: everybody and everything that it held is free again. Safe to repeat.

        Returns what is kept of it, None when Redis is gone. `ended_at` when it is told late.
        """
        request = {"taken": {"code": "ended", "status": status}, "ended": _ms(ended_at or now)}
        text = self._run("finish", call.id, now, request)
        return None if text is None else kept_of(from_json(text))

    def tell(self, call: Call, key: str, note: Note, now: datetime) -> bool:
        """Add something to the trace of a call, once for each key; False when it could be kept nowhere."""
        if self._run("tell", call.id, now, {"key": key, "taken": note}) is not None:
            return True
        return self._keep_notes(call.id, key, now, [note])

    def set_away(self, employee: str, *, away: bool, now: datetime) -> bool:
        """An employee is available, or away; callers who wait for him are put through. False when it was not kept."""
        kept = self._run("presence", "", now, {"employee": employee, "away": away, "queues": self._queues(employee)})
        return kept is not None

    def _option(self, call: Call, option: Option, notes: _Notes) -> dict[str, Any]:
        written: dict[str, Any] = {"before": [notes.add(note) for note in option.before]}
        if option.need is not None:
            written["need"] = self._need(call, option.need)
        if option.taken is not None:
            written["taken"] = notes.add(option.taken)
        if option.missed is not None:
            written["missed"] = notes.add(option.missed)
        return written

    def _need(self, call: Call, need: Need) -> dict[str, Any]:
        return _NEEDS[type(need)](self, call, need)

    def _somebody_free(self, _: Call, need: SomebodyFree) -> dict[str, Any]:
        names = [candidate.employee for candidate in need.candidates]
        return {
            "kind": "somebody_free",
            "names": names,
            "devices": [candidate.devices for candidate in need.candidates],
            "queues": {name: queues for name in names if (queues := self._queues(name))},
            "distribution": need.distribution,
            "ms": (need.seconds + LATE_LEG) * 1000,
            "queue": need.queue,
            "patience": need.patience * 1000,
            "room": MOST_DEVICES,
        }

    def _may_dial(self, _: Call, need: MayDial) -> dict[str, Any]:
        written: dict[str, Any] = {
            "kind": "may_dial",
            "employee": need.employee,
            "ms": (need.seconds + LATE_LEG) * 1000,
        }
        written["queues"] = self._queues(need.employee)
        return written if need.minimum_balance is None else written | {"minimum": need.minimum_balance}

    def _blocked(self, call: Call, _: Blocked) -> dict[str, Any]:
        return {"kind": "blocked", "caller": call.caller or ""}

    def _picked_up(self, _: Call, __: PickedUp) -> dict[str, Any]:
        return {"kind": "picked_up"}

    def _waits(self, call: Call, need: Waits) -> dict[str, Any]:
        return {
            "kind": "waits",
            "queue": need.queue,
            "patience": need.patience * 1000,
            "resume": self._address(call, need.place),
        }

    def _run(self, name: str, call_id: str, now: datetime, request: dict[str, Any]) -> bytes | None:
        return self._read(name, call_id, self._send(name, call_id, now, request))

    def _blindly(self, call: Call, asked: Asked) -> Offer:
        blind = Blind()
        offer = blind.ask(call, asked)()
        log.warning("call %s: decided without Redis: %s", call.id, json.dumps(blind.heard, ensure_ascii=False))
        self._keep_notes(call.id, asked.key, asked.now, blind.heard)
        return offer

    def _keep_notes(self, call_id: str, key: str, now: datetime, notes: list[Note]) -> bool:
        return self._keep(call_id, key, now, [note | {"t": _ms(now)} for note in notes])

    def _send(
        self, name: str, call_id: str, now: datetime, request: dict[str, Any], notes: Sequence[bytes] = ()
    ) -> Sent | None:
        """Start a script; None when Redis is gone."""
        request |= {"id": call_id, "now": _ms(now)}
        try:
            return self._wire.send(name, self._space.of_scripts(call_id), to_json(request), *notes)
        except RedisError as error:
            self._failed(name, call_id, error)
            return None

    def _read(self, name: str, call_id: str, sent: Sent | None) -> bytes | None:
        """Read what a script gave; None when Redis is gone. Calls that may be put through now are handed on."""
        if sent is None:
            return None
        try:
            answer, wake = sent.read()
        except RedisError as error:
            self._failed(name, call_id, error)
            return None
        if wake != b"[]":
            self._wake_up(from_json(wake))
        return bytes(answer)

    def _failed(self, name: str, call_id: str, error: RedisError) -> None:
        if isinstance(error, ResponseError):  # it is there, and has an objection to this call alone
            log.error("call %s: %s failed in Redis (%s)", call_id, name, error)
            return
        if not isinstance(error, GivenUpError):
            self._down_until = time.monotonic() + TRY_AGAIN
        log.warning("call %s: %s without Redis (%s)", call_id, name, error)

    def _wake_up(self, call_ids: list[str]) -> None:
        try:
            promptly(WAKES_WITHIN, "waking", lambda: self._wake(call_ids))
        except (RedisError, NotInTimeError) as error:
            log.warning("calls %s: could not be woken (%s); their music ends soon", call_ids, error)


_NEEDS: dict[type[Need], Callable[[RedisLive, Call, Any], dict[str, Any]]] = {
    SomebodyFree: RedisLive._somebody_free,
    MayDial: RedisLive._may_dial,
    Blocked: RedisLive._blocked,
    PickedUp: RedisLive._picked_up,
    Waits: RedisLive._waits,
}


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _offer(asked: Asked, outcome: dict[str, Any]) -> Offer:
    at = asked.now if outcome["at"] == _ms(asked.now) else datetime.fromtimestamp(outcome["at"] / 1000, UTC)
    who, position = tuple(outcome.get("who", ())), outcome.get("position", 0)
    return Offer(index=outcome["index"], at=at, who=who, position=position)
