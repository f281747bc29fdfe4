"""How much sooner the servers of the kill test do things again: the one place where their pauses are shortened.

What a call feels is left as it is: what webhooks wait for, when records are settled, how often settling and filing run.
"""

from __future__ import annotations

RATE = 40.0
"""Requests a second that the portal of the test bears; one in the cloud bears 2."""

PAUSES = {
    # a call that has been silent is asked after: 120 s, every 30 s
    "voice.jobs.SILENT_AFTER": 15,
    # … and closed when its end may not be about to be told any more: 60 s
    "voice.ending.reconciling.TOLD_WITHIN": 10,
    "live.queue.PERIODIC": {"voice.jobs.confirm_calls": 3, "voice.jobs.reconcile": 10},
    # what never reached the app: ended 2 minutes ago; what Redis has lost: 10 minutes ago
    "voice.ending.reconciling.SETTLING": 15,
    "voice.ending.closing.UNSETTLED_FOR": 30,
    # a call that was being filed by a worker that is no more: 90 s, of which 45 to file in; a request may last 60 s
    "calls.outbox.LEASE": 12,
    "crm.bitrix24.crm.FILES_WITHIN": 6,
    "crm.bitrix24.crm.REQUEST_LASTS": 8,
    "crm.bitrix24.crm.RATE": RATE,
    # a portal that says that it has too much to do: 5 minutes
    "crm.bitrix24.errors.CODES": {"OVERLOAD_LIMIT": 10},
    # a recording that was being fetched, or attached: 5 minutes
    "calls.fetching.LEASE": 15,
    "calls.attaching.LEASE": 15,
}
"""Seconds, by the name of the constant."""
