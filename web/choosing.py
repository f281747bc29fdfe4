"""One of many to choose from: a list while it is short, and beyond that a field to type in, with suggestions.

A list of 10,000 names makes a page of 400 kB, and nobody finds a name in it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

from markupsafe import Markup
from wtforms import SelectField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import TextInput

from config.company import Company
from web.words import _

MOST_OPTIONS = 60
"""Entries of one kind that a list to choose from holds; more of them are searched by typing."""

MOST_SUGGESTED = 500
"""Names that are suggested while somebody types; any other is understood as well."""


def told_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Name each entry by its name, with its key where two have the same."""
    times: dict[str, int] = {}
    for name in names.values():
        times[name.casefold()] = times.get(name.casefold(), 0) + 1
    return {key: name if times[name.casefold()] == 1 else f"{name} ({key})" for key, name in names.items()}


def spellings(names: Mapping[str, str], extensions: Mapping[str, str]) -> dict[str, str]:
    """Map whatever may be typed for an entry, in small letters, to its key: its name, else its key, else `extensions`
    (key by extension)."""
    by_key = {key.casefold(): key for key in names}
    spelled = dict(extensions) | by_key | {name.casefold(): key for key, name in names.items()}
    return {text: key for text, key in spelled.items() if text}


@dataclass(frozen=True)
class Named:
    """What can be chosen: names by key, told apart, in the order in which they are listed; and keys by extension."""

    names: Mapping[str, str]
    extensions: Mapping[str, str] = field(default_factory=dict)

    @property
    def many(self) -> bool:
        """Whether they are too many for a list to choose from."""
        return len(self.names) > MOST_OPTIONS

    def found(self, typed: str) -> str | None:
        """Return the key of the entry that somebody means, None if there is none."""
        return typed if typed in self.names else self._spelled.get(typed.strip().casefold())

    def only(self, keys: Collection[str]) -> Named:
        """Return some of them."""
        return Named({key: name for key, name in self.names.items() if key in keys}, self.extensions)

    @cached_property
    def _spelled(self) -> dict[str, str]:
        theirs = {extension: key for extension, key in self.extensions.items() if key in self.names}
        return spellings(self.names, theirs)


def employees(company: Company) -> Named:
    """Return all employees by name; worked out once for a revision, since there may be 10,000."""
    if not _employees or _employees[0][0] is not company:
        names = told_apart({key: company.employees[key].name for key in company.employees_by_name})
        extensions = {each.extension: key for key, each in company.employees.items() if each.extension}
        _employees[:] = [(company, Named(names, extensions))]
    return _employees[0][1]


_employees: list[tuple[Company, Named]] = []


def by_name(entries: Mapping[str, Any]) -> Named:
    """Return entries of the settings in the order of their names."""
    listed = sorted(entries, key=lambda key: entries[key].name.casefold())
    return Named(told_apart({key: entries[key].name for key in listed}))


class Typed(TextInput):  # type: ignore[misc]
    """A field to type in, with the names that it suggests."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        """Write both."""
        suggested = f"{field.id}-all"
        attributes = {"list": suggested, "autocomplete": "off", "value": field.text} | attributes
        names = islice(field.named.names.values(), MOST_SUGGESTED)
        options = Markup("").join(Markup('<option value="{}"></option>').format(name) for name in names)
        written: Markup = super().__call__(field, **attributes)
        return written + Markup('<datalist id="{}">{}</datalist>').format(suggested, options)


class OneOf(SelectField):  # type: ignore[misc]
    """One of those that are named, or none, for which `none` stands in the list.

    Its data is a key. One that is not among them is refused where it was typed or is `closed`; else it stays, as do
    keys that the settings had once, and calls on file have still.
    """

    def __init__(
        self,
        label: Any,
        validators: Any = None,
        *,
        named: Callable[[], Named],
        none: str,
        closed: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(label, validators, choices=[], default="", validate_choice=False, **more)
        self.named, self.closed = named(), closed
        if self.named.many:
            self.widget = Typed()
        else:
            listed = (SelectChoice(key, name) for key, name in self.named.names.items())
            self.choices = [SelectChoice("", none), *listed]

    def process(self, *arguments: Any, **named: Any) -> None:
        """Take what was sent, or what is there; what is not on the list is put there, so that it is not lost."""
        super().process(*arguments, **named)
        if self.data and not self.named.many and self.data not in self.named.names:
            self.choices.append(SelectChoice(self.data, self.data))

    def process_formdata(self, valuelist: list[str]) -> None:
        """Understand a name or a key."""
        if valuelist:
            typed = valuelist[0].replace("\0", "")
            self.data = self.named.found(typed) or typed.strip()

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse what was not understood, unless it was there before."""
        if not self.data or self.data in self.named.names or self.data == self.object_data:
            return
        if self.closed or self.named.many:
            raise ValidationError(_("“%(typed)s” is not among them. Write a name as it is suggested.", typed=self.data))

    @property
    def text(self) -> str:
        """The name of what is chosen; empty where nothing is."""
        return self.named.names.get(self.data, self.data or "")
