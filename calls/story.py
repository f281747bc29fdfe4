"""The story of a call: its trace read once, from the first note to the last, for what call details need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from config.renames import Renames
from flows.live import Note

A_MOMENT = timedelta(seconds=5)
"""In which a caller may hang up before he is joined with whoever has picked up; a provider who does not say so of a
longer one is not believed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """A dial: members of ours on their devices, or a forward to `number` (an `employee`'s mobile, or outside).

    `screened` when whoever picks up must press 1.
    """

    who: tuple[str, ...] = ()
    number: str = ""
    screened: bool = False

    @property
    def sole(self) -> str | None:
        """The one employee who can have answered, None when several were rung or nobody of ours."""
        return self.who[0] if len(self.who) == 1 else None


@dataclass(slots=True)
class Story:
    """What has happened so far; `begun` when anything is known of it at all, `open` while a dial has not ended.

    `gap` when somebody has answered whom nobody has dialled: what was decided then could be kept nowhere. `unjoined`
    when the caller hung up before he was joined with anybody.
    """

    attempt: Attempt = Attempt()
    answered_at: datetime | None = None
    picked_up_by: str | None = None
    picked_up_at: datetime | None = None
    accepted: bool = False
    ended_at: datetime | None = None
    seconds: int | None = None
    taken: Attempt | None = None
    rung: list[str] = field(default_factory=list)
    forwarded_to: str | None = None
    screened: set[str] = field(default_factory=set)
    begun: bool = False
    open: bool = False
    gap: bool = False
    unjoined: bool = False
    attempts: int = 0
    busy: int = 0
    nobody_free: bool = False
    unpaid: bool = False
    blocked: bool = False
    closed: bool = False
    over_by_us: bool = False
    mailbox: str | None = None
    message: str | None = None
    responsible: str | None = None
    group: str | None = None

    @property
    def answered_by(self) -> str | None:
        """The employee who spoke; None for an outside number, and where it cannot be told."""
        return (self.picked_up_by or self.taken.sole) if self.taken else None

    def named(self) -> set[tuple[str, str]]:
        """Name the employees and groups that call details take from here: sections of the settings, and keys."""
        spoke = self.taken.who if self.taken else ()
        people = {("employees", key) for key in (*self.rung, *spoke, self.picked_up_by, self.responsible) if key}
        kind, _, key = (self.mailbox or "").partition(":")
        return people | {(f"{kind}s", key)} | ({("groups", self.group)} if self.group else set())

    def rename(self, renamed: Renames) -> None:
        """Name them by other keys."""

        def now(key: str, section: str = "employees") -> str:
            return renamed.get((section, key), key)

        self.rung = [now(key) for key in self.rung]
        if self.taken:
            self.taken = replace(self.taken, who=tuple(now(key) for key in self.taken.who))
        self.picked_up_by = self.picked_up_by and now(self.picked_up_by)
        self.responsible = self.responsible and now(self.responsible)
        self.group = self.group and now(self.group, "groups")
        if self.mailbox:
            kind, _, key = self.mailbox.partition(":")
            self.mailbox = f"{kind}:{now(key, f'{kind}s')}"


Reader = Callable[[Story, Note, datetime], None]


def told(trace: Iterable[Note], silent: Set[str] = frozenset()) -> Story:
    """Read a trace; `silent` are the ids of recordings in which nothing is to be heard."""
    story = Story()
    for note in trace:
        story.begun |= note["code"] != "ended"
        reader = READERS.get(note["code"])
        if reader is not None:
            reader(story, note, datetime.fromtimestamp(note["t"] / 1000, UTC))
    _picked_up_and_never_ended(story)
    if story.message in silent:
        story.message = None
    return story


def _picked_up_and_never_ended(story: Story) -> None:
    """Count a conversation whose end was told by the end of the call alone, as when the caller hangs up."""
    if story.unjoined or story.taken is not None:
        return
    if story.picked_up_at and (story.accepted or not story.attempt.screened):
        story.taken = story.attempt
        story.answered_at, story.open = story.picked_up_at, False


def _dialled(story: Story, attempt: Attempt) -> None:
    story.attempt = attempt
    story.attempts += 1
    story.rung += attempt.who
    story.open = True
    story.picked_up_by, story.picked_up_at, story.accepted = None, None, False


def _rings(story: Story, note: Note, _: datetime) -> None:
    _dialled(story, Attempt(who=tuple(note.get("who", ()))))


def _forward(story: Story, note: Note, _: datetime) -> None:
    employee = note.get("employee")
    who = (employee,) if employee else ()
    attempt = Attempt(who=who, number=note["number"], screened=bool(note.get("screened")))
    _dialled(story, attempt)
    if attempt.screened:
        story.screened.add(attempt.number)
    story.forwarded_to = note["number"]


def _not_paid(story: Story, _: Note, __: datetime) -> None:
    """Take the forward back that was noted just before: it was never dialled."""
    story.unpaid = True
    story.attempts -= 1
    del story.rung[len(story.rung) - len(story.attempt.who) :]
    story.attempt, story.forwarded_to, story.open = Attempt(), None, False


def _picked_up(story: Story, note: Note, at: datetime) -> None:
    story.picked_up_by, story.picked_up_at = note["employee"] or None, at


def _accepted(story: Story, _: Note, at: datetime) -> None:
    story.accepted, story.picked_up_at = True, at


def _answered(story: Story, note: Note, at: datetime) -> None:
    if story.attempt.screened and not (story.accepted or note.get("bridged")):
        return
    story.open, story.gap = False, story.attempt == Attempt()
    story.taken, story.seconds, story.ended_at = story.attempt, note.get("seconds") or story.seconds, at
    story.answered_at = story.picked_up_at or at - timedelta(seconds=story.seconds or 0)


def _hung_up(story: Story, note: Note, at: datetime) -> None:
    """Take in that a device has hung up: the conversation is over, whatever comes of its dial."""
    if story.picked_up_at:
        story.seconds, story.ended_at = note.get("seconds"), at


def _unanswered(story: Story, note: Note, _: datetime) -> None:
    story.open = False
    story.busy += note.get("why") == "busy"
    story.picked_up_by, story.picked_up_at, story.accepted, story.seconds = None, None, False, None


def _forward_unanswered(story: Story, note: Note, at: datetime) -> None:
    """Take in that a forward is over; who had pressed 1 was joined, which nobody knows who decides without Redis."""
    (_answered if story.accepted else _unanswered)(story, note, at)


def _gone(story: Story, _: Note, at: datetime) -> None:
    """Take in that the caller hung up: the provider says so when a dial is over, and whether somebody had answered.

    Who picked up, or pressed 1, in that moment and not before, has not spoken to him.
    """
    story.open = False
    story.unjoined = story.taken is None and (story.picked_up_at is None or at - story.picked_up_at < A_MOMENT)


def _nobody_free(story: Story, note: Note, _: datetime) -> None:
    reasons = note.get("reasons") or {}
    story.nobody_free |= any(why in {"talking", "ringing"} for why in reasons.values())


def _mark(name: str) -> Reader:
    def read(story: Story, _: Note, __: datetime) -> None:
        setattr(story, name, True)

    return read


def _keep(name: str, field_: str) -> Reader:
    def read(story: Story, note: Note, _: datetime) -> None:
        setattr(story, name, note.get(field_))

    return read


def _voicemail(story: Story, note: Note, _: datetime) -> None:
    story.mailbox, story.over_by_us = note["mailbox"], True


def _message(story: Story, note: Note, _: datetime) -> None:
    story.message = note.get("sid") or story.message or ""


def _recorded(story: Story, note: Note, _: datetime) -> None:
    """Remember which recording the message is, where only the callback names it."""
    if note.get("source") == "RecordVerb" and story.mailbox and note.get("seconds") not in (0, "0", ""):
        story.message = note.get("sid", "")


READERS: dict[str, Reader] = {
    "blocked": _mark("blocked"),
    "closed": _mark("closed"),
    "rings": _rings,
    "forward": _forward,
    "forward_to_mobile": _forward,
    "not_paid": _not_paid,
    "picked_up": _picked_up,
    "accepted": _accepted,
    "hung_up": _hung_up,
    "answered": _answered,
    "no_answer": _unanswered,
    "forward_unanswered": _forward_unanswered,
    "nobody_free": _nobody_free,
    "not_free": _nobody_free,
    "voicemail": _voicemail,
    "message_left": _message,
    "recorded": _recorded,
    "caller_gone": _gone,
    "responsible": _keep("responsible", "employee"),
    "group": _keep("group", "group"),
    "apology": _mark("over_by_us"),
    "goodbye": _mark("over_by_us"),
    "declined": _mark("over_by_us"),
    "failed": _mark("over_by_us"),  # the safe document ends the call
    "unknown_number": _mark("over_by_us"),
}
"""What each decision means for call details; the others mean nothing for them."""
