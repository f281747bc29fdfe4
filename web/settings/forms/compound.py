"""Fields of several parts: prompts, destinations, the keys of a menu."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from config.editing import Document
from web.settings.forms import destinations
from web.settings.forms.desk import Place, is_scalar, text_of
from web.settings.forms.destinations import Chosen, allowed_at
from web.settings.forms.fields import Setting
from web.settings.forms.options import OptionGroup, groups_of, selected
from web.settings.forms.typed import lines, spaced
from web.words import _


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A prompt: nothing, words to say, or an address to play."""

    mode: str = ""
    text: str = ""


class Prompt(Setting):
    """Words to say or an address to play; `needed` where the settings cannot be without one."""

    kind = "prompt"

    def __init__(self, label: object, at: Place, hint: object = "", *, needed: bool = False, **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.needed = needed

    def fits(self, written: Any) -> bool:
        """A mapping of `say` or `play`."""
        return (
            isinstance(written, dict) and list(written) in (["say"], ["play"]) and all(map(is_scalar, written.values()))
        )

    def read(self, written: Any) -> Any:
        """Which of the two, and its text."""
        ((mode, text),) = written.items()
        return Heard(mode=mode, text=lines(text_of(text)))

    def absent(self) -> Any:
        """Nothing is heard."""
        return Heard()

    def typed(self, formdata: Any) -> Any:
        """What was chosen, and the text that belongs to it."""
        mode = formdata.get(self.name, "")
        return (
            Heard(mode=mode, text=lines(formdata.get(f"{self.name}-{mode}", "")))
            if mode in ("say", "play")
            else Heard()
        )

    def change(self, document: Any) -> None:
        """Write the text alone where nothing else has changed."""
        if self.data.mode and self.data.mode == self.shown.mode:
            document.put((*self.at, self.data.mode), self.data.text)
        else:
            super().change(document)

    def value(self) -> Any:
        """The mapping."""
        return {self.data.mode: self.data.text} if self.data.mode else None

    def text(self, mode: str) -> str:
        """The text to show for words or an address."""
        return str(self.data.text) if self.data.mode == mode else ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One list of destinations on a page: what it is called, what it offers, and what is chosen."""

    name: str
    label: str
    groups: tuple[OptionGroup, ...]
    extra: tuple[tuple[str, str], ...]
    option: str
    who: str
    number: str
    accept: str
    optional: bool
    may_accept: bool
    after: Part | None


def part_of(field: Setting, name: str, place: Place, choice: Chosen, label: str, *, optional: bool = False) -> Part:
    """Make what a page needs to show a choice."""
    option, who, extra = selected(field.desk, place, choice)
    after = None
    if "employee" in allowed_at(place).forms:
        nested = (*place, destinations.NESTED)
        follows = choice.no_answer or destinations.CONTINUE
        after = part_of(field, f"{name}-{destinations.NESTED}", nested, follows, _("If nobody answers there"))
    return Part(
        name=name,
        label=label,
        groups=groups_of(field.desk, place),
        extra=extra,
        option=option,
        who=who,
        number=spaced(choice.number),
        accept=choice.accept,
        optional=optional,
        may_accept="forward" in allowed_at(place).forms,
        after=after,
    )


class Destination(Setting):
    """Where a call goes next; what may be chosen is what config.destinations allows at its place."""

    kind = "destination"

    def fits(self, written: Any) -> bool:
        """Any: what is no destination is one choice more."""
        return written is not None

    def read(self, written: Any) -> Any:
        """The choice."""
        return destinations.chosen(written, self.at, self.desk.country)

    def absent(self) -> Any:
        """What holds without one."""
        return destinations.default_at(self.at)

    def typed(self, formdata: Any) -> Any:
        """The choice that was sent."""
        return destinations.typed(formdata, self.name, self.desk, self.shown)

    def change(self, document: Document) -> None:
        """Write the choice; of a mapping the document writes anew what differs."""
        _write(document, self.at, destinations.written(self.data, self.desk.get(self.at)))

    def part(self) -> Part:
        """What the page shows."""
        return part_of(self, self.name, self.at, self.data, str(self.label.text), optional=not self.data.what)


def _write(document: Document, place: Place, value: Any) -> None:
    if value is None:
        document.remove(place)
    else:
        document.put(place, value)


@dataclass(frozen=True, kw_only=True)
class Optional:
    """Whether a stage is on, and where a call goes that it does not settle."""

    on: bool
    choice: Chosen


class Stage(Destination):
    """A stage that is on or off and has one rule, `no_answer`: the number's `responsible`."""

    kind = "stage"

    def fits(self, written: Any) -> bool:
        """A mapping, or a word for on or off."""
        return isinstance(written, dict) or text_of(written).lower() in ("true", "false", "yes", "no", "on", "off")

    def read(self, written: Any) -> Any:
        """Whether it is on, and its rule."""
        rule = written.get("no_answer") if isinstance(written, dict) else None
        on = isinstance(written, dict) or text_of(written).lower() in ("true", "yes", "on")
        return Optional(on=on, choice=destinations.chosen(rule, self.inner, self.desk.country))

    def absent(self) -> Any:
        """Off."""
        return Optional(on=False, choice=destinations.default_at(self.inner))

    def typed(self, formdata: Any) -> Any:
        """The switch and the rule; the rule of what is off does not count."""
        choice = destinations.typed(formdata, f"{self.name}-rule", self.desk, self.shown.choice)
        return Optional(on=self.name in formdata, choice=choice if self.name in formdata else self.shown.choice)

    @property
    def inner(self) -> Place:
        """The place of the rule."""
        return (*self.at, "no_answer")

    def change(self, document: Any) -> None:
        """Write the rule, and leave what else stands there alone."""
        if not self.data.on:
            document.remove(self.at)
            return
        if not isinstance(self.desk.get(self.at), dict):
            document.put(self.at, {})
        if self.data.choice != self.shown.choice:
            document.put(self.inner, destinations.written(self.data.choice, self.desk.get(self.inner)))

    def part(self) -> Part:
        """The rule."""
        return part_of(self, f"{self.name}-rule", self.inner, self.data.choice, _("If nobody answers"))


KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0")
"""As they stand on a telephone."""


class Keys(Setting):
    """What each key of the telephone does; one that does nothing is not in the settings."""

    kind = "keys"

    def fits(self, written: Any) -> bool:
        """A mapping."""
        return isinstance(written, dict)

    def read(self, written: Any) -> Any:
        """The choice of every key, those included that no telephone has."""
        return tuple(
            (key, self._chosen(key, written.get(key))) for key in (*KEYS, *(k for k in written if k not in KEYS))
        )

    def _chosen(self, key: str, value: Any) -> Chosen:
        return destinations.NOTHING if value is None else destinations.chosen(value, (*self.at, key), self.desk.country)

    def absent(self) -> Any:
        """No key does anything."""
        return self.read({})

    def typed(self, formdata: Any) -> Any:
        """The choices that were sent."""
        return tuple(
            (key, destinations.typed(formdata, f"{self.name}-{key}", self.desk, shown)) for key, shown in self.shown
        )

    def change(self, document: Any) -> None:
        """Write the keys that have changed."""
        before = dict(self.shown)
        for key, choice in self.data:
            if choice != before[key]:
                place = (*self.at, key)
                _write(document, place, destinations.written(choice, self.desk.get(place)))

    def parts(self) -> list[tuple[str, Part]]:
        """Each key with what the page shows."""
        return [
            (
                key,
                part_of(self, f"{self.name}-{key}", (*self.at, key), choice, _("Key %(key)s", key=key), optional=True),
            )
            for key, choice in self.data
        ]
