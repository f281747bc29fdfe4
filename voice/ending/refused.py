"""What an operator is told when SQL takes nothing: not only that a call was not written, but what there is to do."""

from __future__ import annotations

from calls.database import StoreError
from calls.room import refusal
from live.refusals import Complaint

_complaint = Complaint()


def complain(error: StoreError) -> None:
    """Say in the log, from time to time, what is to be done, where that is known."""
    why = refusal(error)
    if why:
        _complaint.make(f"the database is {why.said}, and calls wait to be put on file: {why.remedy}")
