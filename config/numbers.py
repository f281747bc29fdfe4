"""The lines that customers call, and the stages of their routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from config.destinations import EmployeeNoAnswer, Terminal
from config.menus import Prompt
from config.record import SHOWN, Name, Record
from config.telephone import PhoneNumber

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
Voice = Annotated[str, StringConstraints(max_length=100)]
"""Bounded, as all that is written into a document, which must stay under 64 kB (DESIGN section 5)."""


_THEN = "the next stage, the employee's mobile, a message, or another destination"


class Extensions(Record):
    """What follows when an employee whose extension was typed does not answer."""

    no_answer: EmployeeNoAnswer = Field(default="continue", description=_THEN)


class Responsible(Record):
    """What follows when the employee whom the CRM names does not answer."""

    no_answer: EmployeeNoAnswer = Field(default="continue", description=_THEN)


class NumberCrm(Record):
    """How calls to a number are filed."""

    create_lead: bool = Field(
        default=False, description="an unknown caller who reached an employee becomes a lead in the CRM"
    )


def _on_and_off(schema: dict[str, Any]) -> None:
    schema["anyOf"].append({"type": "boolean"})


class Number(Record):
    """A line and its route; a stage that is missing is switched off."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100), SHOWN] = Field(
        description="how pages name it"
    )
    kind: Literal["rented", "sip"] = Field(
        default="rented", description="rented from the provider, or a PBX or trunk that reaches us over SIP"
    )
    language: Language | None = Field(default=None, description="of its prompts; without it the company's")
    voice: Voice | None = Field(default=None, description="of its prompts; without it the company's")
    greeting: Prompt | None = Field(
        default=None, description="what is heard first; an extension may be typed meanwhile. Without it no extensions"
    )
    extensions: Extensions = Field(default=Extensions(), description="rules for extensions that are typed")
    sip_extension: bool = Field(
        default=False, description="the user part of the SIP address that was called may be an extension; sip only"
    )
    menu: Name | None = Field(default=None, description="the voice menu that is played")
    responsible: Responsible | None = Field(
        default=None,
        json_schema_extra=_on_and_off,
        description="ring a known caller's own employee first; `true` for the rules' defaults",
    )
    group: Name | None = Field(default=None, description="the group that is rung")
    schedule: Name | None = Field(default=None, description="when the number is open; without it always")
    closed: Terminal = Field(
        default="hang_up", description="where calls go out of hours; hang_up declines them, which costs nothing"
    )
    otherwise: Terminal = Field(
        default="hang_up", description="where a call goes that nothing else has taken; hang_up apologises first"
    )
    record: bool = Field(default=False, description="record from the moment somebody answers")
    record_notice: bool = Field(default=False, description="say first that the call may be recorded")
    pass_caller_id: bool = Field(default=False, description="a forward shows the customer's number; rented only")
    outgoing_number: PhoneNumber | None = Field(
        default=None, description="what forwards of a sip number show; sip numbers need it"
    )
    crm: NumberCrm = Field(default=NumberCrm(), description="how its calls are filed")

    @field_validator("responsible", mode="before")
    @classmethod
    def _words_for_on_and_off(cls, value: object) -> object:
        return {True: {}, False: None}.get(value, value) if isinstance(value, bool) else value

    @model_validator(mode="after")
    def _kinds_differ(self) -> Number:
        if self.kind == "sip" and self.outgoing_number is None:
            raise PydanticCustomError(
                "outgoing_number", "a sip number needs outgoing_number: the number that outgoing calls show"
            )
        if self.kind == "sip" and self.pass_caller_id:
            raise PydanticCustomError("pass_caller_id", "pass_caller_id works for rented numbers only; remove it")
        if self.kind == "rented" and self.sip_extension:
            raise PydanticCustomError("sip_extension", "sip_extension works for sip numbers only; remove it")
        return self
