"""What the settings' forms have in common: stages in order, problems at their fields, and writing what was touched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from flask import request
from wtforms import HiddenField

from config.editing import Document
from config.problems import Problem
from web.forms import Form
from web.settings.forms.desk import Desk, Place, dotted, nearest, part, text_of
from web.settings.forms.fields import Setting
from web.words import _


@dataclass(frozen=True)
class FormStage:
    """A part of a form: what it is called, what it does in a sentence, and the names of its fields."""

    title: object
    sentence: object
    fields: tuple[str, ...]
    when: str = ""
    """A class of the stylesheet that shows the part only when it matters."""

    @property
    def id(self) -> str:
        """Its address on the page."""
        return f"stage-{self.fields[0]}"


@dataclass(frozen=True)
class Dependent:
    """A part of the entry that counts only while a field says so: taken out with it, and brought back with it."""

    field: str
    at: Place
    title: object
    counts: Callable[[Any], bool] = bool
    merged: bool = False
    """Whether it is a mapping of fields, some of which may have been typed."""


class SettingsForm(Form):
    """A form for one entry of the settings."""

    version = HiddenField()
    stages: ClassVar[tuple[FormStage, ...]] = ()
    dependents: ClassVar[tuple[Dependent, ...]] = ()

    def __init__(self, desk: Desk, version: str = "") -> None:
        super().__init__(meta={"desk": desk, "seen": _seen(request.form.get("seen", ""))})
        self.desk = desk
        self.version.data = version

    @property
    def settings(self) -> list[Setting]:
        """The fields that stand for a place of the document."""
        return [field for field in self if isinstance(field, Setting)]

    @property
    def seen(self) -> str:
        """The digests of what the form shows, to know later what was touched."""
        return " ".join(f"{field.short_name}={field.seen}" for field in self.settings)

    @property
    def overtaken(self) -> list[Setting]:
        """Fields that two people have changed differently."""
        return [field for field in self.settings if field.overtaken]

    def write(self, document: Document) -> None:
        """Bring what was touched into a document; nothing else in it changes."""
        for field in self.settings:
            field.write(document)

    def settle(self, document: Document, published: Document) -> Iterator[str]:
        """Bring back from what is published what counts again, as far as it was not typed; say what came and went."""
        for each in self.dependents:
            field, place = self[each.field], (*self.desk.base, *each.at)
            before, after = self.desk.get(place), document.get(place)
            if before is not None and after is None and place != field.at:
                yield _("Taken out, because it has no effect any more: %(what)s.", what=each.title)
            if before is None and field.touched and each.counts(field.data):
                known = published.get(place)
                wanted = known | (after or {}) if isinstance(known, dict) and each.merged else after or known
                if wanted is not None and wanted != after:
                    document.put(place, wanted)
                    yield _("Brought back as it is published: %(what)s.", what=each.title)

    def show(self, problems: Iterable[Problem]) -> list[Problem]:
        """Put problems at the fields that they are about; return those that are about none."""
        places = {dotted(field.at): field for field in self.settings}
        others: list[Problem] = []
        for problem in problems:
            at = nearest(problem.path, iter(places))
            if at is None:
                others.append(problem)
            elif problem.level == "error":
                places[at].errors = [*places[at].errors, problem.message]
            else:
                places[at].warnings.append(problem.message)
        return others

    def datalists(self) -> Iterator[tuple[str, list[str]]]:
        """Yield what is offered while typing, by the id of its list: names too many for a list to choose from."""
        if any(field.kind in ("destination", "stage", "keys") for field in self.settings):
            named = [self.desk.entries(section) for section in ("employees", "groups", "menus")]
            yield "all-who", [name for entries in named if entries.many for name in entries.names.values()]
        for section in {entries.section for field in self if (entries := getattr(field, "entries", None))}:
            entries = self.desk.entries(section)
            yield f"all-{section}", list(entries.names.values()) if entries.many else []
        if "department" in self:
            people = self.desk.entries("employees").values.values()
            yield "departments", sorted({text_of(part(each, "department")) for each in people} - {""})

    def fields_of(self, stage: FormStage) -> Iterator[Any]:
        """Yield the fields of a stage."""
        return (self[name] for name in stage.fields if name in self)


def _seen(text: str) -> dict[str, str]:
    pairs = (pair.partition("=") for pair in text.split())
    return {name: digest for name, _equals, digest in pairs}
