"""The reference of the settings file (docs/settings.md), written from the models that check it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from annotated_types import MaxLen
from pydantic import AfterValidator, BaseModel, BeforeValidator, StringConstraints
from pydantic.fields import FieldInfo

from config.company import Company
from config.destinations import FORMS, TAG
from config.expected import Expected, expected_at, step
from config.faults import PATTERNS
from config.record import Name
from config.source import read

EXAMPLE = Path(__file__).parent / "company.yaml"

_HEAD = """# Settings

Made from the schema by `make schema`, and compared with it by a test: change the descriptions in `config/`, not this
page. The settings are one YAML file at first (`COMPANY_FILE`), and numbered revisions in SQL afterwards; both look the
same. `flask company check` names every mistake with its line. Times are seconds unless named otherwise. A key that is
not here is a mistake. `*` in a heading stands for a name of your own (1 to 40 letters, digits, - and _), `[]` for each
item of a list.
"""

_DESTINATIONS = """## Destinations

Where a call may be sent next. A destination is a word or a mapping of one key; the tables above say which may stand
where.

| word | meaning |
|---|---|
| `continue` | go on with the next stage of the number's route |
| `hang_up` | an apology, and the end; as `closed` the call is declined before it is answered |
| `voicemail` | take a message, for the employee or group where it is clear which |
| `forward_to_mobile` | dial the mobile of the employee where it is clear which; in a group that of the last one rung |
| `hold` | groups: wait with music until a member is free |
| `ask_extension` | menus: ask for an extension |
| `repeat` | menus: play the menu again |
| `back` | menus: go back to the menu before |
"""

_SAID: dict[Any, str] = {bool: "`true` or `false`", date: "a date, such as 2027-06-30", str: "text", Any: "anything"}
_NUMBERS: dict[Any, str] = {int: "a whole number", float: "a number"}
_VALIDATED = {
    "international": "a number in international format, such as `+34910000001`",
    "_device": "`client:NAME`, `sip:USER@DOMAIN` or a number in international format",
    "_time_zone": "a time zone, such as `Europe/Madrid`",
    "_span": "hours, such as `09:00-14:00`",
    "_day_off": "a day, such as `24.12` or `2026-12-31`",
}
"""What a value looks like that one of our own functions checks."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """A mapping of the file: where it stands, and the record that it is read into."""

    path: tuple[str, ...]
    record: type[BaseModel]

    @property
    def name(self) -> str:
        """How a heading names it."""
        return ".".join(self.path).replace(".[]", "[]")


def sections(record: type[BaseModel] = Company, path: tuple[str, ...] = ()) -> Iterator[Section]:
    """Walk every mapping of the file in its order; destinations, which may stand nearly anywhere, are left out."""
    yield Section(path=path, record=record)
    for key in record.model_fields:
        here, found = (*path, key), expected_at((*map(_location, path), key))
        if get_origin(found.kind) in (dict, tuple):
            step = "*" if get_origin(found.kind) is dict else "[]"
            here, found = (*here, step), expected_at((*map(_location, path), key, _location(step)))
        if found.record and not found.destinations:
            yield from sections(found.record, here)


def _location(part: str) -> str | int:
    return 0 if part == "[]" else part


def reference_text() -> str:
    """Write the whole page."""
    parts = [_HEAD]
    for section in sections():
        parts.append(_section(section))
        if section.path[1:] in {(), ("*",), ("[]",)} and section.path:
            parts.append(f"```yaml\n{example(section.path[0], first_entry=len(section.path) > 1)}\n```\n")
    parts += [_DESTINATIONS, *(_form(name, record) for name, record in FORMS.items())]
    return "\n".join(parts)


def example(key: str, *, first_entry: bool) -> str:
    """Cut a key out of the example that ships, with all that is in it, or its first entry."""
    text = EXAMPLE.read_text("utf-8")
    starts = read(text).lines
    below = sorted(line for path, line in starts.items() if path.startswith(key + ".") and path.count(".") == 1)
    after = [line for path, line in starts.items() if "." not in path and line > starts[key]]
    ends = min([*(below[1:2] if first_entry else ()), *after], default=len(text.splitlines()) + 1)
    cut = text.splitlines()[starts[key] - 1 : ends - 1]
    while not cut[-1].strip() or cut[-1].strip().startswith("#"):
        cut.pop()
    return "\n".join(cut)


def _section(section: Section) -> str:
    heading = f"## `{section.name}`" if section.path else "## The file"
    return _table(heading, section.record, lambda key: expected_at((*map(_location, section.path), key)), section.name)


def _form(name: str, record: type[BaseModel]) -> str:
    return _table(f"### `{name}`", record, lambda key: expected_at(("numbers", "*", "closed", TAG + name, key)), None)


def _table(heading: str, record: type[BaseModel], expected: Callable[[str], Expected], name: str | None) -> str:
    about = (record.__doc__ or "").strip()
    rows = [
        f"| `{key}` | {_cell(field.description or '')} | {_cell(_kind(expected(key), key, name))} | {_default(field)} |"
        for key, field in record.model_fields.items()
    ]
    return "\n".join([heading, "", about, "", "| key | meaning | value | default |", "|---|---|---|---|", *rows, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "its own defaults"
    return "none" if value in (None, (), {}) else f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _kind(found: Expected, key: str, name: str | None) -> str:
    """Say what a value looks like."""
    if found.destinations:
        return "a [destination](#destinations): " + found.destinations.partition("one of: ")[2]
    origin = get_origin(found.kind)
    if origin in (dict, tuple):
        return _several(found, key, name)
    if found.record:
        anchor = "".join(c for c in f"{name}.{key}".lstrip(".") if c.isalnum() or c in "-_")
        return f"a mapping: [`{key}`](#{anchor})" if name is not None else "a mapping"
    if words := found.words:
        return " or ".join(f"`{word}`" for word in words)
    if found.kind in _NUMBERS:
        return _NUMBERS[found.kind] + found.bounds
    return _text(found.narrowed) or _either(found.kind) or _SAID.get(found.kind, "text")


def _several(found: Expected, key: str, name: str | None) -> str:
    is_list = get_origin(found.kind) is tuple
    items = step(found, 0 if is_list else "x")
    most = next((f", at most {limit.max_length}" for limit in found.narrowed if isinstance(limit, MaxLen)), "")
    if items.record and not items.destinations:
        section = f"{name}.{key}".lstrip(".") + ("[]" if is_list else ".*")
        anchor = "".join(c for c in section if c.isalnum() or c in "-_")
        said = f"[`{section}`](#{anchor})"
    else:
        said = _kind(items, key, name)
    return (f"a list{most}: " if is_list else f"by its key{most}: ") + said


def _text(narrowed: Sequence[Any]) -> str:
    for each in narrowed:
        if isinstance(each, AfterValidator | BeforeValidator) and (said := _VALIDATED.get(_name(each))):
            return said
    for each in narrowed:
        if isinstance(each, StringConstraints) and each.pattern:
            return "a name of the settings" if each.pattern == _NAME else PATTERNS.get(str(each.pattern), "text")
    longest = next((each.max_length for each in narrowed if isinstance(each, StringConstraints) and each.max_length), 0)
    return f"text of at most {longest} characters" if longest else ""


_NAME = next(each.pattern for each in get_args(Name) if isinstance(each, StringConstraints))


def _name(validator: AfterValidator | BeforeValidator) -> str:
    return str(getattr(validator.func, "__name__", ""))


def _either(kind: Any) -> str:
    return "" if get_origin(kind) not in (Union, UnionType, Literal) else " or ".join(map(str, get_args(kind)))
