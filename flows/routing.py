"""The route: stages in their order, and destinations, each a function in a table."""

from __future__ import annotations

from config.destinations import Forward, ForwardToMobile, ToEmployee, ToGroup, ToMenu, ToVoicemail
from flows import forwarding, listening, messages, ringing
from flows.live import Blocked
from flows.steps import Decline, HangUp, Phrase, Say
from flows.way import Aim, Routes, Way

# Stages: each returns whether it took the call.


def blocked(way: Way) -> bool:
    """Decline callers on the block list: the settings' own, or the one that people and the app keep."""
    caller = way.call.caller
    if caller is None:
        return False
    if caller in way.company.blocked_callers:
        way.note("blocked", caller=caller)
        way.end(Decline("rejected"))
        return True
    way.offer(lambda _: (Decline("rejected"),), need=Blocked(), taken={"code": "blocked", "caller": caller})
    return False


def hours(way: Way) -> bool:
    """Send calls out of hours to the number's `closed`; nothing below may take them (DESIGN section 3)."""
    opening = way.opening(way.number.schedule)
    if way.number.schedule is None:
        return False
    way.note("open" if opening.open else "closed", schedule=way.number.schedule, why=opening.why)
    if opening.open:
        return False
    if way.number.closed == "hang_up":
        way.note("declined")
        way.end(Decline("busy"))
    else:
        address = f"numbers.{way.number_key}.closed"
        way.follow(Aim(destination=way.number.closed, address=address, then="otherwise"))
    return True


def sip_extension(way: Way) -> bool:
    """Ring the extension that is the user part of the SIP address called."""
    if not way.number.sip_extension:
        return False
    user = way.call.called.partition(":")[2].partition("@")[0]
    found = way.company.extensions.get(user)
    if found is None:
        return False
    way.note("sip_extension", extension=user)
    ringing.ring_extension(way, found, then="greeting")
    return True


def greeting(way: Way) -> bool:
    """Greet, and take an extension meanwhile."""
    if way.number.greeting is None:
        return False
    listening.greet(way, way.number.greeting)
    return True


def menu(way: Way) -> bool:
    """Play the number's menu."""
    if way.number.menu is None:
        return False
    listening.play_menu(way, way.number.menu, then="responsible")
    return True


def responsible(way: Way) -> bool:
    """Ring the employee whom the CRM names for the caller."""
    if way.number.responsible is None or way.call.caller is None:
        return False
    way.responsible = key = way.desk.callers.responsible(way.call.caller)
    if key is None or key not in way.company.employees:
        way.note("unknown_caller")
        return False
    way.note("responsible", employee=key)
    ringing.ring_employee(way, key, f"numbers.{way.number_key}.responsible.no_answer", then="group")
    return True


def group(way: Way) -> bool:
    """Ring the number's group."""
    if way.number.group is None:
        return False
    ringing.ring_group(way, way.number.group, then="otherwise")
    return True


def otherwise(way: Way) -> bool:
    """Nothing took the call: the number's `otherwise`."""
    way.note("otherwise")
    if way.number.otherwise == "hang_up":
        return False
    way.follow(Aim(destination=way.number.otherwise, address=f"numbers.{way.number_key}.otherwise", then="end"))
    return True


def end(way: Way) -> bool:
    """Apologise and end; no route ends in silence."""
    way.note("apology")
    way.end(Say(Phrase("nobody_available")), HangUp())
    return True


# Destinations.


def _continue(way: Way, aim: Aim) -> None:
    way.go_on(aim.then)


def _hang_up(way: Way, _: Aim) -> None:
    way.note("goodbye")
    way.end(Say(Phrase("goodbye")), HangUp())


def _voicemail(way: Way, aim: Aim) -> None:
    if isinstance(aim.destination, ToVoicemail):
        key = aim.destination.voicemail
        mailbox = f"{'group' if key in way.company.groups else 'employee'}:{key}"
    else:
        mailbox = aim.mailbox
    messages.take_message(way, mailbox)


def _employee(way: Way, aim: Aim) -> None:
    assert isinstance(aim.destination, ToEmployee)
    ringing.ring_employee(way, aim.destination.employee, aim.address + ".no_answer", aim.then)


def _group(way: Way, aim: Aim) -> None:
    assert isinstance(aim.destination, ToGroup)
    ringing.ring_group(way, aim.destination.group, aim.then)


def _menu(way: Way, aim: Aim) -> None:
    assert isinstance(aim.destination, ToMenu)
    listening.play_menu(way, aim.destination.menu, aim.then)


def _forward(way: Way, aim: Aim) -> None:
    assert isinstance(aim.destination, Forward)
    forwarding.forward_outside(way, aim.destination, aim.mailbox)


def _forward_to_mobile(way: Way, aim: Aim) -> None:
    named = aim.destination if isinstance(aim.destination, ForwardToMobile) else None
    employee = named.forward_to_mobile if named else aim.last
    if not forwarding.forward_to_mobile(way, employee, named.accept if named else None, aim.mailbox):
        way.go_on(aim.then)


def _ask_extension(way: Way, aim: Aim) -> None:
    listening.ask_extension(way, aim.then)


def _hold(way: Way, aim: Aim) -> None:
    assert aim.owner is not None
    ringing.hold(way, aim.owner.key, aim.then)


ROUTES = Routes(
    stages={
        "blocked": blocked,
        "hours": hours,
        "sip_extension": sip_extension,
        "greeting": greeting,
        "menu": menu,
        "responsible": responsible,
        "group": group,
        "otherwise": otherwise,
        "end": end,
    },
    destinations={
        "continue": _continue,
        "hang_up": _hang_up,
        "voicemail": _voicemail,
        "employee": _employee,
        "group": _group,
        "menu": _menu,
        "forward": _forward,
        "forward_to_mobile": _forward_to_mobile,
        "ask_extension": _ask_extension,
        "hold": _hold,
    },
)
"""The order of the stages, and what each destination does.

`repeat` and `back` are missing: only a menu knows what they mean (flows.listening)."""
