"""The map of Redis: every key, its type, its fields, how long it lives, and who writes it.

All keys share one hash tag, so that a script may touch several of them on a cluster. Times are milliseconds since
the epoch, by the clock of the app, and come in as arguments. rq keeps its own keys under `rq:`.
"""

from __future__ import annotations

TAG = "{ringpath}:"

BUSY = TAG + "busy"
"""hash: employee → "STATE UNTIL STEP CALL"; STATE R (ringing) or T (talking), void after UNTIL. Lives a day after the
last ring. Written by settle, leg and finish."""

OFFERED = TAG + "offered"
"""zset: employee → number of the last offer (from SEQUENCE), for the longest idle. Lives 90 days after
the last offer. Written by settle."""

AWAY = TAG + "away"
"""hash: employee → since when set to away. Lives 90 days after the last change. Written by presence."""

SEQUENCE = TAG + "sequence"
"""string: counts offers and tickets of the queues, so that two in one millisecond have an order. Lives 90 days after
the last of them. Written by settle."""

BALANCE = TAG + "balance"
"""string: the provider balance, a decimal; missing means unknown. Lives as long as its writer says. Written by whoever
confirms the balance."""

CALLS = TAG + "calls"
"""zset: call → its last webhook. Lives 5 hours after the last write. Written by settle and finish."""


def call(call_id: str) -> str:
    """hash of one call: number, caller, started, queue, ticket, resume (URL), accepted, ended, talking and forwarded
    (employee), held (JSON, employee → groups whose callers wait for him), per request `o:KEY` → the outcome first
    given (JSON), and `told:KEY` for what was told once. Lives 5 hours. Written by settle, leg, finish and tell."""
    return f"{TAG}call:{call_id}"


def trace(call_id: str) -> str:
    """list of JSON notes, in order, each with `t`. Lives a day after the first. Written by settle, leg, finish and
    tell."""
    return f"{TAG}trace:{call_id}"


def waiting(group: str) -> str:
    """zset: call → its ticket (from SEQUENCE); callers on hold for a group. Lives 15 minutes after the last write.
    Written by settle and finish."""
    return f"{TAG}waiting:{group}"


def waiting_seen(group: str) -> str:
    """zset: call → when it last asked; who has been silent longer than the group's patience has gone. Lives like
    waiting(). Written by settle and finish."""
    return f"{TAG}seen:{group}"


DAY = 86_400
LIVES = {"busy": DAY, "offered": 90 * DAY, "call": 5 * 3600, "trace": DAY, "waiting": 900}
"""Lifetimes in seconds, handed to the scripts."""

LONGEST_CALL = 4 * 3600
"""Seconds; the provider's own limit of a <Dial> (twiml.md 2.3). A talk is confirmed with the provider meanwhile."""
