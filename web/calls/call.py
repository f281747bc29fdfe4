"""One call: all that is known of it, and why it went where it went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from flask import abort, current_app, render_template, url_for

from calls import contacts, ledger
from calls.details import CallDetails
from calls.listing import Heard, recordings_of
from calls.recordings import UNHEARD
from flows.live import Note
from web.access import Permission, rule
from web.calls import pages
from web.calls.wanted import clean
from web.outcomes import FILINGS, KINDS, OUTCOMES, SOUNDS, reason, why_missed
from web.reach import hears, reach, sees
from web.reception import here
from web.route_map.words import mailbox_name
from web.sessions import person
from web.trace import told


class Step(NamedTuple):
    """A decision in words: when it was taken, and how many seconds after the call had begun; None: not known."""

    text: str
    at: datetime | None
    after: float | None


@pages.get("/calls/<call_id>")
@rule(Permission.CALLS)
def call(call_id: str) -> str:
    """The page of one call; one that this person may not see is not there."""
    with here().engine.connect() as connection:
        found = ledger.find(connection, clean(call_id))
        if found is None or not sees(reach(Permission.CALLS), found.employee):
            abort(404)
        sounds = recordings_of(connection, [found.id]).get(found.id, [])
        book = contacts.found(connection, [found.caller] if found.caller else [])
    return render_template(
        "calls/call.html",
        call=found,
        name=contacts.name_of(found.caller, found.contact_name, book),
        outcome=OUTCOMES[found.outcome],
        why_missed=why_missed(found),
        filing=FILINGS["skipped" if found.simulated else found.crm_state],  # a job is still to say so
        filing_reason=reason(found.crm_reason),
        steps=list(steps(found)),
        mailbox=mailbox_name(found.mailbox, here().company) if found.mailbox else None,
        sounds=[each for each in sounds if may_hear(each, found)],
        may_delete=person().may(Permission.DELETE_RECORDINGS),
        states=SOUNDS,
        unheard=UNHEARD,
        kinds=KINDS,
        reason=reason,
        way=way(found.id),
    )


def way(call_id: str) -> str | None:
    """Where the way of a call is shown on the route map, for whoever may see it."""
    there = "why.page" in current_app.view_functions and person().may(Permission.TELEPHONY)
    return url_for("why.page", call=call_id) if there else None


def may_hear(sound: Heard, call: CallDetails) -> bool:
    """Whether this person may listen to a recording of a call."""
    if not person().may(Permission.RECORDINGS):
        return False
    return hears(reach(Permission.RECORDINGS), sound.mailbox, call, here().company)


def steps(call: CallDetails) -> Iterator[Step]:
    """Tell the trace of a call in the reader's language."""
    for note in call.trace:
        at = moment(note)
        after = None if at is None else max((at - call.started_at).total_seconds(), 0)
        yield Step(told(note, here().company), at, after)


def moment(note: Note) -> datetime | None:
    """When a decision was taken, where that was noted."""
    t = note.get("t")
    return datetime.fromtimestamp(t / 1000, UTC) if isinstance(t, (int, float)) else None
