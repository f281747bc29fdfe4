"""The safe document: what a caller gets when something inside has failed. It needs neither Redis nor SQL."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime

from twilio.twiml.voice_response import VoiceResponse

from config.company import Company
from config.destinations import Forward, ForwardToMobile, ToEmployee, ToGroup, ToMenu
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
    """Find whom a number can reach without any state: the nearest of its destinations that leads to somebody.

    Out of hours they begin with its `closed`; else with its group, its menu, the forward of its `closed`, and its
    `otherwise`. Nothing when there is nobody.
    """
    if call.number is None:
        return ()
    number = company.numbers[call.number]
    aims: deque[object] = deque([number.closed])
    if _open(company, number.schedule, now):
        group = [ToGroup(group=number.group)] if number.group else []
        menu = [ToMenu(menu=number.menu)] if number.menu else []
        forwards = [number.closed] if isinstance(number.closed, Forward | ForwardToMobile) else []
        aims = deque([*group, *menu, *forwards, number.otherwise])
    seen: set[object] = set()
    while aims:
        aim = aims.popleft()
        if found := _devices(company, aim, profile, now):
            return found
        if aim not in seen:
            seen.add(aim)
            aims.extend(_behind(company, aim))
    return ()


def _devices(company: Company, aim: object, profile: Profile, now: datetime) -> tuple[str, ...]:
    """Find the devices of those at work to whom a destination leads, or the number of a forward."""
    if isinstance(aim, ToGroup):
        group = company.groups[aim.group]
        return _members(company, group.members, profile, now) or _mobile(company, group.no_answer, group.members)
    if isinstance(aim, ToEmployee):
        only = (aim.employee,)
        return _members(company, only, profile, now) or _mobile(company, aim.no_answer, only)
    if isinstance(aim, ForwardToMobile):
        return _mobile(company, "forward_to_mobile", (aim.forward_to_mobile,))
    return (aim.forward,) if isinstance(aim, Forward) else ()


def _behind(company: Company, aim: object) -> Iterable[object]:
    """Name where a call may go on from a destination."""
    if isinstance(aim, ToMenu):
        return company.menus[aim.menu].choices.values()
    if isinstance(aim, ToGroup):
        return [company.groups[aim.group].no_answer]
    return [aim.no_answer] if isinstance(aim, ToEmployee) else []


def _mobile(company: Company, rule: object, people: tuple[str, ...]) -> tuple[str, ...]:
    """Find the mobile that a rule without a name means: that of the last one rung, of those who have any."""
    if rule != "forward_to_mobile":
        return ()
    return tuple([mobile for key in people if (mobile := company.employees[key].mobile)][-1:])


def _members(company: Company, members: tuple[str, ...], profile: Profile, now: datetime) -> tuple[str, ...]:
    people = (company.employees[key] for key in members)
    devices = [d for e in people if _open(company, e.schedule, now) for d in e.devices if noun_of(d) in profile.nouns]
    return tuple(devices[:MOST_DEVICES])


def _open(company: Company, schedule: str | None, now: datetime) -> bool:
    return schedule is None or _opening(company, schedule, now).open


def _opening(company: Company, schedule: str, now: datetime) -> Opening:
    found = company.schedules[schedule]
    return opening(found, found.local(now, company.timezone))
