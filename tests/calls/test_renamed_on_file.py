"""Whoever gets another key in the settings keeps his calls and messages, those that are up too (DESIGN section 6)."""

from __future__ import annotations

from redis import Redis
from sqlalchemy import select

from calls.tables import recordings
from config.editing import Document
from simulator import Caller
from tests.calls.companies import MAIN, acme, sales
from tests.calls.on_file import on_file, settle
from tests.calls.publishing import OpenPublished, open_published, publishes, renamed
from tests.providers import needs

__all__ = ["open_published"]

NEW = ("ana", "ana-ruiz")


# "A call's row is written when it ends": of whoever that is by the settings of then.
def test_a_call_that_is_up_is_filed_under_the_new_key(open_published: OpenPublished, redis: Redis) -> None:
    document = acme(groups=sales(members=["ana"]))
    house = open_published(document)
    caller = Caller(house.exchange).dials(MAIN).answers("ana")
    publishes(house, renamed(document, NEW))
    publishes(house, renamed(document, ("ana", "boss")))
    caller.talks_to("ana").other_side_hangs_up().ended()
    found = on_file(house, caller, redis)
    assert (found.employee, found.answered_by, found.outcome) == ("boss", "boss", "answered")


# A call goes to its end by the settings with which it began, and so does its trace.
def test_a_call_is_of_who_had_the_key_when_it_began(open_published: OpenPublished, redis: Redis) -> None:
    document = acme(groups=sales(members=["ana"]))
    house = open_published(document)
    caller = Caller(house.exchange).dials(MAIN).answers("ana")
    text = renamed(document, NEW)
    publishes(house, text)
    other = Document.read(text)
    other.put(("employees", "ana"), {"name": "Otra", "devices": ["client:otra"]})
    publishes(house, other.text)
    caller.talks_to("ana").other_side_hangs_up().ended()
    assert on_file(house, caller, redis).employee == "ana-ruiz"


@needs("sound")
def test_calls_on_file_and_messages_follow(open_published: OpenPublished, redis: Redis) -> None:
    document = acme(groups=sales(members=["ana"], no_answer={"voicemail": "ana"}))
    house = open_published(document)
    answered, message = Caller(house.exchange), Caller(house.exchange, "+34600000301")
    answered.dials(MAIN).answers("ana").talks_to("ana").hangs_up()
    message.dials(MAIN).nobody_answers().leaves_message(7).hangs_up()
    settle(house, redis)
    publishes(house, renamed(document, NEW))
    told, left = on_file(house, answered, redis), on_file(house, message, redis)
    assert (told.employee, told.answered_by) == ("ana-ruiz", "ana-ruiz")
    assert (left.employee, left.mailbox) == ("ana-ruiz", "employee:ana-ruiz")
    with house.engine.connect() as connection:
        assert connection.scalars(select(recordings.c.mailbox)).all() == ["employee:ana-ruiz"]


def test_a_message_that_is_left_after_the_renaming_is_in_the_new_mailbox(
    open_published: OpenPublished, redis: Redis
) -> None:
    document = acme(groups=sales(members=["ana"], no_answer="voicemail"))
    house = open_published(document)
    caller = Caller(house.exchange).dials(MAIN).rings("ana")
    publishes(house, renamed(document, ("sales", "ventas"), section="groups"))
    caller.nobody_answers().leaves_message(7).hangs_up()
    assert on_file(house, caller, redis).mailbox == "group:ventas"
