"""Destinations: where a call may be sent next (DESIGN section 4)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from config.record import Name, Record
from config.telephone import PhoneNumber

Accept = Literal["press_1", "none"]

TAG = "→"
WORD = TAG + "word"
"""Marks the parts of a validation path that name a form of destination, not a key of the file."""


class Forward(Record):
    """Dial an outside number; `accept` overrides forwarding.accept.outside."""

    forward: PhoneNumber = Field(description="a number in one of forwarding.countries; never premium, never our own")
    accept: Accept | None = Field(default=None, description="whether whoever picks up must press 1")


class ForwardToMobile(Record):
    """Dial an employee's mobile; `accept` overrides forwarding.accept.mobiles."""

    forward_to_mobile: Name = Field(description="the employee")
    accept: Accept | None = Field(default=None, description="whether whoever picks up must press 1")


class ToVoicemail(Record):
    """Take a message for a group or an employee."""

    voicemail: Name = Field(description="the group or employee who gets it")


class ToGroup(Record):
    """Ring a group."""

    group: Name = Field(description="the group; each is rung once per call")


class ToMenu(Record):
    """Play a menu."""

    menu: Name = Field(description="the menu")


class ToEmployee(Record):
    """Ring an employee, and what follows when nobody answers."""

    employee: Name = Field(description="the employee")
    no_answer: EmployeeNoAnswer = Field(default="continue", description="what follows when nobody answers")


Mapping = Forward | ForwardToMobile | ToVoicemail | ToGroup | ToMenu | ToEmployee
FORMS: dict[str, type[Record]] = {
    "forward": Forward,
    "forward_to_mobile": ForwardToMobile,
    "voicemail": ToVoicemail,
    "group": ToGroup,
    "menu": ToMenu,
    "employee": ToEmployee,
}


def form(destination: object) -> str:
    """Name the form of a destination: its word, or the key that makes the mapping what it is."""
    if isinstance(destination, str):
        return destination
    keys = destination if isinstance(destination, dict) else type(destination).model_fields  # type: ignore[attr-defined]
    return next((key for key in FORMS if key in keys), "")


def _tag(value: object) -> str | None:
    if isinstance(value, str):
        return WORD
    if isinstance(value, (dict, Record)):
        return TAG + form(value) if form(value) else None
    return None


def _choice(message: str) -> Any:
    return Discriminator(
        _tag,
        custom_error_type="destination",
        custom_error_message=f"not a destination that may stand here; use one of: {message}",
    )


_forward = Annotated[Forward, Tag(TAG + "forward")]
_mobile = Annotated[ForwardToMobile, Tag(TAG + "forward_to_mobile")]
_voicemail = Annotated[ToVoicemail, Tag(TAG + "voicemail")]
_group = Annotated[ToGroup, Tag(TAG + "group")]
_menu = Annotated[ToMenu, Tag(TAG + "menu")]
_employee = Annotated[ToEmployee, Tag(TAG + "employee")]

_MAPPINGS = "{forward: …}, {forward_to_mobile: …}, {voicemail: …}, {group: …}, {menu: …}, {employee: …}"

# No default anywhere leads nowhere: `continue` always finds the number's `otherwise`.
Terminal = Annotated[
    Annotated[Literal["hang_up", "voicemail"], Tag(WORD)]
    | _forward
    | _mobile
    | _voicemail
    | _group
    | _menu
    | _employee,
    _choice(f"hang_up, voicemail, {_MAPPINGS}"),
]
"""closed, otherwise, hold.then: the end of a road, so neither `continue` nor menu words."""

EmployeeNoAnswer = Annotated[
    Annotated[Literal["continue", "forward_to_mobile", "voicemail", "hang_up"], Tag(WORD)]
    | _forward
    | _mobile
    | _voicemail
    | _group
    | _menu,
    _choice("continue, forward_to_mobile, voicemail, hang_up, {forward: …}, {group: …}, {voicemail: …}, {menu: …}"),
]

GroupNoAnswer = Annotated[
    Annotated[Literal["forward_to_mobile", "voicemail", "hold", "hang_up"], Tag(WORD)]
    | _forward
    | _mobile
    | _voicemail
    | _group,
    _choice("{forward: …}, forward_to_mobile, {forward_to_mobile: …}, voicemail, hold, {group: …}, hang_up"),
]

Choice = Annotated[
    Annotated[Literal["continue", "hang_up", "voicemail", "ask_extension", "repeat", "back"], Tag(WORD)]
    | _forward | _mobile | _voicemail | _group | _menu | _employee,
    _choice(f"continue, hang_up, voicemail, ask_extension, repeat, back, {_MAPPINGS}"),
]  # fmt: skip
"""What a key of a menu does."""

NoChoice = Annotated[
    Annotated[Literal["continue", "hang_up", "voicemail", "back"], Tag(WORD)]
    | _forward | _mobile | _voicemail | _group | _menu | _employee,
    _choice(f"continue, hang_up, voicemail, back, {_MAPPINGS}"),
]  # fmt: skip
"""What a menu does when nothing useful is pressed: not `repeat`, which would never end."""

ToEmployee.model_rebuild()

Destination = str | Mapping
