"""The form of a number, in the order of its route (DESIGN section 3)."""

from __future__ import annotations

from config.editing import Document
from web.settings.forms import choices
from web.settings.forms.compound import Destination, Heard, Prompt, Stage
from web.settings.forms.desk import part
from web.settings.forms.fields import Phone, Pick, Reference, Switch, Text
from web.settings.forms.form import Dependent, FormStage, SettingsForm
from web.words import lazy


def _heard(greeting: Heard) -> bool:
    return bool(greeting.mode)


class NumberForm(SettingsForm):
    """A line and its route."""

    name = Text(
        lazy("Name"), ("name",), lazy("What your people call this line, such as “Main” or “Support”."), needed=True
    )
    kind = Pick(lazy("Kind"), ("kind",), of=choices.kinds)
    language = Pick(lazy("Language of the announcements"), ("language",), of=choices.company_languages)
    voice = Text(
        lazy("Voice"), ("voice",), lazy("A voice of your provider, such as Polly.Lucia. Empty: the company's.")
    )
    schedule = Reference(
        lazy("Schedule"),
        ("schedule",),
        section="schedules",
        none=lazy("None: open day and night"),
    )
    closed = Destination(lazy("Outside these hours"), ("closed",))
    sip_extension = Switch(lazy("Let callers reach an extension by SIP address"), ("sip_extension",))
    greeting = Prompt(lazy("Greeting"), ("greeting",))
    extensions = Destination(
        lazy("If an employee whose extension was called does not answer"), ("extensions", "no_answer")
    )
    menu = Reference(lazy("Menu to play"), ("menu",), section="menus", none=lazy("No menu"))
    responsible = Stage(lazy("Ring the employee who is responsible for a known caller"), ("responsible",))
    group = Reference(lazy("Group to ring"), ("group",), section="groups", none=lazy("No group"))
    otherwise = Destination(lazy("If nothing above took the call"), ("otherwise",))
    record = Switch(lazy("Record calls, from the moment somebody answers"), ("record",))
    record_notice = Switch(lazy("Say first that the call is recorded"), ("record_notice",))
    pass_caller_id = Switch(lazy("Show the customer's number on employees' mobiles"), ("pass_caller_id",))
    outgoing_number = Phone(
        lazy("Number shown on outgoing calls"),
        ("outgoing_number",),
        lazy("A SIP number needs one; a rented number shows itself."),
    )
    create_lead = Switch(lazy("Make a lead of an unknown caller who reached an employee"), ("crm", "create_lead"))

    stages = (
        FormStage(lazy("The number"), "", ("name", "kind", "language", "voice")),
        FormStage(
            lazy("Blocked callers and hours"),
            lazy(
                "Callers on the block list are declined. Outside the hours of the schedule a call goes where you say "
                "here; this wins over everything below."
            ),
            ("schedule", "closed"),
        ),
        FormStage(
            lazy("SIP extension"),
            lazy("A call to sip:103@… rings whoever has the extension 103."),
            ("sip_extension",),
            when="when-sip",
        ),
        FormStage(
            lazy("Greeting and extension"),
            lazy(
                "While the greeting plays, a caller who knows an extension can type it. Without a greeting nobody can."
            ),
            ("greeting", "extensions"),
        ),
        FormStage(
            lazy("Menu"),
            lazy("The caller hears a menu and presses a key."),
            ("menu",),
        ),
        FormStage(
            lazy("Responsible employee"),
            lazy("If the CRM or the contacts know the caller, the employee who looks after them is rung first."),
            ("responsible",),
        ),
        FormStage(
            lazy("Group"),
            lazy("The employees of a group are rung. What follows when nobody answers is said in the group."),
            ("group",),
        ),
        FormStage(
            lazy("Otherwise"),
            lazy("What happens to a call that nothing above took: no call ends in silence."),
            ("otherwise",),
        ),
        FormStage(lazy("Recording"), "", ("record", "record_notice")),
        FormStage(lazy("Caller ID and CRM"), "", ("pass_caller_id", "outgoing_number", "create_lead")),
    )

    dependents = (
        Dependent("schedule", ("closed",), lazy("Outside these hours")),
        Dependent("responsible", ("responsible",), lazy("Responsible employee"), lambda stage: stage.on, merged=True),
        Dependent(
            "greeting", ("extensions",), lazy("If an employee whose extension was called does not answer"), _heard
        ),
    )

    def write(self, document: Document) -> None:
        """Take out what has no effect any more: `closed` without a schedule, `extensions` where nobody can ask."""
        super().write(document)
        if self.schedule.touched and not self.schedule.data:
            document.remove((*self.desk.base, "closed"))
        silent = self.greeting.touched and not self.greeting.data.mode and not self.sip_extension.data
        if silent and not self._asked_elsewhere():
            document.remove((*self.desk.base, "extensions"))

    def _asked_elsewhere(self) -> bool:
        menus = self.desk.entries("menus").values.values()
        asked = [part(menu, "choices") for menu in menus]
        return any(isinstance(keys, dict) and "ask_extension" in keys.values() for keys in asked)
