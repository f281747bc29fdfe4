"""Forwards: the last stage of a route. Charged as an outgoing call, final, and never silent."""

from __future__ import annotations

from config.destinations import Accept, Forward
from flows.calls import DialEnded, Event, Keys
from flows.live import MayDial, PickedUp
from flows.messages import take_message
from flows.places import AtForward, AtScreen
from flows.steps import Ask, HangUp, Leg, Nothing, Phrase, Ring, Say, Step
from flows.way import Way, noun_of

SCREEN_WAIT = 8
"""Seconds that somebody who picked up has to press 1 after the question."""


def forward_outside(way: Way, forward: Forward, mailbox: str) -> None:
    """Dial an outside number."""
    screened = _screened(way, forward.accept or way.company.forwarding.accept.outside)
    way.note("forward", number=forward.forward, screened=screened)
    _dial(way, Leg(device=forward.forward), screened, mailbox)


def forward_to_mobile(way: Way, employee: str, accept: Accept | None, mailbox: str) -> bool:
    """Dial an employee's mobile; return False when there is none, which the settings check warns of."""
    mobile = way.company.employees[employee].mobile if employee else None
    if mobile is None:
        way.note("no_mobile", employee=employee)
        return False
    screened = _screened(way, accept or way.company.forwarding.accept.mobiles)
    way.note("forward_to_mobile", employee=employee, number=mobile, screened=screened)
    _dial(way, Leg(device=mobile, employee=employee), screened, mailbox)
    return True


def _screened(way: Way, accept: Accept) -> bool:
    return accept == "press_1" and way.desk.screens


def _dial(way: Way, leg: Leg, screened: bool, mailbox: str) -> None:
    if _licence_ended(way):
        way.note("not_paid", status=402, why="sip_connector")
        unanswered(way, mailbox)
        return
    rules = way.company.forwarding
    place = way.next(AtForward, "end", mailbox=mailbox, employee=leg.employee, screened=int(screened))
    screen = AtScreen(step=way.place.step + 1, employee=leg.employee) if screened else None
    ring = Ring(
        legs=(leg,),
        seconds=rules.ring_seconds,
        caller_id=shown_number(way, (leg.device,)),
        place=place,
        record=way.number.record,
        screen=screen,
        last=True,
    )
    minimum = rules.minimum_balance if way.number.kind == "rented" else None
    need = MayDial(minimum_balance=minimum, employee=leg.employee, seconds=rules.ring_seconds)
    way.offer(lambda _: (ring,), need=need, missed={"code": "not_paid", "why": "balance", "status": 402})
    if minimum is not None:
        unanswered(way, mailbox)


def _licence_ended(way: Way) -> bool:
    connector = way.company.sip_connector
    if way.number.kind != "sip" or connector is None:
        return False
    return connector.paid_until < way.today


def shown_number(way: Way, devices: tuple[str, ...]) -> str:
    """Choose the caller ID that a leg shows (DESIGN section 3).

    A telephone is dialled through the provider, who allows the caller's own number only where the settings pass it
    and he called from a telephone himself (twiml.md 2.3); browsers and SIP phones always show who calls.
    """
    company_number = way.number.outgoing_number or way.number_key
    by_telephone = any(noun_of(device) == "number" for device in devices)
    may_pass = way.number.pass_caller_id and not way.call.over_sip
    if way.call.caller is None or (by_telephone and not may_pass):
        return company_number
    return way.call.caller


def at_forward(way: Way, place: AtForward, event: Event) -> None:
    """A forward is over: answered, the call ends; unanswered, it never goes back to a queue (DESIGN section 3)."""
    way.frees = True
    if isinstance(event, DialEnded) and event.answered:
        if not (place.screened and event.bridged is None):
            way.note_answered(event)
            way.end(HangUp())
            return
        way.offer(lambda _: (HangUp(),), need=PickedUp(), taken={"code": "answered"})
    way.note("forward_unanswered", why=event.status if isinstance(event, DialEnded) else "")
    unanswered(way, place.mailbox)


def unanswered(way: Way, mailbox: str) -> None:
    """Tell the caller that the forward reached nobody; take a message where the settings say so."""
    if way.company.forwarding.unanswered == "voicemail":
        take_message(way, mailbox)
    else:
        way.note("apology")
        way.end(Say(Phrase("nobody_available")), HangUp())


def at_screen(way: Way, place: AtScreen, event: Event) -> None:
    """Ask whoever picked up to press 1; without the key the leg ends, so that a mailbox is no answer."""
    if isinstance(event, Keys) and event.digits == "1":
        way.note("accepted", employee=place.employee)
        way.accepts = True
        way.end(Nothing())
    elif place.asked:
        way.note("not_accepted", employee=place.employee)
        way.end(HangUp())
    else:
        again = AtScreen(step=place.step, employee=place.employee, asked=1)
        question: tuple[Step, ...] = (
            Ask(heard=(Phrase("press_1"),), digits=1, wait=SCREEN_WAIT, place=again),
            HangUp(),
        )
        way.note("screening", employee=place.employee)
        way.end(*question)
