"""Ringing: an employee, or the members of a group by its distribution, and waiting until one is free."""

from __future__ import annotations

from dataclasses import replace

from config.company import Extended
from config.people import Group
from flows.calls import DialEnded, Event, Keys
from flows.forwarding import shown_number
from flows.live import PATIENCE, Candidate, Note, Offer, SomebodyFree, Waits
from flows.messages import take_message
from flows.places import AtEmployee, AtGroup, OnHold, Place, Stage
from flows.steps import Ask, Go, HangUp, Heard, Leg, Music, Phrase, Ring, Say, Step
from flows.way import Aim, Way

LONGEST_MUSIC = 900
"""Seconds for which music of the company's own may play before its caller counts as gone."""

MOST_GROUPS = 40
"""Groups that one call comes to at most, which are far more than anybody waits for: a place names them all in its
address, of which gunicorn reads 4,094 bytes, and one decision may pass through all of them."""

EMPLOYEE_RING_SECONDS = 20
"""How long an employee called by extension or as the responsible rings; groups have `ring_seconds` of their own."""


def ring_extension(way: Way, found: Extended, then: Stage) -> None:
    """Ring whomever an extension belongs to."""
    if found.kind == "group":
        ring_group(way, found.key, then)
    else:
        ring_employee(way, found.key, f"numbers.{way.number_key}.extensions.no_answer", then)


def ring_employee(way: Way, key: str, rule: str, then: Stage) -> None:
    """Ring an employee who is at work and free; else follow the rule at once (`rule` is its address)."""
    employee = way.company.employees[key]
    devices = way.desk.devices(employee)
    opening = way.opening(employee.schedule)
    if not opening.open:
        way.note("employee_off", employee=key, why=opening.why)
    elif not devices:
        way.note("no_device", employee=key)
    else:
        ring = Ring(
            legs=tuple(Leg(device=device, employee=key) for device in devices),
            seconds=EMPLOYEE_RING_SECONDS,
            caller_id=shown_number(way, devices),
            place=way.next(AtEmployee, then, employee=key, rule=rule),
            record=way.number.record,
        )
        candidate = Candidate(employee=key, devices=len(devices))
        need = SomebodyFree(candidates=(candidate,), distribution="in_order", seconds=EMPLOYEE_RING_SECONDS)
        way.offer(
            lambda _: (ring,),
            need=need,
            taken={"code": "rings"},
            missed={"code": "not_free", "employee": key},
        )
    _employee_rule(way, key, rule, then)


def _employee_rule(way: Way, key: str, rule: str, then: Stage) -> None:
    destination = way.company.destinations[rule]
    owner = Extended("employee", key)
    way.follow(Aim(destination=destination, address=rule, then=then, owner=owner, last=key))


def at_employee(way: Way, place: AtEmployee, event: Event) -> None:
    """An employee's devices have rung: answered, the call ends; else his rule is followed."""
    way.frees = True
    if _answered(way, event):
        return
    way.note("no_answer", employees=[place.employee], why=_status(event))
    _employee_rule(way, place.employee, place.rule, place.then)


def _answered(way: Way, event: Event) -> bool:
    if not (isinstance(event, DialEnded) and event.answered):
        return False
    way.note_answered(event)
    way.end(HangUp())
    return True


def _status(event: Event) -> str:
    return event.status if isinstance(event, DialEnded) else ""


def ring_group(way: Way, key: str, then: Stage) -> None:
    """Ring the members of a group, each group once per call, and no more than MOST_GROUPS.

    A group has a `no_answer` of its own; where even that cannot take the call, only the last stages are left.
    """
    later: Stage = "end" if then == "end" else "otherwise"
    if key in way.groups or len(way.groups) >= MOST_GROUPS:
        way.note("group_again" if key in way.groups else "too_many_groups", group=key)
        way.go_on(later)
        return
    way.groups = (*way.groups, key)
    way.note("group", group=key)
    _offer_members(way, AtGroup(group=key, then=later))
    _nobody(way, key, later, rang=0)


def _offer_members(way: Way, place: AtGroup) -> None:
    """Add the option of ringing whoever of a group is free and has not been offered this call in this pass."""
    group = way.company.groups[place.group]
    candidates, off = _at_work(way, place.group, place.tried)
    if off:
        way.note("members_off", employees=off[:10])
    if not candidates:
        way.note("all_tried" if place.tried else "nobody_there", group=place.group)
        return
    need = SomebodyFree(
        candidates=candidates,
        distribution=group.distribution,
        seconds=group.ring_seconds,
        queue=place.group if group.no_answer == "hold" else "",
        patience=patience(group),
    )
    missed: Note = {"code": "nobody_free", "group": place.group}
    # Made now: by the time the offer is known, the ladder may have gone on to another group.
    after: AtGroup = way.next(AtGroup, place.then, group=place.group, tried=place.tried, since=place.since)  # type: ignore[assignment]
    way.offer(lambda offer: (_ring_members(way, after, offer),), need=need, taken={"code": "rings"}, missed=missed)


def _at_work(way: Way, group: str, tried: int) -> tuple[tuple[Candidate, ...], list[str]]:
    candidates: list[Candidate] = []
    off: list[str] = []
    for bit, candidate, schedule in way.desk.members(group):
        if tried >> bit & 1:
            continue
        if way.opening(schedule).open:
            candidates.append(candidate)
        else:
            off.append(candidate.employee)
    return tuple(candidates), off


def _ring_members(way: Way, after: AtGroup, offer: Offer) -> Ring:
    group = way.company.groups[after.group]
    rang = sum(1 << group.members.index(key) for key in offer.who)
    legs = tuple(Leg(device=d, employee=key) for key in offer.who for d in way.desk.devices(way.company.employees[key]))
    return Ring(
        legs=legs,
        seconds=group.ring_seconds,
        caller_id=shown_number(way, tuple(leg.device for leg in legs)),
        place=replace(after, tried=after.tried | rang, rang=rang),
        record=way.number.record,
    )


def _nobody(way: Way, key: str, then: Stage, rang: int) -> None:
    """Nobody of a group took the call: its `no_answer`."""
    group = way.company.groups[key]
    last = _last_rung(way, group, rang) if group.no_answer == "forward_to_mobile" else ""
    address = f"groups.{key}.no_answer"
    owner = Extended("group", key)
    way.follow(Aim(destination=group.no_answer, address=address, then=then, owner=owner, last=last))


def _last_rung(way: Way, group: Group, rang: int) -> str:
    """The member rung last; when nobody was free to ring, the last in the list who has a mobile."""
    if rang:
        return group.members[rang.bit_length() - 1]
    return next((m for m in reversed(group.members) if way.company.employees[m].mobile), "")


def at_group(way: Way, place: AtGroup, event: Event) -> None:
    """Members have rung: answered, the call ends; else the next ones ring, or the caller goes on waiting."""
    way.frees = True
    if _answered(way, event):
        return
    members = way.company.groups[place.group].members
    rung = [key for index, key in enumerate(members) if place.rang >> index & 1]
    way.note("no_answer", employees=rung[:10], why=_status(event))
    if place.since:
        _still_waiting(way, OnHold(group=place.group, since=place.since, then=place.then), place.tried)
    else:
        _offer_members(way, place)
        _nobody(way, place.group, place.then, place.rang)


def hold(way: Way, group: str, then: Stage) -> None:
    """Let the caller wait for a group, first come first served; not when nobody of it is at work."""
    if not _anybody_at_work(way, group):
        _after_hold(way, group, then)
        return
    way.note("hold", group=group)
    _wait(way, OnHold(group=group, since=int(way.now.timestamp()), then=then))


def on_hold(way: Way, place: OnHold, event: Event) -> None:
    """The music has played once, or a member has become free, or the caller pressed a key."""
    rules = way.company.groups[place.group].hold
    if isinstance(event, Keys) and rules.message_key and event.digits == rules.message_key:
        way.note("message_key", group=place.group)
        take_message(way, f"group:{place.group}")
        return
    _still_waiting(way, place, tried=0)


def _still_waiting(way: Way, place: OnHold, tried: int) -> None:
    """Ring whoever is free and has not been offered this call in this pass; else more music, until time is up."""
    rules = way.company.groups[place.group].hold
    if _waited_seconds(way, place) >= rules.max_minutes * 60:
        way.note("hold_over", group=place.group, minutes=rules.max_minutes)
        _after_hold(way, place.group, place.then)
    elif not _anybody_at_work(way, place.group):
        _after_hold(way, place.group, place.then)
    else:
        _offer_members(way, AtGroup(group=place.group, tried=tried, since=place.since, then=place.then))
        _wait(way, OnHold(group=place.group, since=place.since, then=place.then, told=place.told))


def _anybody_at_work(way: Way, key: str) -> bool:
    candidates, _ = _at_work(way, key, tried=0)
    if not candidates:
        way.note("nobody_at_work", group=key)
    return bool(candidates)


def _after_hold(way: Way, key: str, then: Stage) -> None:
    then_what, address = way.company.groups[key].hold.then, f"groups.{key}.hold.then"
    way.follow(Aim(destination=then_what, address=address, then=then, owner=Extended("group", key)))


def patience(group: Group) -> int:
    """Seconds for which a caller on hold may be silent: our loop and what is said before it, or music of any length."""
    return PATIENCE if group.hold.music is None else LONGEST_MUSIC


def _waited_seconds(way: Way, place: OnHold) -> int:
    return int(way.now.timestamp()) - place.since


def _wait(way: Way, place: OnHold) -> None:
    """Play music once more; everybody may be offered the call again after it (a new pass)."""
    after: OnHold = way.next(OnHold, place.then, group=place.group, since=place.since, told=place.told)  # type: ignore[assignment]
    need = Waits(queue=place.group, patience=patience(way.company.groups[place.group]), place=after)
    way.offer(lambda offer: _music(way, place, offer.position), need=need)


def _music(way: Way, place: OnHold, position: int) -> tuple[Step, ...]:
    rules = way.company.groups[place.group].hold
    heard: list[Heard] = []
    if position and position != place.told:
        heard.append(Phrase("hold_position", {"position": position}))
    elif not place.told:
        heard.append(Phrase("hold"))
    if rules.message_key and not place.told:
        heard.append(Phrase("hold_message_key", {"key": rules.message_key}))
    heard.append(Music(rules.music))
    after: Place = way.next(OnHold, place.then, group=place.group, since=place.since, told=position or place.told or -1)
    if rules.message_key:
        return Ask(heard=tuple(heard), digits=1, wait=1, place=after), Go(after)
    return (*(Say(part) for part in heard), Go(after))
