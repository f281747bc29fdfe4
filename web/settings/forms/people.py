"""The forms of employees, of the groups that they form, and of known callers."""

from __future__ import annotations

from config.editing import Document
from web.settings.forms import choices
from web.settings.forms.compound import Destination
from web.settings.forms.fields import Phone, Pick, Reference, Text, Whole
from web.settings.forms.form import Dependent, FormStage, SettingsForm
from web.settings.forms.ordered import Devices, Members
from web.words import lazy

EXTENSION = lazy("Up to 4 digits that callers may type, such as 101.")


class EmployeeForm(SettingsForm):
    """A person who answers."""

    name = Text(lazy("Name"), ("name",), needed=True)
    extension = Text(lazy("Extension"), ("extension",), EXTENSION, render_kw={"inputmode": "numeric", "size": 6})
    department = Text(
        lazy("Department"),
        ("department",),
        lazy("The head of a department sees its people's calls and settings."),
        render_kw={"list": "departments", "autocomplete": "off"},
    )
    devices = Devices(lazy("Devices"), ("devices",))
    mobile = Phone(lazy("Mobile"), ("mobile",), lazy("As you would dial it, such as 600 111 222."))
    schedule = Reference(
        lazy("Schedule"), ("schedule",), section="schedules", none=lazy("None: can be rung whenever a number is open")
    )
    crm_user = Whole(lazy("User in the CRM"), ("crm_user",), lazy("The number of this person's user in the CRM."))

    stages = (
        FormStage(lazy("Who"), "", ("name", "extension", "department")),
        FormStage(lazy("What rings"), lazy("All devices ring together."), ("devices",)),
        FormStage(
            lazy("Mobile"),
            lazy("Calls can be forwarded here when nobody answers. Forwarded calls are charged as outgoing calls."),
            ("mobile",),
        ),
        FormStage(
            lazy("Hours and CRM"), lazy("Outside these hours this person is not rung."), ("schedule", "crm_user")
        ),
    )


class GroupForm(SettingsForm):
    """Employees who share calls."""

    name = Text(lazy("Name"), ("name",), needed=True)
    extension = Text(lazy("Extension"), ("extension",), EXTENSION, render_kw={"inputmode": "numeric", "size": 6})
    members = Members(lazy("Members"), ("members",), section="employees")
    distribution = Pick(lazy("Who is rung"), ("distribution",), of=choices.distributions)
    ring_seconds = Whole(lazy("Seconds that each rings"), ("ring_seconds",), lazy("From 5 to 120."))
    no_answer = Destination(lazy("If nobody answers"), ("no_answer",))
    max_minutes = Whole(lazy("Longest wait, in minutes"), ("hold", "max_minutes"), lazy("From 1 to 120."))
    message_key = Pick(lazy("Key to leave a message instead"), ("hold", "message_key"), of=choices.message_keys)
    then = Destination(lazy("After the longest wait"), ("hold", "then"))
    music = Text(
        lazy("Music"), ("hold", "music"), lazy("An https address of a sound file. Empty: the music that ships with us.")
    )

    stages = (
        FormStage(lazy("The group"), "", ("name", "extension")),
        FormStage(
            lazy("Members"),
            lazy("A group without members sends every call on at once, to where nobody answering would send it."),
            ("members",),
        ),
        FormStage(
            lazy("How they are rung"),
            lazy("Only members who are available, in their hours and not on the telephone are rung."),
            ("distribution", "ring_seconds"),
        ),
        FormStage(lazy("Nobody answers"), lazy("No customer is lost: every group says what follows."), ("no_answer",)),
        FormStage(
            lazy("Waiting"),
            lazy("Callers hear music and their place in the queue, and are put through first come, first served."),
            ("max_minutes", "message_key", "then", "music"),
            when="when-hold",
        ),
    )

    dependents = (
        Dependent("no_answer", ("hold",), lazy("Waiting"), lambda choice: choice.what == "hold", merged=True),
    )

    def write(self, document: Document) -> None:
        """Take out how callers wait, when they do not wait any more: it would have no effect."""
        super().write(document)
        if self.no_answer.touched and self.no_answer.shown.what == "hold":
            document.remove((*self.desk.base, "hold"))


class ContactForm(SettingsForm):
    """A known caller."""

    number = Phone(lazy("Number"), ("number",), needed=True)
    name = Text(lazy("Name"), ("name",), needed=True)
    employee = Reference(
        lazy("Responsible employee"), ("employee",), section="employees", none=lazy("Nobody in particular")
    )

    stages = (FormStage(lazy("Contact"), "", ("number", "name", "employee")),)
