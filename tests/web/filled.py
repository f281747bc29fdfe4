"""The forms of a page as a browser without scripts sends them: every control that counts, with what stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = dict[str, list[str]]


@dataclass
class Filled:
    """One form: where it goes, and its fields by name."""

    action: str
    css: str = ""
    fields: Fields = field(default_factory=dict)
    checkboxes: set[str] = field(default_factory=set)

    def but(self, **changes: str | list[str]) -> Fields:
        """The fields with some changed; an empty list takes one away."""
        changed = {name: [value] if isinstance(value, str) else value for name, value in changes.items()}
        return self.fields | changed


def forms(page: str) -> list[Filled]:
    """Read every form of a page."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def settings_form(page: str) -> Filled:
    """The form of a settings page."""
    return next(each for each in forms(page) if "entry-form" in each.css)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Filled] = []
        self._inside = False
        self._select: tuple[str, list[str]] | None = None
        self._first: str | None = None
        self._text: tuple[str, list[str]] | None = None
        self._off = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        about = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Filled(about.get("action", ""), about.get("class", "")))
            self._inside = True
        elif self._inside and "disabled" not in about:
            self._control(tag, about)

    def _control(self, tag: str, about: dict[str, str]) -> None:
        if tag == "input" and about.get("name"):
            kind = about.get("type", "text")
            if kind == "checkbox":
                self.forms[-1].checkboxes.add(about["name"])
            if kind in ("checkbox", "radio") and "checked" not in about:
                return
            value = about.get("value", "on" if kind == "checkbox" else "")
            self._add(about["name"], value.replace("\r", "").replace("\n", ""))
        elif tag == "select":
            self._select, self._first = (about.get("name", ""), []), None
        elif tag == "option" and self._select:
            self._first = about.get("value", "") if self._first is None else self._first
            if "selected" in about:
                self._select[1].append(about.get("value", ""))
        elif tag == "textarea":
            self._text = (about.get("name", ""), [])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select" and self._select:
            name, chosen = self._select
            self._add(name, chosen[-1] if chosen else self._first or "")
            self._select = None
        elif tag == "textarea" and self._text:
            name, parts = self._text
            self._add(name, "".join(parts).removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n"))
            self._text = None

    def handle_data(self, data: str) -> None:
        if self._text:
            self._text[1].append(data)

    def _add(self, name: str, value: str) -> None:
        self.forms[-1].fields.setdefault(name, []).append(value)
