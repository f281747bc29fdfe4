"""The live state in Redis: one script, one round trip a webhook; without Redis, calls go on blindly."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError, ResponseError

from config.people import MOST_DEVICES
from flows.calls import Call
from flows.live import Asked, Blind, MayDial, Need, Note, Offer, PickedUp, SomebodyFree, Waits
from flows.places import Place
from live import keys
from live.wire import GivenUpError, Sent, Wire

log = logging.getLogger("ringpath.live")

LATE_LEG = 15
"""Seconds after a ring's end by which the provider has told of it: Twilio rings 5 longer, and its callback travels."""

_write = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode

SCRIPTS = ("settle", "leg", "finish", "presence", "tell")

TRY_AGAIN = 1.0
"""Seconds for which a Redis that failed is not asked again, so that its time-out is not paid by every webhook."""


class RedisLive:
    """Who is free, who waits, which calls are up.

    `address` writes the URL of a place, for callers on hold who are to be woken; `queues` names the groups with a
    hold that an employee belongs to; `wake` is given the ids of calls that may be put through now. `leg_callbacks`
    says whether the provider tells when a device is picked up; without, somebody rung alone is busy until the dial
    ends.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        address: Callable[[Call, Place], str],
        queues: Callable[[str], Sequence[str]],
        wake: Callable[[list[str]], None],
        leg_callbacks: bool = True,
    ) -> None:
        self._address, self._queues, self._wake = address, queues, wake
        self._lone = 0 if leg_callbacks else keys.LONGEST_CALL * 1000
        self._wire = Wire(redis, SCRIPTS, is_down=lambda: time.monotonic() < self._down_until)
        self._down_until = 0.0

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Take the first option of the ladder that can be had; without Redis the first of all."""
        request = {
            "step": asked.step,
            "key": asked.key,
            "number": call.number or "",
            "caller": call.caller or "",
            "frees": asked.frees,
            "ended": asked.ended,
            "accepts": asked.accepts,
            "lone": self._lone,
            "options": [self._option(call, option) for option in asked.ladder],
        }
        sent = self._send("settle", call.id, asked.now, request)

        def answer() -> Offer:
            text = self._read("settle", call.id, sent)
            return _offer(asked, json.loads(text)) if text is not None else _blindly(call, asked)

        return answer

    def leg(self, call_id: str, employee: str, step: int, status: str, now: datetime) -> None:
        """A device of an employee was picked up or let go; `status` is the leg's CallStatus."""
        note = {"code": "picked_up", "employee": employee}
        request = {
            "step": step,
            "employee": employee,
            "status": status,
            "talk": keys.LONGEST_CALL * 1000,
            "taken": note,
        }
        self._run("leg", call_id, now, request)

    def end(self, call: Call, status: str, now: datetime) -> None:
        """The call is over: everybody and everything that it held is free again. Safe to repeat."""
        self._run("finish", call.id, now, {"taken": {"code": "ended", "status": status}})

    def tell(self, call: Call, key: str, note: Note, now: datetime) -> None:
        """Add something to the trace of a call, once for each key."""
        self._run("tell", call.id, now, {"key": key, "taken": note})

    def set_away(self, employee: str, *, away: bool, now: datetime) -> None:
        """An employee is available, or away; callers who wait for him are put through."""
        self._run("presence", "", now, {"employee": employee, "away": away, "queues": self._queues(employee)})

    def _option(self, call: Call, option: Any) -> dict[str, Any]:
        written: dict[str, Any] = {"before": option.before}
        if option.need is not None:
            written["need"] = self._need(call, option.need)
        if option.taken is not None:
            written["taken"] = option.taken
        if option.missed is not None:
            written["missed"] = option.missed
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

    def _picked_up(self, _: Call, __: PickedUp) -> dict[str, Any]:
        return {"kind": "picked_up"}

    def _waits(self, call: Call, need: Waits) -> dict[str, Any]:
        return {
            "kind": "waits",
            "queue": need.queue,
            "patience": need.patience * 1000,
            "resume": self._address(call, need.place),
        }

    def _run(self, name: str, call_id: str, now: datetime, request: dict[str, Any]) -> None:
        self._read(name, call_id, self._send(name, call_id, now, request))

    def _send(self, name: str, call_id: str, now: datetime, request: dict[str, Any]) -> Sent | None:
        """Start a script; None when Redis is gone."""
        request |= {"id": call_id, "now": _ms(now)}
        try:
            return self._wire.send(name, _keys(call_id), _write(request))
        except RedisError as error:
            self._failed(name, call_id, error)
            return None

    def _read(self, name: str, call_id: str, sent: Sent | None) -> str | None:
        """Read what a script gave; None when Redis is gone. Calls that may be put through now are handed on."""
        if sent is None:
            return None
        try:
            answer, wake = sent.read()
        except RedisError as error:
            self._failed(name, call_id, error)
            return None
        if wake != b"[]":
            self._wake_up(json.loads(wake))
        return str(answer, "utf-8")

    def _failed(self, name: str, call_id: str, error: RedisError) -> None:
        if isinstance(error, ResponseError):  # it is there, and has an objection to this call alone
            log.error("call %s: %s failed in Redis (%s)", call_id, name, error)
            return
        if not isinstance(error, GivenUpError):
            self._down_until = time.monotonic() + TRY_AGAIN
        log.warning("call %s: %s without Redis (%s)", call_id, name, error)

    def _wake_up(self, call_ids: list[str]) -> None:
        try:
            self._wake(call_ids)
        except RedisError as error:
            log.warning("calls %s: could not be woken (%s); their music ends soon", call_ids, error)


_NEEDS: dict[type[Need], Callable[[RedisLive, Call, Any], dict[str, Any]]] = {
    SomebodyFree: RedisLive._somebody_free,
    MayDial: RedisLive._may_dial,
    PickedUp: RedisLive._picked_up,
    Waits: RedisLive._waits,
}


def _keys(call_id: str) -> list[str]:
    """KEYS of every script, in the order that live/scripts/common.lua names."""
    shared = [keys.BUSY, keys.OFFERED, keys.AWAY, keys.SEQUENCE, keys.BALANCE, keys.CALLS]
    return [*shared, keys.call(call_id), keys.trace(call_id)]


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _offer(asked: Asked, outcome: dict[str, Any]) -> Offer:
    at = asked.now if outcome["at"] == _ms(asked.now) else datetime.fromtimestamp(outcome["at"] / 1000, UTC)
    who, position = tuple(outcome.get("who", ())), outcome.get("position", 0)
    return Offer(index=outcome["index"], at=at, who=who, position=position)


def _blindly(call: Call, asked: Asked) -> Offer:
    blind = Blind()
    offer = blind.ask(call, asked)()
    log.warning("call %s: decided without Redis: %s", call.id, json.dumps(blind.heard, ensure_ascii=False))
    return offer
