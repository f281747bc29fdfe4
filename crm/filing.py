"""Filing: each call once in the CRM, by the employee who owns it (DESIGN section 7).

Every step may be repeated, and is kept in SQL as soon as it is done; so a worker may be killed at any line.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from rq.timeouts import BaseTimeoutException
from sqlalchemy import Connection, Engine

from calls import outbox
from calls.database import StoreError
from calls.details import CallDetails
from config.company import Company
from crm.crm import Contact, Crm, CrmError, Filing, responsible
from live import about

log = logging.getLogger("ringpath.crm")

MENDED = 30.0
"""Seconds after which a call is tried again that found out that the connection has to be mended; the others follow."""

Answer = TypeVar("Answer")
Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Clerk:
    """Who files calls: from the outbox of a database into a CRM (None: nowhere)."""

    engine: Engine
    crm: Crm | None
    company: Company
    clock: Clock
    newest: Callable[[], Company] | None = None
    """Looks for settings that may have been published since `company` was; None: there are none."""

    def file_due(self, until: datetime) -> int:
        """File what is due, until a moment, or until the CRM wants to be left alone; returns how many were taken.

        While somebody has to mend the connection first, each call is told so once, and waits.
        """
        taken, held = 0, self.crm.held() if self.crm else None
        while self.clock() < until:
            with self.engine.begin() as connection:
                call = outbox.take(connection, self.clock(), held)
            if call is None:
                break
            taken += 1
            if not self.file(call, held):
                break
        return taken

    def file(self, call: CallDetails, held: str | None = None) -> bool:
        """File one call and keep what became of it, unless that is `held`; False when the CRM wants to be left alone.

        Raises StoreError; the call then waits until its lease has ended.
        """
        clerk = self._knowing(call)
        if clerk is not self:
            return clerk.file(call, held)
        with about.at(call=call.id):
            try:
                return self._file(call, held)
            except outbox.LeaseLost as lost:
                log.warning("%s, which files it", lost)
                return True

    def _knowing(self, call: CallDetails) -> Clerk:
        """Take up newer settings for a call of somebody whom these do not know: he may just have got another key."""
        if self.newest is None or call.employee is None or call.employee in self.company.employees:
            return self
        return replace(self, company=self.newest(), newest=None)

    def _file(self, call: CallDetails, held: str | None) -> bool:
        reason = next((why for why, fits in SKIPPED.items() if fits(call, self)), None)
        if reason is not None:
            return self._keep(lambda connection: outbox.skip(connection, call, reason))
        if held:
            return self._keep(lambda connection: outbox.give_back(connection, call, self.clock(), 0, held))
        try:
            contact = self._asked(call, lambda crm: crm.find_caller(call.caller or "", waiting=False))
        except CrmError as error:
            return self._failed(call, error)
        with self.engine.begin() as connection:
            owned = outbox.owned(connection, with_owner(call, contact, self.company), self.clock())
        if owned.employee is None and contact is None:
            return self._keep(lambda connection: outbox.skip(connection, owned, NOBODY))
        filing = self._filing(owned, contact)
        try:
            self._asked(owned, lambda crm: crm.file_call(filing, lambda crm_id: self._remember(owned, crm_id)))
        except CrmError as error:
            return self._failed(owned, error)
        return self._keep(lambda connection: outbox.filed(connection, owned))

    def _asked(self, call: CallDetails, ask: Callable[[Crm], Answer]) -> Answer:
        """Ask the CRM; whatever goes wrong inside its client is an attempt that failed, and shows in the end."""
        assert self.crm is not None, "calls are skipped without one"
        try:
            return ask(self.crm)
        except (CrmError, StoreError, outbox.LeaseLost, BaseTimeoutException):
            raise  # the last is how rq ends a job, and no fault of the client's
        except Exception as error:
            log.exception("call %s: the CRM's client failed", call.id)
            raise CrmError(f"an error inside Ringpath: {type(error).__name__}: {error}") from error

    def _keep(self, change: Callable[[Connection], None]) -> bool:
        with self.engine.begin() as connection:
            change(connection)
        return True

    def _filing(self, call: CallDetails, contact: Contact | None) -> Filing:
        number = self.company.numbers.get(call.number)
        wanted = number is not None and number.crm.create_lead
        return Filing(
            call=call,
            user=self._user(call, contact),
            contact=contact,
            create_lead=wanted and contact is None and bool(call.answered_by),
        )

    def _user(self, call: CallDetails, contact: Contact | None) -> int | None:
        """Name the CRM's user whose call it is: its responsible, too, where he is no employee of the settings."""
        employee = self.company.employees.get(call.employee or "")
        theirs = contact.user if contact else None
        if employee is None or (theirs and not _taken(call) and responsible(contact, self.company) is None):
            return theirs
        return employee.crm_user

    def _remember(self, call: CallDetails, crm_call_id: str) -> None:
        """Keep the CRM's id of a call; a worker that was overtaken goes no further, or there would be two."""
        self._keep(lambda connection: outbox.remember(connection, call, crm_call_id))

    def _failed(self, call: CallDetails, error: CrmError) -> bool:
        now = self.clock()
        log.warning("call %s could not be filed: %s", call.id, error)
        with self.engine.begin() as connection:
            if error.unconnected:
                outbox.give_back(connection, call, now, MENDED, str(error))
            elif error.permanent:
                outbox.fail(connection, call, str(error))
            elif error.wait is not None and not error.down:
                outbox.give_back(connection, call, now, error.wait, str(error))
            else:
                outbox.later(connection, call, now, str(error), at_least=error.wait or 0)
        return error.wait is None and not error.unconnected


NO_CRM = "no CRM is set (CRM=none)"
NOBODY = "nobody at the company took part, and the CRM does not know the caller"

SKIPPED: dict[str, Callable[[CallDetails, Clerk], bool]] = {
    "a simulated call": lambda call, _: call.simulated,
    "the caller is on the block list": lambda call, _: call.outcome == "blocked",
    "the caller withheld his number": lambda call, _: call.caller is None,
    "the number called is not in the settings": lambda call, _: any(
        note["code"] == "unknown_number" for note in call.trace
    ),
    NO_CRM: lambda _, clerk: clerk.crm is None,
}
"""Calls that are not filed, whoever called; by the settings of then, since a number may leave them while calls wait."""


def with_owner(call: CallDetails, contact: Contact | None, company: Company) -> CallDetails:
    """Say whose a call is, now that the CRM has been asked: who answered, else the responsible, else the last one rung.

    A message in an employee's own mailbox stays his.
    """
    named = replace(
        call,
        contact_type=contact.kind if contact else None,
        contact_id=contact.id if contact else None,
        contact_name=contact.name[:200] if contact else None,
    )
    if _taken(call):
        return named
    return replace(named, employee=responsible(contact, company) or call.employee)


def _taken(call: CallDetails) -> bool:
    """Tell whether a call is somebody's already: he answered it, or has its message in his own mailbox."""
    return bool(call.answered_by) or (call.mailbox or "").startswith("employee:")
