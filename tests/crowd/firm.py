"""A company as the telephone network sees it: whose device is whose, and what its numbers do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

NEVER = "never"
"""The name of the schedule that is closed while the run lasts."""


@dataclass(frozen=True, kw_only=True)
class Firm:
    """A company under test: its settings, and the callers whom its CRM knows, each with who looks after him."""

    document: Mapping[str, Any]
    known: Mapping[str, str]

    @cached_property
    def employees(self) -> frozenset[str]:
        """Everybody who works there."""
        return frozenset(self.document["employees"])

    @cached_property
    def users(self) -> dict[str, int]:
        """The employees as users of the CRM."""
        return {key: each["crm_user"] for key, each in self.document["employees"].items()}

    @cached_property
    def owners(self) -> dict[str, str]:
        """Whose each device and mobile is."""
        everybody = self.document["employees"].items()
        return {place: key for key, each in everybody for place in (*each["devices"], each["mobile"])}

    @cached_property
    def queues(self) -> tuple[str, ...]:
        """The groups with callers on hold."""
        return tuple(key for key, group in self.document["groups"].items() if group["no_answer"] == "hold")

    @cached_property
    def shut(self) -> frozenset[str]:
        """The numbers that are closed while the run lasts."""
        return frozenset(key for key, each in self.document["numbers"].items() if each.get("schedule") == NEVER)

    @cached_property
    def direct(self) -> frozenset[str]:
        """The numbers that forward at once: nobody at the company takes part."""
        groups, numbers = self.document["groups"], self.document["numbers"].items()
        return frozenset(
            key
            for key, each in numbers
            if key not in self.shut and not {"greeting", "menu", "responsible"} & each.keys()
            if not groups[each["group"]]["members"]
        )

    @property
    def numbers(self) -> frozenset[str]:
        """All numbers."""
        return frozenset(self.document["numbers"])

    @property
    def blocked(self) -> str:
        """A caller who is on the block list."""
        return str(self.document["blocked"][0])
