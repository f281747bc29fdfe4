"""The safe document: what a caller gets when something inside has failed. It needs neither Redis nor SQL."""

from __future__ import annotations

from datetime import datetime

from twilio.twiml.voice_response import VoiceResponse

from config.company import Company
from config.destinations import Forward, ForwardToMobile, ToEmployee, ToGroup
from config.people import MOST_DEVICES
from flows.calls import Call
from flows.hours import Opening, opening
from flows.live import Note
from flows.steps import Phrase
from flows.way import noun_of
from voice.catalogue import spoken_language, words
from voice.profiles import Profile

RING_SECONDS = 25


LAST = frozenset({"forward", "message"})
"""Places after which nobody is rung: forwarding is final (DESIGN section 3), and a message has been left."""


def is_last(path: str) -> bool:
    """Tell whether an address of ours is that of such a place."""
    folder, _, kind = path.rpartition("/")
    return folder.endswith("/at") and kind in LAST


def safe_document(company: Company, call: Call, profile: Profile, now: datetime, *, last: bool = False) -> str:
    """Apologise, dial the number's first safe destination, and end with a goodbye; `last` is a goodbye alone.

    The <Dial> has no action: nothing of ours has to work for it, and the goodbye that follows fits a call that was
    answered as well as one that was not. Whom the settings block is declined here too.
    """
    number = company.numbers[call.number] if call.number else None
    language = (number.language if number else None) or company.language
    spoken = {"language": spoken_language(language)} | ({"voice": profile.speaks} if profile.speaks else {})
    response = VoiceResponse()
    if blocked(company, call):
        response.reject(reason="rejected")
        return str(response)
    if not last:
        response.say(words(Phrase("sorry"), language), **spoken)
    devices = () if last else safe_devices(company, call, profile, now)
    if devices:
        own = (number.outgoing_number if number else None) or call.number
        dial = response.dial(timeout=RING_SECONDS - profile.ring_extra, caller_id=own)
        for device in devices:
            noun = noun_of(device)
            getattr(dial, noun)(device.partition(":")[2] if noun == "client" else device)
    response.say(words(Phrase("goodbye"), language), **spoken)
    response.hangup()
    return str(response)


def blocked(company: Company, call: Call) -> bool:
    """Tell whether the settings block a caller; their own list of the block lists needs no state."""
    return call.caller in company.blocked_callers


def why_safe(company: Company, call: Call, now: datetime, failed: str) -> list[Note]:
    """Say for the trace why a call is answered so, with what the settings alone know of it: blocked, out of hours."""
    if blocked(company, call):
        return [{"code": "blocked", "caller": call.caller}]
    number = company.numbers[call.number] if call.number else None
    told: list[Note] = [{"code": "failed", "why": failed}]
    if number and number.schedule and not (found := _opening(company, number.schedule, now)).open:
        told.append({"code": "closed", "schedule": number.schedule, "why": found.why})
    return told


def safe_devices(company: Company, call: Call, profile: Profile, now: datetime) -> tuple[str, ...]:
    """Find whom a number can reach without any state: the first of its destinations that leads to somebody.

    Out of hours that is its `closed`; else its group, what the keys of its menu choose, `closed` or `otherwise`.
    Nothing when there is nobody.
    """
    if call.number is None:
        return ()
    number = company.numbers[call.number]
    aims: list[object] = [number.closed]
    if _open(company, number.schedule, now):
        group = [ToGroup(group=number.group)] if number.group else []
        menu = company.menus[number.menu].choices.values() if number.menu else ()
        aims = [*group, *menu, number.closed, number.otherwise]
    return next((found for aim in aims if (found := _reached(company, aim, profile, now))), ())


def _reached(company: Company, aim: object, profile: Profile, now: datetime) -> tuple[str, ...]:
    """Find the devices of those at work to whom a destination leads, else its forward."""
    if isinstance(aim, ToGroup):
        group = company.groups[aim.group]
        return _members(company, group.members, profile, now) or _forward_device(company, group.no_answer)
    if isinstance(aim, ToEmployee):
        return _members(company, (aim.employee,), profile, now) or _forward_device(company, aim.no_answer)
    return _forward_device(company, aim)


def _members(company: Company, members: tuple[str, ...], profile: Profile, now: datetime) -> tuple[str, ...]:
    people = (company.employees[key] for key in members)
    devices = [d for e in people if _open(company, e.schedule, now) for d in e.devices if noun_of(d) in profile.nouns]
    return tuple(devices[:MOST_DEVICES])


def _open(company: Company, schedule: str | None, now: datetime) -> bool:
    return schedule is None or _opening(company, schedule, now).open


def _opening(company: Company, schedule: str, now: datetime) -> Opening:
    found = company.schedules[schedule]
    return opening(found, found.local(now, company.timezone))


def _forward_device(company: Company, destination: object) -> tuple[str, ...]:
    if isinstance(destination, Forward):
        return (destination.forward,)
    if isinstance(destination, ForwardToMobile):
        mobile = company.employees[destination.forward_to_mobile].mobile
        return (mobile,) if mobile else ()
    return ()
