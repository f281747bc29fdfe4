"""The one interface that every CRM implements: who calls, file the call, attach its recording (DESIGN section 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Protocol

from calls.details import CallDetails
from config.company import Company


class CrmError(Exception):
    """The CRM did not do what was asked.

    `permanent` when asking again cannot help until somebody mends something; `unconnected` when that is the connection,
    and nothing of this call: then all calls wait. `wait` are the seconds after which the CRM wants to be asked again,
    where it says so; `down` when it did not answer at all or failed inside, which counts for the circuit breaker.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        unconnected: bool = False,
        wait: float | None = None,
        down: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent, self.unconnected, self.wait, self.down = permanent, unconnected, wait, down


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A caller whom the CRM knows; `employee` (a key of the settings) or `user` (the CRM's id) is responsible."""

    kind: str
    id: str
    name: str
    employee: str | None = None
    user: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Filing:
    """A call to be filed: its details, for whom (the CRM's user), under which contact, or as a new lead."""

    call: CallDetails
    user: int | None
    contact: Contact | None
    create_lead: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """A recording on its way into the CRM: a file on this disk, and the name it is to have there (.wav or .mp3)."""

    file: PurePath
    name: str


def responsible(contact: Contact | None, company: Company) -> str | None:
    """Name the employee responsible for a contact, None when that is nobody whom the settings know."""
    if contact is None:
        return None
    key = contact.employee or (company.crm_users.get(contact.user) if contact.user else None)
    return key if key in company.employees else None


class Crm(Protocol):
    """A CRM. Every method may be repeated without harm, and raises CrmError.

    `near` when it answers from the app's own database, so that its answers need not be kept anywhere.
    """

    near: bool

    def held(self) -> str | None:
        """Say why nothing can be filed until somebody mends the connection, without asking the CRM; None when it can.

        Calls wait meanwhile, and say so; a CRM that needs no connection has nothing to add here.
        """
        return None

    def find_caller(self, number: str, *, waiting: bool) -> Contact | None:
        """Tell who calls from a number (E.164); None when the CRM does not know it.

        `waiting` while the caller does; a job has time.
        """
        ...

    def file_call(self, filing: Filing, remember: Callable[[str], None]) -> None:
        """File a call, once however often it is asked; `remember` is given the CRM's id of it as soon as it is known.

        `filing.call.crm_call_id` is what an earlier attempt remembered.
        """
        ...

    def attach_recording(self, crm_call_id: str, sound: Sound) -> None:
        """Attach a recording to a filed call; a second one replaces the first."""
        ...
