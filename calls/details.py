"""Call details: one call, from what was noted while it went on to the record that is kept. Pure: no SQL, no Redis."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from calls.outcomes import CALL_BACK, GOT_THROUGH, OUTCOMES, Outcome
from calls.story import Attempt, Story, told
from config.company import Company
from config.renames import Renames
from flows.live import Note


@dataclass(frozen=True, kw_only=True, slots=True)
class LegFact:
    """What the provider's REST API says of one device that was dialled: its address, status, and seconds of talk."""

    to: str
    status: str
    seconds: int
    started_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallFacts:
    """All that is known of a call that has ended: what the provider told, and the trace of our decisions, by time.

    `legs` only where the trace may have a hole. `silent` are the ids of recordings in which nothing is to be heard.
    """

    id: str
    number: str
    caller: str | None
    started_at: datetime
    ended_at: datetime
    trace: tuple[Note, ...] = ()
    legs: tuple[LegFact, ...] = ()
    silent: Set[str] = frozenset()
    simulated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CallDetails:
    """The record of one call; its fields are the columns of calls.tables.calls."""

    id: str
    number: str
    caller: str | None
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    code: str
    answered_at: datetime | None = None
    wait_seconds: int = 0
    talk_seconds: int = 0
    employee: str | None = None
    answered_by: str | None = None
    forwarded_to: str | None = None
    mailbox: str | None = None
    out_of_hours: bool = False
    simulated: bool = False
    trace: tuple[Note, ...] = ()
    settled_at: datetime | None = None
    contact_type: str | None = None
    contact_id: str | None = None
    contact_name: str | None = None
    crm_state: str = "pending"
    crm_reason: str | None = None
    crm_call_id: str | None = None
    crm_attempts: int = 0
    crm_due_at: datetime | None = None


Renamed = Callable[[timedelta], Renames]
"""Tells the keys that hold now of those whom a call knows by others: by settings that may be so much older than it."""

MOMENTS = timedelta(minutes=1)
"""For which a call may still begin by settings that others have replaced."""


def details_of(facts: CallFacts, company: Company, renamed: Renamed = lambda _: {}) -> CallDetails:
    """Work out the record of a call; employees and groups that the settings no longer know are left out.

    Whoever was `renamed` since it began has the key that holds now, even where the earlier one is somebody else's.
    """
    story = told(facts.trace, facts.silent)
    if story.named():
        story.rename(renamed(timedelta()))
    if any(key not in getattr(company, section, (key,)) for section, key in story.named()):
        story.rename(renamed(MOMENTS))
    if facts.legs and (story.taken is None or story.gap or _nameless(story)):
        _taken_by_a_leg(story, facts, company)
    outcome = outcome_of(story)
    ended_at = max(facts.ended_at, facts.started_at)
    answered_at = _within(story.answered_at, facts.started_at, ended_at) if outcome in GOT_THROUGH else None
    return CallDetails(
        id=facts.id,
        number=facts.number,
        caller=facts.caller,
        started_at=facts.started_at,
        ended_at=ended_at,
        outcome=outcome,
        code=_code(outcome, story),
        answered_at=answered_at,
        wait_seconds=_seconds((answered_at or ended_at) - facts.started_at),
        talk_seconds=_talk(story, answered_at, ended_at),
        employee=owner_of(outcome, story, facts.number, company),
        answered_by=_known(story.answered_by, company) if outcome in GOT_THROUGH else None,
        forwarded_to=story.forwarded_to,
        mailbox=story.mailbox if outcome == "voicemail" else None,
        out_of_hours=story.closed,
        simulated=facts.simulated,
        trace=facts.trace,
    )


def outcome_of(story: Story) -> Outcome:
    """Name the outcome: the first of calls.outcomes whose rule fits."""
    return next(name for name in OUTCOMES if _FITS[name](story))


_FITS: dict[Outcome, Callable[[Story], bool]] = {
    "blocked": lambda story: story.blocked,
    "answered": lambda story: story.taken is not None and not story.taken.number,
    "forwarded": lambda story: story.taken is not None,
    "voicemail": lambda story: story.message is not None,
    "closed": lambda story: story.closed and not story.attempts,
    "abandoned": lambda story: story.begun and not story.over_by_us,
    "missed": lambda _: True,
}


def _code(outcome: Outcome, story: Story) -> str:
    if outcome in CALL_BACK and story.unpaid:
        return "402"
    if outcome != "missed":
        return OUTCOMES[outcome].code
    if story.attempts > story.busy:
        return "304"
    return "486" if story.busy or story.nobody_free else "480"


def _talk(story: Story, answered_at: datetime | None, ended_at: datetime) -> int:
    if answered_at is None:
        return 0
    until = min(story.ended_at or ended_at, ended_at)
    longest = _seconds(max(until - answered_at, timedelta()))
    return longest if story.seconds is None or story.taken is None or story.taken.screened else story.seconds


def _seconds(span: timedelta) -> int:
    return round(span.total_seconds())


def _within(moment: datetime | None, first: datetime, last: datetime) -> datetime | None:
    return None if moment is None else min(max(moment, first), last)


def owner_of(outcome: Outcome, story: Story, number: str, company: Company) -> str | None:
    """Name who owns a call (DESIGN section 7): who answered, else the CRM's responsible, else the last one rung.

    A message belongs to the employee whose mailbox it is in. Where nobody was rung, a call that should be called back
    belongs to the first member of the group it was for, so that no missed call is nobody's; a call that an outside
    number took belongs to nobody.
    """
    message_for = _mailbox_employee(story) if outcome == "voicemail" else None
    candidates = [story.answered_by, message_for, story.responsible, *reversed(story.rung)]
    if outcome in CALL_BACK:
        candidates.append(_first_member(story, number, company))
    return next((key for key in candidates if _known(key, company)), None)


def _mailbox_employee(story: Story) -> str | None:
    kind, _, key = (story.mailbox or "").partition(":")
    return key if kind == "employee" else None


def _first_member(story: Story, number: str, company: Company) -> str | None:
    kind, _, key = (story.mailbox or "").partition(":")
    group = key if kind == "group" else story.group
    if group is None and number in company.numbers:
        group = company.numbers[number].group
    members = company.groups[group].members if group in company.groups else ()
    return members[0] if members else None


def _known(key: str | None, company: Company) -> str | None:
    return key if key in company.employees else None


def _taken_by_a_leg(story: Story, facts: CallFacts, company: Company) -> None:
    """Believe the provider where our own trace does not say who answered: the last device that was talked to."""
    for leg in facts.legs:
        if leg.status != "completed" or not leg.seconds:
            continue
        if leg.to in story.screened and not story.accepted:
            continue  # a mailbox may have picked up
        employee, on_device = _employee_at(leg.to, company)
        story.taken = Attempt(who=(employee,) if employee else (), number="" if on_device else leg.to)
        story.picked_up_by, story.seconds = employee, leg.seconds
        story.forwarded_to = None if on_device else leg.to
        began = leg.started_at or facts.ended_at - timedelta(seconds=leg.seconds)
        story.answered_at = max(began, facts.ended_at - timedelta(seconds=leg.seconds))


def _employee_at(address: str, company: Company) -> tuple[str | None, bool]:
    """Find whose device or mobile an address is, and whether it is a device."""
    for key, employee in company.employees.items():
        if address in employee.devices:
            return key, True
    return next((key for key, employee in company.employees.items() if employee.mobile == address), None), False


def _nameless(story: Story) -> bool:
    """Tell whether one of several who were rung has answered, and nothing was told of which."""
    return story.taken is not None and story.answered_by is None and len(story.taken.who) > 1


INSIDE = frozenset({"failed", "lost"})
"""Decisions after which something else than the trace says may have happened."""


def doubtful(facts: CallFacts) -> bool:
    """Tell whether the provider should be asked who was talked to: the trace has a hole, or does not say.

    A call that was neither ended by us nor, as the provider told, by its caller may have gone on by the fallback, of
    which the trace knows nothing.
    """
    story, codes = told(facts.trace), {note["code"] for note in facts.trace}
    vanished = outcome_of(story) == "abandoned" and "caller_gone" not in codes
    return _nameless(story) or vanished or story.open or story.gap or not story.begun or bool(codes & INSIDE)
