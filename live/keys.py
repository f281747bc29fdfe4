"""The map of Redis: every key, its type, its fields, how long it lives, and who writes it.

All keys share one hash tag, so that a script may touch several of them on a cluster. Times are milliseconds since
the epoch, by the clock of the app, and come in as arguments. rq keeps its own keys under `rq:`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

TAG = "{ringpath}:"

BUSY = TAG + "busy"
"""hash: employee → "STATE UNTIL STEP CALL"; STATE R (ringing) or T (talking), void after UNTIL. Lives a day after the
last ring. Written by settle, leg, finish and rename."""

OFFERED = TAG + "offered"
"""zset: employee → number of the last offer (from SEQUENCE), for the longest idle. Lives 90 days after
the last offer. Written by settle and rename."""

AWAY = TAG + "away"
"""hash: employee → since when set to away. Lives 90 days after the last change. Written by presence and
rename."""

SEQUENCE = TAG + "sequence"
"""string: counts offers and tickets of the queues, so that two in one millisecond have an order. Lives 90 days after
the last of them. Written by settle."""

KEYED = TAG + "keyed"
"""string: "NUMBER DIGEST" of the revision by whose keys of employees and groups all else is kept. Lives 90 days after
the last one. Written by rename."""

RENAMED = TAG + "renamed"
"""hash: "employees:KEY" or "groups:KEY" of earlier settings → the key that holds now, for calls that began with those.
Lives a day after the last revision. Written by rename."""

BALANCE = TAG + "balance"
"""string: the provider balance, a decimal; missing means unknown. Lives as long as its writer says. Written by whoever
confirms the balance."""

NUMBERS = TAG + "numbers"
"""string: what the provider last said of its numbers (JSON, live.lines). Lives a week. Written by whoever confirms the
numbers."""

CALLS = TAG + "calls"
"""zset: call → its last webhook. Lives 5 hours after the last call came to it. Written by settle and finish."""

ENDED = TAG + "ended"
"""zset: call → when its record is to be settled, because the call is over or something was told of it since. Lives a
week after the last write: for so long SQL may refuse. Written by settle, leg, finish, tell and settled."""

BLOCKED = TAG + "blocked"
"""hash: caller → until when he is on the block list, 0 for good; the list itself is in SQL. Lives 2 days after the
last write. Written by whoever mirrors the list."""

GATE = TAG + "gate"
"""hash, the gate before the CRM: level (requests in the bucket) and drained (when that was counted), paused and
method:NAME (until), failures (in a row), opened (the circuit is broken until), times (how often since it was whole),
trial (until when the request that tries is waited for). Lives a day after the last write. Written by gate_enter and
gate_told."""

LOGINS = TAG + "logins"
"""string, one for each limit below this name: how often a name, an address or both together failed to log in. Lives as
long as the limit that it counts for, an hour at most. Written by limits."""

PROBE = TAG + "probe"
"""string that is never there: whether a change would be taken is tried by changing it if it were. Lives 0 seconds.
Written by refusals."""


def call(call_id: str, begins: str = TAG) -> str:
    """hash of one call: number, caller, started, queue, ticket, resume (URL), accepted, ended, gone (the caller had
    hung up), talking and forwarded (employee), held (JSON, employee → groups whose callers wait for him), before (what
    BUSY said of one who left another talk for this one), per request `o:KEY` → the outcome first given (JSON), and
    `told:KEY` for what was told once. Lives 5 hours; from its end until it is settled a week. Written by settle, leg,
    finish, tell and settled."""
    return f"{begins}call:{call_id}"


def lookup(caller: str) -> str:
    """string: who a caller is, as the CRM says (JSON: a contact, or null), "asking", or "failed". Lives 5 minutes, the
    words only as long as a look-up may take. Written by crm.lookup."""
    return f"{TAG}lookup:{caller}"


def trace(call_id: str, begins: str = TAG) -> str:
    """list of JSON notes, in order, each with `t`. Lives a day after the first; from the end of the call until it is
    settled a week. Written by settle, leg, finish, tell and settled."""
    return f"{begins}trace:{call_id}"


def waiting(group: str, begins: str = TAG) -> str:
    """zset: call → its ticket (from SEQUENCE); callers on hold for a group. Lives 15 minutes after the last write.
    Written by settle, finish and rename."""
    return f"{begins}waiting:{group}"


def waiting_seen(group: str, begins: str = TAG) -> str:
    """zset: call → when it last asked; who has been silent longer than the group's patience has gone. Lives like
    waiting(). Written by settle, finish and rename."""
    return f"{begins}seen:{group}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Space:
    """Where the keys of calls are: all `begin` alike, inside the one hash tag.

    A rehearsal has a space of its own, so that whoever rings in it is free for real callers, and the other way round.
    What it has to know of reality it reads there: the balance, the block list, and who is `away`.
    """

    begins: str = TAG
    away: str = AWAY

    @classmethod
    def of_rehearsal(cls, name: str, *, elsewhen: bool) -> Space:
        """Make the space of one rehearsal; who is away now says nothing of another moment."""
        begins = f"{TAG}rehearsal:{name}:"
        return cls(begins=begins, away=begins + AWAY.removeprefix(TAG) if elsewhen else AWAY)

    def of_scripts(self, call_id: str) -> list[str]:
        """Return the KEYS of every script about a call, in the order that live/scripts/common.lua names."""
        own = (self.begins + key.removeprefix(TAG) for key in (BUSY, OFFERED, SEQUENCE, CALLS, ENDED, RENAMED))
        busy, offered, sequence, calls, ended, renamed = own
        shared = [busy, offered, self.away, sequence, BALANCE, calls]
        return [*shared, call(call_id, self.begins), trace(call_id, self.begins), ended, BLOCKED, renamed]

    def all_own(self, call_id: str, groups: Iterable[str]) -> list[str]:
        """Return every key that one call can have left in this space, to be removed; never a real one."""
        if self.begins == TAG:
            raise ValueError("real keys are not removed")
        queues = [key(group, self.begins) for group in groups for key in (waiting, waiting_seen)]
        return [*(key for key in self.of_scripts(call_id) if key.startswith(self.begins)), *queues]


REAL = Space()
"""Where real calls are, and with PROVIDER=simulator all."""

DAY = 86_400
LIVES = {
    "busy": DAY,
    "offered": 90 * DAY,
    "call": 5 * 3600,
    "trace": DAY,
    "waiting": 900,
    "ended": 7 * DAY,  # and with it all that is known of a call that is to be settled
    "blocked": 2 * DAY,
    "renamed": DAY,
    "keyed": 90 * DAY,
}
"""Lifetimes in seconds, handed to the scripts."""

SETTLES = {"over": 4_000, "gone": 20_000}
"""Milliseconds after which the record of a call is settled: when its end was told, by which time the provider's other
callbacks have come too; when the caller has hung up and the end is still to be told. Handed to the scripts."""

LONGEST_CALL = 4 * 3600
"""Seconds; the provider's own limit of a <Dial> (twiml.md 2.3). A talk is confirmed with the provider meanwhile."""
