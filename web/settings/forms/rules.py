"""The forms of menus, schedules, forwarding, the block list and the company itself."""

from __future__ import annotations

from typing import Any

from config.editing import Document
from web.settings.forms import choices
from web.settings.forms.compound import Destination, Keys, Prompt
from web.settings.forms.desk import Desk
from web.settings.forms.fields import Amount, Day, Pick, Switch, Text, Whole
from web.settings.forms.form import Dependent, FormStage, SettingsForm
from web.settings.forms.ordered import Holidays, Weekly
from web.settings.forms.several import Lines, Picks
from web.settings.forms.typed import day_off, day_written, phone, spaced
from web.words import lazy


class MenuForm(SettingsForm):
    """A prompt and what each key does."""

    prompt = Prompt(lazy("Prompt"), ("prompt",), needed=True)
    keys = Keys(lazy("Keys"), ("choices",))
    wait_seconds = Whole(lazy("Seconds to wait for a key"), ("wait_seconds",), lazy("From 1 to 30."))
    attempts = Whole(lazy("How often to ask"), ("attempts",), lazy("From 1 to 10."))
    no_choice = Destination(lazy("If nothing useful is pressed"), ("no_choice",))

    stages = (
        FormStage(lazy("What callers hear"), lazy("Say which key leads where."), ("prompt",)),
        FormStage(
            lazy("What each key does"),
            lazy("A key that does nothing tells the caller so, and asks again."),
            ("keys",),
        ),
        FormStage(
            lazy("No key"),
            lazy("Silence, or too many wrong keys, end the menu here."),
            ("wait_seconds", "attempts", "no_choice"),
        ),
    )


def _day_off(text: str, _desk: Desk) -> str:
    return day_off(text)


def _phone(text: str, desk: Desk) -> str:
    return phone(text, desk.country)


class ScheduleForm(SettingsForm):
    """When a number is open, or an employee at work."""

    weekly = Weekly(lazy("Open"), ("weekly",))
    holidays = Holidays(lazy("Public holidays"), ("holidays",), countries=choices.holidays, regions=choices.regions)
    days_off = Lines(
        lazy("Other closed days"),
        ("days_off",),
        lazy("One on each line: 24.12 for every year, 31.12.2026 for once."),
        cleaned=_day_off,
        written=day_written,
    )
    timezone = Pick(lazy("Hours are those of"), ("timezone",), of=choices.own_zones)

    stages = (
        FormStage(
            lazy("Weekly hours"),
            lazy("Days that stand in no row are closed. Several times on one day are separated by commas."),
            ("weekly",),
        ),
        FormStage(lazy("Closed days"), lazy("These win over the weekly hours."), ("holidays", "days_off")),
        FormStage(lazy("Time zone"), "", ("timezone",)),
    )


class ForwardingForm(SettingsForm):
    """Rules for every forward."""

    countries = Picks(lazy("Countries that may be dialled"), ("forwarding", "countries"), of=choices.countries)
    ring_seconds = Whole(
        lazy("Seconds that a forwarded call rings"),
        ("forwarding", "ring_seconds"),
        lazy("From 5 to 120; 25 is short enough that a mobile's own mailbox does not answer."),
    )
    mobiles = Pick(lazy("Employees' mobiles"), ("forwarding", "accept", "mobiles"), of=choices.accepts)
    outside = Pick(lazy("Outside numbers"), ("forwarding", "accept", "outside"), of=choices.accepts)
    unanswered = Pick(lazy("If nobody answers a forward"), ("forwarding", "unanswered"), of=choices.unanswered)
    minimum_balance = Amount(
        lazy("Least balance at the provider"),
        ("forwarding", "minimum_balance"),
        lazy("Below it nothing is forwarded. In the currency of the provider's account; empty: no limit."),
    )
    paid_until = Day(lazy("SIP connector paid until"), ("sip_connector", "paid_until"))

    stages = (
        FormStage(
            lazy("Where to"),
            lazy("Numbers of other countries and premium-rate numbers are never dialled. None: the company's own."),
            ("countries",),
        ),
        FormStage(
            lazy("Answering"),
            lazy("Whoever must press 1 is a person: a mailbox that picks up does not count as an answer."),
            ("ring_seconds", "mobiles", "outside", "unanswered"),
        ),
        FormStage(
            lazy("What it costs"),
            lazy("A forward is dialled and charged as an outgoing call."),
            ("minimum_balance", "paid_until"),
        ),
    )


class Present(Switch):
    """Whether a mapping is there; its defaults hold when it is empty."""

    def fits(self, written: Any) -> bool:
        """Nothing else than a mapping."""
        return isinstance(written, dict)

    def read(self, written: Any) -> Any:  # noqa: ARG002
        """It is there."""
        return True

    def change(self, document: Any) -> None:
        """Put it there, or take it out."""
        if self.data:
            document.put(self.at, {})
        else:
            document.remove(self.at)


class BlockedForm(SettingsForm):
    """Who is declined: the list of the settings, and the rule for who calls too often out of hours."""

    blocked = Lines(
        lazy("Numbers that are always declined"),
        ("blocked",),
        lazy("One on each line."),
        cleaned=_phone,
        written=spaced,
    )
    auto_block = Present(lazy("Block who calls too often out of hours"), ("auto_block",))
    calls = Whole(lazy("Calls"), ("auto_block", "calls"), lazy("2 or more."))
    minutes = Whole(lazy("Within minutes"), ("auto_block", "minutes"), lazy("From 1 to 1440."))
    hours = Whole(lazy("Blocked for hours"), ("auto_block", "hours"), lazy("From the last of those calls."))

    stages = (
        FormStage(lazy("Blocked by the settings"), "", ("blocked",)),
        FormStage(
            lazy("Blocked by themselves"),
            lazy("Never blocked by themselves: employees, our own numbers, and contacts with a responsible employee."),
            ("auto_block", "calls", "minutes", "hours"),
        ),
    )

    dependents = (Dependent("auto_block", ("auto_block",), lazy("Blocked by themselves"), merged=True),)

    def write(self, document: Document) -> None:
        """Write no rule for what is switched off."""
        off = {"calls", "minutes", "hours"} if not self.auto_block.data and not self.auto_block.odd else set[str]()
        for field in self.settings:
            if field.short_name not in off:
                field.write(document)


class CompanyForm(SettingsForm):
    """The company itself."""

    company = Text(lazy("Name of the company"), ("company",), needed=True)
    country = Pick(lazy("Country"), ("country",), lazy("Numbers are typed as in this country."), of=choices.countries)
    timezone = Pick(lazy("Time zone"), ("timezone",), of=choices.zones)
    language = Pick(lazy("Language of the announcements"), ("language",), of=choices.languages)
    voice = Text(
        lazy("Voice"), ("voice",), lazy("A voice of your provider, such as Polly.Lucia. Empty: the provider's.")
    )
    keep_days = Whole(
        lazy("Days to keep recordings and messages"),
        ("recordings", "keep_days"),
        lazy("Afterwards they are removed, here and at the provider. Empty: they stay."),
    )

    stages = (
        FormStage(lazy("The company"), "", ("company", "country", "timezone")),
        FormStage(lazy("Announcements"), lazy("A number may have a language of its own."), ("language", "voice")),
        FormStage(lazy("Recordings"), "", ("keep_days",)),
    )
