"""The lines that customers call, and the stages of their routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from config.destinations import EmployeeNoAnswer, Terminal
from config.menus import Prompt
from config.record import Name, Record
from config.telephone import PhoneNumber

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class Extensions(Record):
    """What follows when an employee whose extension was typed does not answer."""

    no_answer: EmployeeNoAnswer = "continue"


class Responsible(Record):
    """What follows when the employee whom the CRM names does not answer."""

    no_answer: EmployeeNoAnswer = "continue"


class NumberCrm(Record):
    """How calls to a number are filed."""

    create_lead: bool = False


def _on_and_off(schema: dict[str, Any]) -> None:
    schema["anyOf"].append({"type": "boolean"})


class Number(Record):
    """A line and its route; a stage that is missing is switched off."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    kind: Literal["rented", "sip"] = "rented"
    language: Language | None = None
    voice: str | None = None
    greeting: Prompt | None = None
    extensions: Extensions = Extensions()
    sip_extension: bool = False
    menu: Name | None = None
    responsible: Responsible | None = Field(default=None, json_schema_extra=_on_and_off)
    group: Name | None = None
    schedule: Name | None = None
    closed: Terminal = "hang_up"
    otherwise: Terminal = "hang_up"
    record: bool = False
    record_notice: bool = False
    pass_caller_id: bool = False
    outgoing_number: PhoneNumber | None = None
    crm: NumberCrm = NumberCrm()

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
