"""The trace in plain words: one sentence per decision, in the language that whoever asks for it reads."""

from __future__ import annotations

from collections.abc import Callable

from config.company import Company
from flows.live import Note

Translate = Callable[[str], str]
"""Puts a text of ours into the reader's language; the names in braces stay as they are."""

SENTENCES: dict[str, str] = {
    "accepted": "Whoever picked up pressed 1 and took the call.",
    "all_tried": "Everybody at work in group {group} has been tried.",
    "answered": "Somebody answered; the call ended after the conversation.",
    "apology": "The caller heard that nobody is available, and the call ended.",
    "arrived": "A call from {caller} to {number}.",
    "ask_extension": "The caller was asked for an extension.",
    "blocked": "{caller} is on the block list: declined.",
    "caller_gone": "The caller hung up.",
    "closed": "Closed by schedule {schedule} ({why}).",
    "declined": "Declined before it was answered, so that it costs nothing.",
    "employee_off": "{employee} is off by the schedule ({why}), so was not rung.",
    "ended": "The provider says that the call ended: {status}.",
    "extension": "Extension {extension} typed: {target}.",
    "failed": "Something failed inside ({why}); the call went to the number's first safe destination.",
    "forward": "Forwarded to {number}.",
    "forward_to_mobile": "Forwarded to {employee}'s mobile, {number}.",
    "forward_unanswered": "The forward was not answered ({why}).",
    "goodbye": "The caller heard a goodbye, and the call ended.",
    "greeting": "The greeting is played; an extension may be typed.",
    "group": "On to group {group}.",
    "group_again": "Group {group} has had this call already: not again.",
    "hold": "On hold for group {group}.",
    "hold_over": "Waited {minutes} minutes for group {group}: no longer.",
    "hung_up": "{employee} was on the line for {seconds} seconds.",
    "key": "Key {key} pressed in menu {menu}.",
    "lost": "The settings of this call are gone: on to the number's group.",
    "members_off": "Off by their schedules: {employees}.",
    "menu": "Menu {menu} is played.",
    "message_key": "The caller would rather leave a message for group {group}.",
    "message_left": "A message was left in mailbox {mailbox}.",
    "no_answer": "No answer from {employees} ({why}).",
    "no_device": "{employee} has no device that this provider can ring.",
    "no_message": "Nothing was said into mailbox {mailbox}.",
    "no_mobile": "{employee} has no mobile number: on with the route.",
    "nobody_at_work": "Nobody of group {group} is at work now: no use in waiting.",
    "nobody_free": "Nobody in group {group} is free{because}.",
    "nobody_there": "Nobody in group {group} is there to be rung.",
    "not_accepted": "Whoever picked up did not press 1: not an answer.",
    "not_free": "{employee} is not free{because}.",
    "not_paid": "The forward was skipped, code 402: {why}.",
    "open": "Open by schedule {schedule} ({why}).",
    "otherwise": "Nothing took the call.",
    "picked_up": "{employee} picked up.",
    "recorded": "A recording of {seconds} seconds is ready.",
    "rehearsed": "A rehearsal: decided as though it were {moment} in {zone}.",
    "responsible": "The caller is known; responsible: {employee}.",
    "rings": "Rings {who}.",
    "screening": "Somebody picked up, and is asked to press 1.",
    "silence": "Nothing pressed in menu {menu}.",
    "sip_extension": "Extension {extension} called over SIP.",
    "too_many_groups": "Group {group} is not rung: this call has come to as many groups as one may.",
    "unknown_caller": "The caller is not known.",
    "unknown_extension": "Unknown extension {extension} typed.",
    "unknown_number": "{number} is none of our numbers.",
    "voicemail": "A message may be left in mailbox {mailbox}.",
    "wrong_key": "Key {key} is no choice in menu {menu}.",
}

WHY = {
    "balance": "the provider balance is below forwarding.minimum_balance",
    "sip_connector": "sip_connector.paid_until is past",
    "away": "away",
    "ringing": "ringing",
    "talking": "talking",
    "queue": "kept for callers who came earlier",
    "hours": "outside its hours",
    "day off": "a day off",
    "no-answer": "nobody picked up",
    "canceled": "cancelled",
    "busy": "busy",
    "failed": "failed",
}
"""Reasons of ours and the provider's statuses; a holiday's name and whatever else is noted speaks for itself."""

STATUSES = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
"""How a call ended, in the provider's own words."""

WITHHELD = "a withheld number"
NO_REASON = "no reason given"
MORE = " and {count} more"

TEXTS = frozenset({*SENTENCES.values(), *WHY.values(), *STATUSES, WITHHELD, NO_REASON, MORE})
"""All that a translation must know."""


def sentence(note: Note, company: Company, translate: Translate = str) -> str:
    """Put one decision of the trace into words; names of people and groups replace their keys.

    `translate` is given each of TEXTS that is needed; without it the words are English. Raises KeyError or TypeError
    for a note of another version, which has no sentence here or not all that it asks for.
    """
    values = {key: _spoken(key, value, company) for key, value in note.items()}
    target = note.get("employee") or note.get("group")
    values["target"] = _spoken("employee" if "employee" in note else "group", target, company)
    values["caller"] = values.get("caller") or translate(WITHHELD)
    values["why"] = _why(note.get("why"), translate) or translate(NO_REASON)
    values["because"] = _because(note, company, translate)
    values["status"] = translate(values["status"]) if values.get("status") in STATUSES else values.get("status", "")
    return translate(SENTENCES[note["code"]]).format_map(values)


def told(note: Note, company: Company, translate: Translate = str) -> str:
    """Put a decision into words; one that this version has no words for is shown as it was noted."""
    try:
        return sentence(note, company, translate)
    except (KeyError, TypeError):
        return ", ".join(f"{name} {value}" for name, value in note.items() if name != "t")


def _why(reason: object, translate: Translate) -> str:
    text = str(reason or "")
    return translate(WHY[text]) if text in WHY else text


def _because(note: Note, company: Company, translate: Translate) -> str:
    reasons = note.get("reasons")
    if not isinstance(reasons, dict) or not reasons:
        return ""
    listed = list(reasons.items())
    words = [f"{_spoken('employee', key, company)} {_why(why, translate)}" for key, why in listed[:10]]
    more = translate(MORE).format(count=len(listed) - 10) if len(listed) > 10 else ""
    return ": " + ", ".join(words) + more


def _spoken(kind: str, value: object, company: Company) -> str:
    if isinstance(value, list):
        return ", ".join(_spoken("employee", item, company) for item in value)
    if kind == "employee" and value in company.employees:
        return company.employees[str(value)].name
    if kind == "group" and value in company.groups:
        return company.groups[str(value)].name
    return str(value)
