"""Employees and the groups that they form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from config.destinations import GroupNoAnswer, Terminal
from config.record import Name, Record
from config.telephone import PhoneNumber, international

Extension = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}$")]
Distribution = Literal["evenly", "in_order", "everybody"]
MOST_MEMBERS = 1000
MOST_DEVICES = 10
"""Nouns that one <Dial> may ring at once (reference/twiml.md 2.3)."""


def _device(text: str) -> str:
    kind, _, rest = text.partition(":")
    if kind in {"client", "sip", "sips"} and rest and not any(c.isspace() or c in '<>"' for c in rest):
        return text
    if text.startswith("+"):
        return international(text)
    raise PydanticCustomError("device", "a device is client:NAME, sip:USER@DOMAIN or a number in international format")


Device = Annotated[
    str,
    AfterValidator(_device),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\s*(client:|sips?:|\+)\S", "examples": ["client:ana", "+34910000001"]}
    ),
]


class Employee(Record):
    """A person who answers."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    extension: Extension | None = None
    devices: tuple[Device, ...] = Field(default=(), max_length=MOST_DEVICES)
    mobile: PhoneNumber | None = None
    department: str | None = None
    crm_user: int | None = None
    schedule: Name | None = None


class Hold(Record):
    """How callers wait for a group; `max_minutes` bounds the wait, `then` follows it."""

    max_minutes: int = Field(default=10, ge=1, le=120)
    message_key: Annotated[str, StringConstraints(pattern=r"^[0-9*]$")] | None = None
    then: Terminal = "voicemail"
    music: Annotated[str, StringConstraints(pattern=r"^https://\S+$")] | None = None


class Group(Record):
    """Employees who share calls, and what follows when nobody answers."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    extension: Extension | None = None
    members: tuple[Name, ...] = Field(default=(), max_length=MOST_MEMBERS)
    distribution: Distribution = "evenly"
    ring_seconds: int = Field(default=20, ge=5, le=120)
    no_answer: GroupNoAnswer
    hold: Hold = Hold()
