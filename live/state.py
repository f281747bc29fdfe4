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
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from config.people import MOST_DEVICES
from flows.calls import Call
from flows.live import Asked, Blind, Blocked, MayDial, Need, Note, Offer, PickedUp, SomebodyFree, Told, Waits
from flows.places import Place
from live import keys
from live.keys import REAL, Space
from live.promptly import NotInTimeError, promptly
from live.readings import Kept, kept_of
from live.refusals import Complaint, refusal
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


Arguments = list[str | bytes]


def _noted(note: Note, now: int) -> bytes:
    """Write a note of a moment (ms) as it will stand in the trace: scripts need not read what they only keep."""
    return to_json(note | {"t": now})


Take = Callable[[Sequence[Told]], bool]
"""Puts notes into traces in Redis, now; says whether it could put them all, and raises nothing."""

Keep = Callable[[Told, Take], bool]
"""Keeps notes without Redis, or else gives them to what takes them there when that is back; says whether the former was
done, and raises nothing."""


class RedisLive:
    """Who is free, who waits, which calls are up.

    `address` writes the URL of a place, for callers on hold who are to be woken; `queues` names the groups with a
    hold that an employee belongs to; `wake` is given the ids of calls that may be put through now; `keep` the notes
    that Redis cannot take. `leg_callbacks` says whether the provider tells when a device is picked up; without,
    somebody rung alone is busy until the dial ends.

    What the provider tells (`leg`, `end`, `tell`) may be taken in late, because a web process had more to do than it
    can (voice.pressure). It then stands in the trace as of when it was `told_at`, and everything else goes by `now`: so
    the record of its call is settled, or settled anew, as long after as ever, and what is still to come is in it too.
    """

    def __init__(
        self,
        redis: Redis,
        *,
        address: Callable[[Call, Place], str],
        queues: Callable[[str], Sequence[str]],
        wake: Callable[[list[str]], None],
        keep: Keep = lambda *_: False,
        leg_callbacks: bool = True,
    ) -> None:
        self._address, self._queues, self._wake, self._keep = address, queues, wake, keep
        self._leg_callbacks = leg_callbacks
        self._wire = Wire(redis, SCRIPTS, is_down=lambda: time.monotonic() < self._down_until)
        self._down_until, self._complaint = 0.0, Complaint()
        self._space = REAL

    def rehearsing(self, space: Space) -> RedisLive:
        """Make the live state of one rehearsal: the same Redis and connections, and keys of its own."""
        other = copy(self)
        other._space = space
        return other

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Take the first option of the ladder that can be had; without Redis the first of all."""
        now = _ms(asked.now)
        sent = self._send("settle", call.id, now, self._question(call, asked, now))

        def answer() -> Offer:
            text = self._read("settle", call.id, sent)
            return _offer(asked, now, from_json(text)) if text is not None else self._blindly(call, asked)

        return answer

    def leg(self, leg: LegTold, now: datetime, told_at: datetime | None = None) -> None:
        """A device of an employee was picked up or let go."""
        taken: Note = {"code": "picked_up", "employee": leg.employee}
        hung_up: Note = {"code": "hung_up", "employee": leg.employee, "seconds": leg.seconds or 0}
        moment = _ms(told_at or now)
        told = [leg.employee, str(leg.step), leg.status, str(moment + keys.LONGEST_CALL * 1000)]
        notes = [_noted(taken, moment), _noted(hung_up, moment)]
        answer = self._run("leg", leg.call, _ms(now), [*told, *notes])
        if answer is None and leg.status in {"in-progress", "completed"}:
            note = taken if leg.status == "in-progress" else hung_up
            self._keep_notes(leg.call, f"leg:{leg.step}:{leg.employee}:{leg.status}", now, [note], told_at)

    def end(self, call: Call, status: str, now: datetime, told_at: datetime | None = None) -> Kept | None:
        """The call is over: everybody and everything that it held is free again. Safe to repeat.

        Returns what is kept of it, None when Redis is gone.
        """
        ended = _ms(told_at or now)
        note = _noted({"code": "ended", "status": status}, ended)
        text = self._run("finish", call.id, _ms(now), [str(ended), note])
        return None if text is None else kept_of(from_json(text))

    def tell(self, call: Call, key: str, note: Note, now: datetime, told_at: datetime | None = None) -> bool:
        """Add something to the trace of a call, once for each key; False when it could be kept nowhere."""
        noted = _noted(note, _ms(told_at or now))
        if self._run("tell", call.id, _ms(now), [key, noted]) is not None:
            return True
        return self._keep_notes(call.id, key, now, [note], told_at)

    def take(self, many: Sequence[Told]) -> bool:
        """Put notes that could be kept nowhere, each with its time, into traces; False while Redis is still away."""
        # Those of one decision together: a Redis that comes back meanwhile would refuse the first and take the others.
        asked: list[tuple[list[str], Arguments]] = [
            (self._space.of_scripts(call_id), [call_id, str(_ms(now)), key, *map(to_json, notes)])
            for call_id, key, now, notes in many
            if notes
        ]
        try:
            self._wire.run("tell", asked)
        except RedisError as error:  # which has been told already; nobody need wait to find it out again
            if not isinstance(error, ResponseError | GivenUpError):
                self._down_until = time.monotonic() + TRY_AGAIN
            return False
        return True

    def set_away(self, employee: str, *, away: bool, now: datetime) -> bool:
        """An employee is available, or away; callers who wait for him are put through. False when it was not kept."""
        return self._run("presence", "", _ms(now), [employee, _flag(away), *self._queues(employee)]) is not None

    def _question(self, call: Call, asked: Asked, now: int) -> Arguments:
        """Write what live/scripts/settle.lua is given: itself, then each option."""
        lone = "" if self._leg_callbacks else str(now + keys.LONGEST_CALL * 1000)
        written: Arguments = [str(asked.step), asked.key, call.number or "", call.caller or "", lone]
        written += [_flag(asked.frees), _flag(asked.ended), _flag(asked.accepts)]
        named = f',"responsible":{json.dumps(asked.responsible)}' if asked.responsible else ""
        for index, option in enumerate(asked.ladder):
            taken, missed = [_noted(note, now) if note else "" for note in (option.taken, option.missed)]
            before = [_noted(note, now) for note in option.before]
            written += self._need(call, option.need, now)
            written += [f'{{"at":{now},"index":{index}{named}}}', taken, missed, str(len(before)), *before]
        return written

    def _need(self, call: Call, need: Need | None, now: int) -> Arguments:
        """Name the kind of a need, and write what the script has to know of it."""
        if need is None:
            return ["", ""]
        kind, write = _NEEDS[type(need)]
        return [kind, to_json(write(self, call, need, now)) if write else ""]

    def _somebody_free(self, _: Call, need: SomebodyFree, now: int) -> dict[str, Any]:
        names = [candidate.employee for candidate in need.candidates]
        written: dict[str, Any] = {
            "names": names,
            "queues": {name: queues for name in names if (queues := self._queues(name))},
            "distribution": need.distribution,
            "till": _rung_until(need.seconds, now),
            "queue": need.queue,
            "patience": need.patience * 1000,
        }
        if need.distribution == "everybody":
            written |= {"devices": [candidate.devices for candidate in need.candidates], "room": MOST_DEVICES}
        return written

    def _may_dial(self, _: Call, need: MayDial, now: int) -> dict[str, Any]:
        written: dict[str, Any] = {"minimum": need.minimum_balance} if need.minimum_balance is not None else {}
        if not need.employee:
            return written
        queues, till = self._queues(need.employee), _rung_until(need.seconds, now)
        return written | {"employee": need.employee, "queues": queues, "till": till}

    def _waits(self, call: Call, need: Waits, _: int) -> dict[str, Any]:
        resume = self._address(call, need.place)
        return {"queue": need.queue, "patience": need.patience * 1000, "resume": resume}

    def _run(self, name: str, call_id: str, now: int, arguments: Arguments) -> bytes | None:
        return self._read(name, call_id, self._send(name, call_id, now, arguments))

    def _blindly(self, call: Call, asked: Asked) -> Offer:
        blind = Blind()
        offer = blind.ask(call, asked)()
        log.warning("call %s: decided without Redis: %s", call.id, json.dumps(blind.heard, ensure_ascii=False))
        self._keep_notes(call.id, asked.key, asked.now, blind.heard)
        return offer

    def _keep_notes(
        self, call_id: str, key: str, now: datetime, notes: list[Note], told_at: datetime | None = None
    ) -> bool:
        return self._keep((call_id, key, now, [note | {"t": _ms(told_at or now)} for note in notes]), self.take)

    def _send(self, name: str, call_id: str, now: int, arguments: Arguments) -> Sent | None:
        """Start a script; None when Redis is gone."""
        try:
            return self._wire.send(name, self._space.of_scripts(call_id), call_id, str(now), *arguments)
        except RedisError as error:
            self._failed(name, call_id, error)
            return None

    def _read(self, name: str, call_id: str, sent: Sent | None) -> bytes | None:
        """Read what a script gave; None when Redis is gone. Calls that may be put through now are handed on."""
        if sent is None:
            return None
        try:
            answer, _, wake = sent.read().partition(b"\n")
        except RedisError as error:
            self._failed(name, call_id, error)
            return None
        if wake:
            self._wake_up(from_json(wake))
        return bytes(answer)

    def _failed(self, name: str, call_id: str, error: RedisError) -> None:
        why = refusal(error)
        if why is None and isinstance(error, ResponseError):  # it is there, and has an objection to this call alone
            log.error("call %s: %s failed in Redis (%s)", call_id, name, error)
            return
        if not isinstance(error, GivenUpError | OutOfMemoryError):  # one that is full still lets go of what it has
            self._down_until = time.monotonic() + TRY_AGAIN
        log.warning("call %s: %s without Redis (%s)", call_id, name, why.said if why else error)
        if why:
            self._complaint.make(f"Redis is {why.said}, and calls are routed without it: {why.remedy}")

    def _wake_up(self, call_ids: list[str]) -> None:
        try:
            promptly(WAKES_WITHIN, "waking", lambda: self._wake(call_ids))
        except (RedisError, NotInTimeError) as error:
            why = str(error) or f"not done within {WAKES_WITHIN:g} s"  # a time-out has no words of its own
            log.warning("calls %s: could not be woken (%s); their music ends soon", call_ids, why)


_Write = Callable[[RedisLive, Call, Any, int], dict[str, Any]]

_NEEDS: dict[type[Need], tuple[str, _Write | None]] = {
    SomebodyFree: ("somebody_free", RedisLive._somebody_free),
    MayDial: ("may_dial", RedisLive._may_dial),
    Blocked: ("blocked", None),
    PickedUp: ("picked_up", None),
    Waits: ("waits", RedisLive._waits),
}


def _rung_until(seconds: int, now: int) -> str:
    """Until when (ms) whoever is rung for so long is busy, unless the provider tells of an answer."""
    return str(now + (seconds + LATE_LEG) * 1000)


def _flag(wanted: bool) -> str:
    return "1" if wanted else ""


def _ms(now: datetime) -> int:
    return int(now.timestamp() * 1000)


def _offer(asked: Asked, now: int, outcome: dict[str, Any]) -> Offer:
    at = asked.now if outcome["at"] == now else datetime.fromtimestamp(outcome["at"] / 1000, UTC)
    who, position = tuple(outcome.get("who", ())), outcome.get("position", 0)
    return Offer(index=outcome["index"], at=at, who=who, position=position, responsible=outcome.get("responsible"))
