"""What every request of a run must have been answered with, and how soon."""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterator

from live import jobs_seen
from tests.crowd.documents import nonsense
from tests.crowd.pool import Timing
from tests.kills.trial import Run

LATEST = 3.0
"""Seconds within which a living web process answers, whatever becomes of Redis, SQL and the CRM: a caller hears
nothing meanwhile, and some providers wait for 5 (twiml.md 1.4). 1.5 are the CRM's (DESIGN section 3), half a second is
Redis', another SQL's, each only when it hangs. What a machine with too much to do adds is not counted, up to a
second: as much as /healthz takes, which needs none of them."""

STARVED, LONGEST = 0.25, 5.0
"""Where /healthz takes so long, the queue for Redis is waited in as in a burst of calls (live.wire.LONGEST_QUEUE)."""

WAITED = 2.0
"""Seconds after a fault of the web, counted from when it answers again, in which it works off who has waited."""

MOST_TOLD = 3
"""Of one kind."""

CANNOT_HOLD = {
    "a web process that is paused": "answers nobody; the provider waits its time (15 s) and turns to the fallback "
    "address, which another process answers",
    "no web process at all": "for longer than the provider waits: it says itself that an error has occurred; the call "
    "is put on file by its list of calls",
    "a web process that is killed or told to end": "breaks connections off; the fallback answers, and knows the number "
    "alone, so somebody who talks may be rung",
    "Redis away": "nobody is known to be busy, and callers on hold lose their places; the trace goes on in SQL",
    "Redis and SQL away at once": "decisions and ends are held in the memory of the web process until one of them is "
    "back, for two minutes; if it is killed meanwhile, or its last requests use up the seconds it has to end, they "
    "are lost, and who spoke to whom is asked of the provider: an outcome that only we knew (blocked, closed, "
    "abandoned) is then missed",
    "Redis that takes nothing (full, a replica, its disk full)": "is as good as away, but one that is full still frees "
    "people; the worker stands still meanwhile, since its jobs are kept there: calls are put on file all the same, and "
    "settled and filed when there is room",
    "one disk for everything, and full": "Redis and SQL take nothing at once, until somebody makes room: what was "
    "decided is lost after two minutes, as above; calls that are on file nowhere are found in the provider's list",
    "a PostgreSQL without room on its disk": "is not tried: there is no quota for a server of ours. What it refuses is "
    "known by its code (53100), and waits as for one that is away",
    "a Redis that forgets everything": "calls that are up lose their trace: outcomes that only we knew are lost, and "
    "who spoke to whom is asked of the provider",
    "a periodic job that fails": "is not repeated: the next one of its kind does what it has left",
}
"""What no switchboard of ours can keep up, and what becomes of it."""


def judge(run: Run) -> Iterator[str]:
    """Say what is wrong with the answers, and with the jobs."""
    hurt = list(_hurt(run))
    timings = [timing for timing in run.scene.crowd.timings if not _is_excused(timing, hurt)]
    found = [(timing.began, problem) for timing in timings if (problem := _late(timing, run))]
    found += [(run.began, problem) for webhook in run.scene.crowd.webhooks if (problem := nonsense(webhook))]
    kinds: Counter[str] = Counter()
    for began, problem in found:
        kind = problem.partition(":")[0]
        kinds[kind] += 1
        if kinds[kind] <= MOST_TOLD:
            yield f"{began - run.began:6.1f} s  {problem}"
    yield from (f"{count} requests: {kind}" for kind, count in kinds.items() if count > MOST_TOLD)
    failed = {(job.name, job.error) for job in jobs_seen.failed(run.scene.redis) if is_a_fault_of_ours(job.error)}
    yield from (f"a job of {name} has failed by itself: {error}" for name, error in sorted(failed))


def is_a_fault_of_ours(error: str) -> bool:
    """Whether the last line of a job's error names a mistake, and not something outside that is away or refuses.

    A job that fails because a store is away is done again: whether anything is lost by that, the books say. Errors of
    what is outside have the name of a module before their own, or are those of the system.
    """
    kind = getattr(builtins, error.partition(":")[0].strip(), None)
    return isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, OSError)


def measures(run: Run) -> Iterator[str]:
    """Say how much the judge lets pass, and why: what he does not look at should be known."""
    hurt, timings = list(_hurt(run)), run.scene.crowd.timings
    excused = [timing for timing in timings if _is_excused(timing, hurt)]
    bad = sum(not timing.status or timing.seconds > LATEST for timing in excused)
    yield (
        f"{len(excused)} of {len(timings)} requests ({len(excused) / max(len(timings), 1):.0%}) came while a fault of "
        f"the web was under way or just over; {bad} of these had no answer, or none within {LATEST:g} s"
    )
    slow = [timing for timing in timings if timing.status and timing.seconds > LATEST]
    starved = sum(not _is_excused(timing, hurt) and _late(timing, run) is None for timing in slow)
    yield f"{starved} of the others took more than {LATEST:g} s where /healthz was slow too"


def _hurt(run: Run) -> Iterator[tuple[float, float]]:
    """When a fault of the web was under way, or its effects (time.monotonic)."""
    for each in run.striker.struck:
        if each.on == "web":
            over = min(each.ended, each.until) + run.began
            yield each.began + run.began, run.pulse.steady_after(over) + WAITED


def _is_excused(timing: Timing, hurt: list[tuple[float, float]]) -> bool:
    """Whether a fault of the web was under way while somebody waited for an answer."""
    ended = timing.began + timing.seconds
    return any(began <= ended and timing.began <= over for began, over in hurt)


def _late(timing: Timing, run: Run) -> str | None:
    ended, path = timing.began + timing.seconds, timing.path.partition("?")[0]
    if not timing.status:
        return f"not answered by a web that lived: {path}, {timing.why}"
    lag = run.pulse.lag(timing.began, ended)
    if timing.seconds - lag > (LATEST if lag < STARVED else LONGEST):
        return f"answered after more than {LATEST:g} s by a web that lived: {path}, {timing.seconds:.1f} s"
    return None
