"""The trace of a call in the reader's language."""

from __future__ import annotations

from config.company import Company
from flows import trace
from flows.live import Note
from web.route_map.words import mailbox_name
from web.words import plain


def told(note: Note, company: Company) -> str:
    """Put a decision into words, with the names of people, groups and mailboxes."""
    if "mailbox" in note:
        note = note | {"mailbox": mailbox_name(str(note["mailbox"]), company)}
    return trace.told(note, company, plain)
