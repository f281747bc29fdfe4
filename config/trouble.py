"""What is wrong with a part of the app: for /readyz, the pages, the metrics, `flask doctor` and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

Level = Literal["broken", "warning", "unknown"]
"""What loses calls, or will; what can wait; and what nobody knows, because of something that is told elsewhere."""

QUOTED = " (%(said)s)"
"""What others said of it, such as a driver with the server's address and user: strangers are not told."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trouble:
    """A kind of trouble, which `code` names, or with `values` a case of it; in English, without a full stop.

    `text` has %(name)s where a value stands, `strangers` is all that those are told who have not logged in, where that
    is another than without QUOTED.
    """

    code: str
    text: str
    meanwhile: str = ""
    remedy: str = ""
    strangers: str = ""
    level: Level = "broken"
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def of(self, **values: object) -> Trouble:
        """Make a case of this kind."""
        return replace(self, values=values)

    @property
    def said(self) -> str:
        """What is wrong."""
        return self.text % self.values

    @property
    def what(self) -> str:
        """What is wrong, and what comes of it."""
        return f"{self.said}; {self.meanwhile}" if self.meanwhile else self.said

    @property
    def to_strangers(self) -> str:
        """What is wrong, as far as everybody may know."""
        return self.strangers or str(replace(self, text=self.text.replace(QUOTED, "")))

    def __str__(self) -> str:
        """What is wrong, and what to do."""
        mark = ";" if ": " in self.text else ":"  # one colon is enough for a sentence
        return f"{self.what}{mark} {self.remedy}" if self.remedy else self.what


Troubles = tuple[Trouble, ...]
"""What a check finds wrong with its part; empty when all is well."""


def english(troubles: Troubles, *, to_strangers: bool = False) -> str:
    """Say all of them; "" when there are none."""
    return "; ".join(each.to_strangers if to_strangers else str(each) for each in troubles)
