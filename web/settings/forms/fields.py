"""The fields of the settings' forms: each stands for one place of the document, and writes it only when touched."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import Any, ClassVar

from wtforms import Field, ValidationError, widgets

from config.expected import expected_at
from web.settings.forms.desk import Desk, Place, is_scalar, text_of
from web.settings.forms.typed import line, phone, spaced
from web.words import _

TRUE = ("true", "yes", "on")
"""What YAML takes for a yes, in small letters."""


class Setting(Field):  # type: ignore[misc]
    """What all have in common: `shown` is what the document says, `data` what the form says.

    `seen` is the digest of what the form showed when it was opened. A field that still says the same was not touched,
    and takes what the document says now: so two people who change different fields do not undo each other's work.
    `at` may be the place of something that the settings do not have; then what holds without it is shown.
    """

    kind: ClassVar[str] = "plain"

    def __init__(self, label: object, at: Place, hint: object = "", **options: Any) -> None:
        super().__init__(label, description=hint, **options)
        self.desk: Desk = self.meta.desk
        self.at = (*self.desk.base, *at)
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.odd = self.overtaken = False
        self.shown: Any = None

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:  # noqa: ARG002
        """Read the document, and what was sent if anything was."""
        self.process_errors: list[str] = []
        written = self.desk.get(self.at)
        self.odd = written is not None and not self.fits(written)
        self.shown = self.data = self.absent() if written is None or self.odd else self.read(written)
        if formdata and not self.odd:
            self._take(self.typed(formdata))

    def _take(self, typed: Any) -> None:
        seen = self.meta.seen.get(self.short_name, self.seen)
        if digest(typed) != seen:
            self.data = typed
            self.overtaken = seen != self.seen and typed != self.shown

    @property
    def seen(self) -> str:
        """Digest of what the document says."""
        return digest(self.shown)

    @property
    def touched(self) -> bool:
        """Whether the form says something else than the document."""
        return bool(self.data != self.shown)

    def write(self, document: Any) -> None:
        """Bring what was touched into a document."""
        if self.touched:
            self.change(document)

    def change(self, document: Any) -> None:
        """Write the value, or take it out where there is none."""
        value = self.value()
        if value is None:
            document.remove(self.at)
        else:
            document.put(self.at, value)

    def fits(self, written: Any) -> bool:
        """Tell whether the form can show what the document says; what it cannot is left alone."""
        return is_scalar(written)

    def read(self, written: Any) -> Any:
        """Make what is shown of what the document says."""
        return line(text_of(written))

    def absent(self) -> Any:
        """What is shown when the document says nothing: what holds then."""
        return text_of(default_at(self.at))

    def typed(self, formdata: Any) -> Any:
        """Make the same of what was sent."""
        return line(formdata.get(self.name, ""))

    def value(self) -> Any:
        """What the document is to say; None for nothing."""
        return self.data or None

    def _value(self) -> str:
        return str(self.data)


def digest(data: Any) -> str:
    """A few characters that differ when the data do."""
    return hashlib.sha256(repr(data).encode()).hexdigest()[:8]


def default_at(place: Place) -> Any:
    """What holds where the settings say nothing, None for nothing."""
    record = expected_at(place[:-1]).record
    field = record.model_fields.get(str(place[-1])) if record else None
    return None if field is None or field.is_required() or not is_scalar(field.default) else field.default


class Text(Setting):
    """A line of text; empty takes it out, unless the settings cannot be without it."""

    widget = widgets.TextInput()

    def __init__(self, label: object, at: Place, hint: object = "", *, needed: bool = False, **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.needed = needed
        self.flags.required = needed

    def value(self) -> Any:
        """The text."""
        return self.data if self.needed else self.data or None


class Whole(Text):
    """A whole number; what is none is kept for the check to name."""

    def __init__(self, label: object, at: Place, hint: object = "", **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.render_kw = {"inputmode": "numeric", "size": 6}

    def value(self) -> Any:
        """The number."""
        return int(self.data) if re.fullmatch(r"[0-9]{1,12}", self.data) else self.data or None


class Amount(Text):
    """A number with a fraction, with a comma or a point."""

    def __init__(self, label: object, at: Place, hint: object = "", **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.render_kw = {"inputmode": "decimal", "size": 8}

    def read(self, written: Any) -> Any:
        """The number with two decimals."""
        return f"{written:.2f}" if isinstance(written, int | float) else super().read(written)

    def value(self) -> Any:
        """The number."""
        number = re.fullmatch(r"-?[0-9]{1,12}([.,][0-9]{1,12})?", self.data)
        return float(self.data.replace(",", ".")) if number else self.data or None

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Ask about 1.000, which is a thousand to some and one to others."""
        either = re.fullmatch(r"([0-9]{1,3})[.,]([0-9]{3})", self.data)
        if either and self.touched:
            thousands, one = "".join(either.groups()), f"{either[1]}.{either[2].rstrip('0') or '0'}"
            raise ValidationError(
                _("Write %(thousands)s or %(one)s: this can be read as either.", thousands=thousands, one=one)
            )


class Day(Text):
    """A date."""

    widget = widgets.DateInput()


class Switch(Setting):
    """On or off."""

    kind = "switch"

    widget = widgets.CheckboxInput()

    def read(self, written: Any) -> Any:
        """Whether the document says yes."""
        return text_of(written).lower() in TRUE

    def absent(self) -> Any:
        """Whether it is on by itself."""
        return default_at(self.at) is True

    def typed(self, formdata: Any) -> Any:
        """Whether it was ticked."""
        return self.name in formdata

    def value(self) -> Any:
        """Yes or no."""
        return self.data

    def _value(self) -> str:
        return "y"


class Phone(Text):
    """A telephone number, typed as people write it in the company's country."""

    def __init__(self, label: object, at: Place, hint: object = "", **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.render_kw = {"type": "tel", "autocomplete": "off"}

    def read(self, written: Any) -> Any:
        """The number in international format, if it is one."""
        return phone(text_of(written), self.desk.country)

    def typed(self, formdata: Any) -> Any:
        """The same."""
        return phone(formdata.get(self.name, ""), self.desk.country)

    def _value(self) -> str:
        return spaced(self.data)


Choice = tuple[str, str]


class Pick(Text):
    """One of some words; another one that the document has is kept in the list."""

    kind = "pick"

    def __init__(self, label: object, at: Place, hint: object = "", *, of: Any = None, **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.of = of

    def listed(self) -> list[Choice]:
        """List what may be chosen, and what the document has besides."""
        listed = [(value, str(text)) for value, text in self.options()]
        if self.data not in dict(listed):
            listed.append((self.data, _("“%(word)s”, which is not known", word=self.data) if self.data else "—"))
        return listed

    def options(self) -> Iterable[Choice]:
        """List what may be chosen."""
        options: Iterable[Choice] = self.of() if callable(self.of) else self.of
        return options


class Reference(Pick):
    """An entry of a section, or none; typed where there are too many to list."""

    def __init__(
        self, label: object, at: Place, hint: object = "", *, section: str, none: object = "—", **options: Any
    ) -> None:
        super().__init__(label, at, hint, **options)
        self.section, self.none = section, none
        self.entries = self.desk.entries(section)
        if self.entries.many:
            self.kind = "plain"  # type: ignore[misc]
            self.render_kw = {"list": f"all-{section}", "autocomplete": "off"}

    def options(self) -> Iterable[Choice]:
        """None, and the entries by name."""
        return [("", str(self.none)), *sorted(self.entries.names.items(), key=lambda item: item[1].casefold())]

    def typed(self, formdata: Any) -> Any:
        """The key of the entry that was chosen or typed; what was shown is what stands there, whatever it is called."""
        typed = line(formdata.get(self.name, ""))
        if not self.entries.many:
            return typed
        return self.shown if typed == line(self._named(self.shown)) else self.entries.found(typed)

    def _named(self, key: str) -> str:
        return self.entries.name(key) if key else ""

    def _value(self) -> str:
        return self._named(self.data)
