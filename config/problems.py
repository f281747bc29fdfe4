"""What is wrong with a settings file, in words for whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One fault: where it is, what stands there (at most 60 characters), what is wrong and what would be right.

    `path` is dotted, such as groups.sales.no_answer, and empty for the file as a whole; `line` counts from 1.
    """

    path: str
    message: str
    value: str = ""
    level: Level = "error"
    line: int | None = None

    def __str__(self) -> str:
        parts = (
            f"line {self.line}" if self.line else "",
            "warning" if self.level == "warning" else "",
            f"{self.path} = {self.value}" if self.path and self.value else self.path,
            self.message,
        )
        return ": ".join(part for part in parts if part)


class SettingsError(Exception):
    """The settings cannot be used; `problems` holds everything that is wrong with them, errors and warnings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=by_line))
        super().__init__("\n".join(map(str, self.problems)))


def by_line(problem: Problem) -> tuple[int, str]:
    """Order problems as the file is read; those of the file as a whole come first."""
    return problem.line or 0, problem.path


MOST_SHOWN = 60


def short(value: object) -> str:
    """Show a value on one line as it might stand in the file, cut to 60 characters."""
    text = "".join(c if c.isprintable() else " " for c in _shown(value))
    return text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"


def _shown(value: object) -> str:
    """Write a little more of a value than is shown, and never all of a huge one."""
    if isinstance(value, str):
        return f'"{value[:MOST_SHOWN]}"'
    if isinstance(value, dict):
        return "{" + _listed((f"{str(key)[:MOST_SHOWN]}: ", part) for key, part in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + _listed(("", part) for part in value) + "]"
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)[: MOST_SHOWN + 1]


def _listed(items: Iterable[tuple[str, object]]) -> str:
    parts: list[str] = []
    length = 0
    for label, value in items:
        parts.append(label + _shown(value))
        length += len(parts[-1])
        if length > MOST_SHOWN:
            break
    return ", ".join(parts)
