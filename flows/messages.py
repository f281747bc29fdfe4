"""Voicemail: a beep, a message, a mailbox."""

from __future__ import annotations

from flows.calls import Event, MessageLeft
from flows.places import AtMessage
from flows.steps import HangUp, Phrase, Say, TakeMessage
from flows.way import Way

LONGEST_MESSAGE = 120
"""Seconds (DESIGN section 3)."""


def take_message(way: Way, mailbox: str) -> None:
    """Take a message for a mailbox such as group:sales; "" is the number's group, else the number itself."""
    box = mailbox or own_mailbox(way)
    way.note("voicemail", mailbox=box)
    place = way.next(AtMessage, "end", mailbox=box)
    record = TakeMessage(seconds=LONGEST_MESSAGE, place=place)
    way.end(Say(Phrase("leave_message")), record, Say(Phrase("goodbye")), HangUp())


def own_mailbox(way: Way) -> str:
    """Name the mailbox of the number called."""
    return f"group:{way.number.group}" if way.number.group else f"number:{way.number_key}"


def at_message(way: Way, place: AtMessage, event: Event) -> None:
    """Thank for a message; silence leaves none."""
    left = isinstance(event, MessageLeft) and event.seconds > 0
    if isinstance(event, MessageLeft) and left:
        where = {"sid": event.recording, "url": event.url} if event.url else {}
        way.note("message_left", mailbox=place.mailbox, seconds=event.seconds, **where)
    else:
        way.note("no_message", mailbox=place.mailbox)
    way.end(Say(Phrase("message_saved" if left else "goodbye")), HangUp())
