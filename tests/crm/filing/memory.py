"""A CRM in memory: it keeps what is filed, and does at a step what a test wants to happen there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from crm.crm import Contact, Crm, CrmError, Filing, Sound

Step = Callable[[], object]

STEPS = ("search", "register", "registered", "finish", "finished")
"""Before a caller is looked up, before and after a call is registered, before and after it is finished."""


def fails(message: str = "it did not answer", **marks: object) -> Step:
    """A step at which the CRM does not do what was asked."""

    def step() -> None:
        raise CrmError(message, **marks)  # type: ignore[arg-type]

    return step


@dataclass
class Memory(Crm):
    """It knows `contacts` by their number; `filings` is what it was asked to file, `filed` the calls that it has."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    near: bool = False
    asked: list[str] = field(default_factory=list)
    registered: dict[str, str] = field(default_factory=dict)
    filed: list[str] = field(default_factory=list)
    filings: list[Filing] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)
    holds: str | None = None

    def at(self, step: str, happens: Step) -> None:
        """Let something happen at a step, once."""
        assert step in STEPS
        self.steps[step] = happens

    def held(self) -> str | None:
        """Say why nothing can be filed."""
        return self.holds

    def find_caller(self, number: str, *, waiting: bool) -> Contact | None:
        """Tell who calls."""
        self._passes("search")
        self.asked.append(number)
        return self.contacts.get(number)

    def file_call(self, filing: Filing, remember: Callable[[str], None]) -> None:
        """Register a call and finish it: a registration that nobody remembers is one more, as at a real portal."""
        self.filings.append(filing)
        crm_call_id = filing.call.crm_call_id
        if crm_call_id is None:
            self._passes("register")
            crm_call_id = f"crm-{len(self.registered) + 1}"
            self.registered[crm_call_id] = filing.call.id
            self._passes("registered")
            remember(crm_call_id)
        if crm_call_id in self.filed:
            return
        self._passes("finish")
        self.filed.append(crm_call_id)
        self._passes("finished")

    def attach_recording(self, crm_call_id: str, sound: Sound) -> None:
        """Keep nothing."""

    def calls(self) -> list[str]:
        """Our ids of the calls that are on file there, however often."""
        return [self.registered[crm_call_id] for crm_call_id in self.filed]

    def _passes(self, step: str) -> None:
        self.steps.pop(step, lambda: None)()
