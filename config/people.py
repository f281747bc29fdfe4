"""Employees and the groups that they form."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from config.destinations import GroupNoAnswer, Terminal
from config.record import SHOWN, Name, Record
from config.telephone import PhoneNumber, international

Extension = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,4}$")]
Distribution = Literal["evenly", "in_order", "everybody"]
MOST_MEMBERS = 1000
MOST_CRM_USER = 2**53 - 1
"""What every JSON reader takes for a whole number."""
MOST_DEVICES = 10
"""Nouns that one <Dial> may ring at once (reference/twiml.md 2.3)."""


def _device(text: str) -> str:
    kind, _, rest = text.partition(":")
    if kind in {"client", "sip", "sips"} and rest and not any(c.isspace() or c in '<>"' for c in rest):
        return text
    if text.startswith("+"):
        return international(text)
    raise PydanticCustomError("device", "a device is client:NAME, sip:USER@DOMAIN or a number in international format")


def _once(members: tuple[str, ...]) -> tuple[str, ...]:
    """Keep each member at the first place where the list has him; advice.odd_groups warns of the others."""
    return tuple(dict.fromkeys(members))


NO_USER = (0, "0")
"""Once taken for a user's number: documents that were published with it go on, and advice.odd_people warns of it."""


def _user(number: object) -> object:
    return None if number in NO_USER else number


Device = Annotated[
    str,
    StringConstraints(max_length=254),
    AfterValidator(_device),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*(client:|sips?:|\+)\S",
            "maxLength": 254,
            "examples": ["client:ana", "+34910000001"],
        }
    ),
]


class Employee(Record):
    """A person who answers."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), SHOWN] = Field(description="as pages show it")
    extension: Extension | None = Field(default=None, description="what a caller types to reach this employee")
    devices: tuple[Device, ...] = Field(
        default=(), max_length=MOST_DEVICES, description="what rings, all together: browser, SIP telephone, desk number"
    )
    mobile: PhoneNumber | None = Field(default=None, description="where calls are forwarded to, as outgoing calls")
    department: Annotated[str, StringConstraints(max_length=100), SHOWN] | None = Field(
        default=None, description="whose head sees this employee's calls: any name that colleagues share"
    )
    crm_user: Annotated[int | None, Field(ge=1, le=MOST_CRM_USER), BeforeValidator(_user)] = Field(
        default=None, description="the number of the user in the CRM"
    )
    schedule: Name | None = Field(default=None, description="when the employee is rung; without it whenever calls come")


class Hold(Record):
    """How callers wait for a group; `max_minutes` bounds the wait, `then` follows it."""

    max_minutes: int = Field(default=10, ge=1, le=120, description="the longest wait")
    message_key: Annotated[str, StringConstraints(pattern=r"^[0-9*]$")] | None = Field(
        default=None, description="the key with which a caller leaves a message instead"
    )
    then: Terminal = Field(default="voicemail", description="where the call goes after the longest wait")
    music: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=1000)] | None = Field(
        default=None, description="an https address that the provider plays; without it the music that ships"
    )


class Group(Record):
    """Employees who share calls, and what follows when nobody answers."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), SHOWN] = Field(description="as pages show it")
    extension: Extension | None = Field(default=None, description="what a caller types to reach the group")
    members: Annotated[tuple[Name, ...], AfterValidator(_once)] = Field(
        default=(), max_length=MOST_MEMBERS, description="the employees in it; with none calls go to no_answer at once"
    )
    distribution: Distribution = Field(
        default="evenly", description="the longest idle first, in the order of the list, or all together"
    )
    ring_seconds: int = Field(default=20, ge=5, le=120, description="how long each member is rung")
    no_answer: GroupNoAnswer = Field(description="what follows when nobody answers, or nobody is free")
    hold: Hold = Field(default=Hold(), description="how callers wait, with `no_answer: hold`")
