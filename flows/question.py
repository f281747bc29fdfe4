"""The question that explain() answers, as it is typed: when a call comes, and what its caller presses."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

KEYS = frozenset("0123456789*#")

LET_PASS = "-"  # noqa: S105  (a key, not a password)
"""In place of keys: at this prompt nothing is pressed."""


class UnclearError(ValueError):
    """What was typed cannot be read; `value` is the part that cannot."""

    def __init__(self, value: str) -> None:
        super().__init__(value)
        self.value = value


def moment_of(text: str, zone: ZoneInfo) -> datetime:
    """Read a moment such as "2026-11-24 10:30" of a time zone, unless it names an offset of its own.

    Raises UnclearError.
    """
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
    except (ValueError, OverflowError):  # the first and the last day of all have no other zone
        raise UnclearError(text) from None


def entries_of(press: str) -> tuple[str, ...]:
    """Read the keys pressed at each prompt, such as 2,9,101; LET_PASS lets one pass.

    Raises UnclearError with the first entry that holds anything but the keys of a telephone.
    """
    entries = tuple(part.strip() for part in press.split(",") if part.strip())
    wrong = next((entry for entry in entries if entry != LET_PASS and not set(entry) <= KEYS), None)
    if wrong is not None:
        raise UnclearError(wrong)
    return entries
