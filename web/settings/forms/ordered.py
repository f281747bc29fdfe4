"""Fields whose order or pairs matter: members, devices, weekly hours, public holidays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wtforms import ValidationError

from config.schedules import DAYS
from web.settings.forms.desk import Place, is_scalar, text_of
from web.settings.forms.fields import Setting
from web.settings.forms.several import Several
from web.settings.forms.typed import day_range, days, line, phone, spaced, spans
from web.words import _, lazy


class Members(Several):
    """Entries in an order of their own; each can be moved, taken out, and others added, without a script too."""

    kind = "members"

    def __init__(self, label: object, at: Place, hint: object = "", *, section: str, **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.entries = self.desk.entries(section)

    def typed(self, formdata: Any) -> Any:
        """The order that was sent, after what its button does and with whom it adds."""
        keys = [line(key) for key in formdata.getlist(self.name) if line(key)]
        keys = _moved(keys, formdata.get(f"{self.name}-do", ""))
        added = line(formdata.get(f"{self.name}-add", ""))
        key = self.entries.found(added)
        return tuple(keys if not added or key in keys else [*keys, key])

    def value(self) -> Any:
        """The keys; no member is a list too: such a group forwards at once."""
        return list(self.data)

    def others(self) -> list[tuple[str, str]]:
        """Who may be added, by name."""
        names = self.entries.names.items()
        return sorted(((key, name) for key, name in names if key not in self.data), key=lambda pair: pair[1].casefold())


def _moved(keys: list[str], button: str) -> list[str]:
    """Do what a button says: up, down or out, and the place it stands at."""
    word, _colon, number = button.partition(":")
    place = int(number) if number.isascii() and number.isdigit() else -1
    if place not in range(len(keys)) or word not in _MOVES:
        return keys
    key = keys.pop(place)
    to = _MOVES[word](place)
    if to is not None:
        keys.insert(max(to, 0), key)
    return keys


_MOVES: dict[str, Callable[[int], int | None]] = {
    "up": lambda place: place - 1,
    "down": lambda place: place + 1,
    "out": lambda _place: None,
}

DEVICE_KINDS = {
    "client:": lazy("Browser or app: name"),
    "sip:": lazy("SIP telephone: user@domain"),
    "": lazy("Ordinary telephone: number"),
}
"""How a device begins → what it is."""


class Devices(Several):
    """What rings for an employee; the kind of each is chosen, so that nobody has to know how it is written."""

    kind = "devices"
    kinds = DEVICE_KINDS

    def typed(self, formdata: Any) -> Any:
        """Kind and address of each row that has one."""
        kinds, addresses = formdata.getlist(f"{self.name}-kind"), formdata.getlist(self.name)
        rows = zip(kinds, addresses, strict=False)
        return tuple(
            self.clean(f"{_kind_of(line(address)) or kind}{_bare(line(address))}")
            for kind, address in rows
            if line(address)
        )

    def clean(self, text: str) -> str:
        """A number in international format; other devices as they are."""
        return line(text) if _kind_of(line(text)) else phone(text, self.desk.country)

    def rows(self) -> list[tuple[str, str]]:
        """Kind and address of each, and an empty row."""
        return [*((_kind_of(device), spaced(_bare(device))) for device in self.data), ("client:", "")]


def _kind_of(device: str) -> str:
    return next((kind for kind in ("client:", "sip:", "sips:") if device.startswith(kind)), "")


def _bare(device: str) -> str:
    return device.removeprefix(_kind_of(device))


DAY_NAMES = dict(
    zip(
        DAYS,
        (
            lazy("Monday"),
            lazy("Tuesday"),
            lazy("Wednesday"),
            lazy("Thursday"),
            lazy("Friday"),
            lazy("Saturday"),
            lazy("Sunday"),
        ),
        strict=True,
    )
)


@dataclass(frozen=True)
class Row:
    """The hours of some days; `key` is how the settings name days that nobody can choose here."""

    first: str = ""
    last: str = ""
    times: tuple[str, ...] = ()
    key: str = ""

    @property
    def days(self) -> str:
        """The key of the row."""
        return self.key or day_range(self.first, self.last)

    @property
    def text(self) -> str:
        """The hours as they are typed."""
        return ", ".join(self.times)


class Weekly(Setting):
    """Hours by ranges of days."""

    kind = "weekly"
    days = DAY_NAMES

    def fits(self, written: Any) -> bool:
        """A mapping of one time or a list of them."""
        return isinstance(written, dict) and all(_are_times(value) for value in written.values())

    def read(self, written: Any) -> Any:
        """A row for each key."""
        return tuple(_row(key, value) for key, value in written.items())

    def absent(self) -> Any:
        """No hours."""
        return ()

    def typed(self, formdata: Any) -> Any:
        """The rows for which a day was chosen; those with days of their own stay as they are.

        A row of the page that has lost its day goes; hours without one that were not there are kept to ask about.
        """
        columns = (formdata.getlist(f"{self.name}-{column}") for column in ("first", "last", "times"))
        rows = [Row(line(first), line(last), spans(times)) for first, last, times in zip(*columns, strict=False)]
        there = [row.times for row in self.shown if not row.key]
        wanted = [
            Row(row.first, "" if row.last == row.first else row.last, row.times)
            for place, row in enumerate(rows)
            if row.first or (row.times and row.times != (*there[place : place + 1], ())[0])
        ]
        return (*wanted, *self.kept)

    @property
    def kept(self) -> tuple[Row, ...]:
        """Rows of the settings that cannot be shown."""
        return tuple(row for row in self.shown if row.key)

    def rows(self) -> list[Row]:
        """What the page shows, and an empty row."""
        return [*(row for row in self.data if not row.key), Row()]

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002
        """Refuse hours without a day, and the same days twice: the settings can hold them once."""
        keys = [row.days for row in self.data]
        lacking = [place for place, row in enumerate(self.data, 1) if not row.first and not row.key]
        if lacking:
            raise ValidationError(_("Row %(number)s: choose the day of these hours.", number=lacking[0]))
        if len(keys) > len(set(keys)):
            raise ValidationError(_("The same days stand here twice; put their hours into one row."))

    def change(self, document: Any) -> None:
        """Write the rows that have changed."""
        written = self.desk.get(self.at)
        spelled = {_row(key, value).days: key for key, value in written.items()} if isinstance(written, dict) else {}
        before = {row.days: row.times for row in self.shown}
        after = {row.days: row.times for row in self.data}
        for key in before.keys() - after.keys():
            document.remove((*self.at, spelled[key]))
        for key, times in after.items():
            if before.get(key) != times:
                document.put((*self.at, spelled.get(key, key)), list(times))
        if not after:
            document.put(self.at, {})


def _row(key: str, value: Any) -> Row:
    named = days(key)
    times = (
        spans(text_of(value)) if is_scalar(value) else tuple(span for each in value for span in spans(text_of(each)))
    )
    return Row("", "", times, key) if named is None else Row(named[0], "" if named[1] == named[0] else named[1], times)


def _are_times(value: Any) -> bool:
    return is_scalar(value) or (isinstance(value, list) and all(is_scalar(each) for each in value))


@dataclass(frozen=True)
class Calendar:
    """A country, and a region of it or none."""

    country: str = ""
    region: str = ""


class Holidays(Setting):
    """Public holidays: a country and a region of it."""

    kind = "holidays"

    def __init__(
        self, label: object, at: Place, hint: object = "", *, countries: Any, regions: Any, **options: Any
    ) -> None:
        super().__init__(label, at, hint, **options)
        self.countries, self.regions = countries, regions

    def fits(self, written: Any) -> bool:
        """A mapping of the two."""
        return (
            isinstance(written, dict)
            and written.keys() <= {"country", "region"}
            and all(map(is_scalar, written.values()))
        )

    def read(self, written: Any) -> Any:
        """Both."""
        return Calendar(line(text_of(written.get("country"))), line(text_of(written.get("region"))))

    def absent(self) -> Any:
        """No holidays."""
        return Calendar()

    def typed(self, formdata: Any) -> Any:
        """Both; a region that is not one of the country's goes."""
        country = line(formdata.get(self.name, ""))
        region = line(formdata.get(f"{self.name}-region", "")) if country else ""
        kept = (
            not region
            or region in dict(self.regions(country))
            or (country, region) == (self.shown.country, self.shown.region)
        )
        return Calendar(country, region if kept else "")

    def change(self, document: Any) -> None:
        """Write the part that has changed."""
        if not self.data.country:
            document.remove(self.at)
            return
        document.put((*self.at, "country"), self.data.country)
        if self.data.region:
            document.put((*self.at, "region"), self.data.region)
        else:
            document.remove((*self.at, "region"))
