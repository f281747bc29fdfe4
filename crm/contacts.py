"""The CRM that comes with Ringpath: the address book in SQL (calls.contacts). Call details are its file."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from calls.contacts import find
from calls.database import StoreError, said
from crm.crm import Contact, Crm, CrmError, Filing, Sound


class Contacts(Crm):
    """Tells callers by the address book; a call and its recordings are on file already, next to it."""

    near = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def find_caller(self, number: str, *, waiting: bool) -> Contact | None:  # noqa: ARG002
        """Look a number (E.164) up in the book; raises CrmError when SQL refuses."""
        try:
            with self._engine.connect() as connection:
                entry = find(connection, number)
        except StoreError as error:
            raise CrmError(f"the address book cannot be read: {said(error)}", down=True) from error
        if entry is None:
            return None
        return Contact(kind="contact", id=entry.number, name=entry.name, employee=entry.employee)

    def file_call(self, filing: Filing, remember: Callable[[str], None]) -> None:
        """Do nothing: call details name the contact."""

    def attach_recording(self, crm_call_id: str, sound: Sound) -> None:
        """Do nothing: the recording belongs to the call details."""
