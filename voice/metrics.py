"""What is counted at the provider's door, in each web process; /metrics adds them up."""

from __future__ import annotations

from functools import cache

from prometheus_client import Counter, Gauge, Histogram

from flows.live import Told
from live.state import Keep, Take
from voice.figures import give_room

give_room()

WEBHOOKS = Histogram(
    "ringpath_webhook_seconds",
    "Time to answer a webhook, by place; those refused, and those that say that one of ours failed (fallback), besides",
    ["place"],
    buckets=(0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)

TROUBLES = Counter(
    "ringpath_troubles",
    "Webhooks that could not be answered as usual, by what was wrong: see TROUBLED in voice/metrics.py",
    ["trouble"],
)

TROUBLED = {
    "failed": "something inside failed, and the caller heard the safe document",
    "lost": "the address was none that the settings know, and the call went to the number's group",
    "without_redis": "something was decided, or told, while Redis did not take it",
    "without_sql": "the record of a call that ended could not be written at once",
    "nameless": "a call came for a number that the settings do not have, and the caller heard an apology",
    "put_off": "the process had more to do than it can, and did what no caller waits for later (voice/pressure.py)",
    "sent_back": "the same, and too many waited already: the provider was asked to tell again",
}

BEHIND = Gauge(
    "ringpath_web_processes_behind", "Web processes that have more to do than they can", multiprocess_mode="livesum"
)

PROCESSES = Gauge("ringpath_web_processes", "Web processes that are alive", multiprocess_mode="livesum")

_of_place = cache(WEBHOOKS.labels)  # a few names; the library would look each up under a lock, every time

for place in ("incoming", "status", "fallback", "refused"):
    _of_place(place)  # shown as 0 from the start: what appears as 1 has not grown, for Prometheus
for trouble in TROUBLED:
    TROUBLES.labels(trouble)


def answered(place: str, seconds: float) -> None:
    """Count a webhook of a place, and the time that it took."""
    _of_place(place).observe(seconds)


def counting(keep: Keep) -> Keep:
    """Make a function that counts what Redis could not take, and keeps it as `keep` does."""

    def keep_and_count(told: Told, redis_takes: Take) -> bool:
        TROUBLES.labels("without_redis").inc()
        return keep(told, redis_takes)

    return keep_and_count
