"""What the columns of call details mean, in words for all pages, and the badge that shows each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from calls.details import CallDetails
from calls.outcomes import OUTCOMES as MEANINGS
from calls.outcomes import Outcome
from web.words import lazy, plain


class Shown(NamedTuple):
    """A value as people see it: the kind of badge (good, bad, warn, plain), its word, and what that means."""

    kind: str
    word: str
    meaning: str = ""


OUTCOMES: Mapping[Outcome, Shown] = {
    "answered": Shown("good", lazy("answered"), lazy("An employee spoke to the caller.")),
    "forwarded": Shown(
        "good", lazy("forwarded"), lazy("A forward was answered: an employee's mobile or an outside number.")
    ),
    "voicemail": Shown("warn", lazy("message"), lazy("Nobody answered, and the caller left a message.")),
    "missed": Shown("bad", lazy("missed"), lazy("Nobody answered.")),
    "abandoned": Shown("bad", lazy("abandoned"), lazy("The caller hung up before anybody answered.")),
    "closed": Shown(
        "warn", lazy("out of hours"), lazy("Out of hours: declined, or sent away without anybody being rung.")
    ),
    "blocked": Shown("plain", lazy("blocked"), lazy("The caller is on the block list, and was declined.")),
}

CODES: Mapping[str, str] = {
    "402": lazy("the forward that was to take the call could not be paid for"),
    "486": lazy("whoever was to be rung was busy"),
    "480": lazy("nobody was there to be rung"),
    "304": lazy("those rung did not answer"),
}
"""Why a call was missed, where its outcome does not say so."""

FILINGS: Mapping[str, Shown] = {
    "pending": Shown("plain", lazy("to be filed")),
    "filed": Shown("good", lazy("filed")),
    "skipped": Shown("plain", lazy("not filed")),
    "failed": Shown("bad", lazy("filing failed")),
}
"""How the filing of a call in the CRM stands."""

SOUNDS: Mapping[str, Shown] = {
    "kept": Shown("good", lazy("kept here")),
    "pending": Shown("plain", lazy("being fetched from the provider")),
    "remote": Shown("plain", lazy("at the provider")),
    "silent": Shown("plain", lazy("silent"), lazy("Nothing is to be heard in it.")),
    "failed": Shown("bad", lazy("could not be fetched")),
    "removed": Shown("plain", lazy("deleted")),
}
"""How a recording or message stands."""

KINDS: Mapping[str, str] = {"recording": lazy("Recording"), "voicemail": lazy("Message")}

REASONS = (
    lazy("a simulated call"),
    lazy("the caller is on the block list"),
    lazy("the caller withheld his number"),
    lazy("the number called is not in the settings"),
    lazy("no CRM is set (CRM=none)"),
    lazy("nobody at the company took part, and the CRM does not know the caller"),
)
"""Why a call was not filed, as the table of calls keeps it (crm.filing); what a CRM itself said stays as it is."""


def why_missed(call: CallDetails) -> str | None:
    """Say why nobody answered, where the code tells more than the outcome does."""
    meaning = MEANINGS[call.outcome]
    return CODES.get(call.code) if meaning.call_back and call.code != meaning.code else None


SENTENCES: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"deleted by (?P<name>[^;]+)"), lazy("deleted by %(name)s")),
    (re.compile(r"kept for (?P<days>\d+) days?"), lazy("kept for %(days)s days")),
)
"""Why a recording is no longer there, as the table of recordings keeps it."""


def reason(text: str | None) -> str:
    """Say a reason that we have written down in the reader's language; anything else as it is."""
    for pattern, said in SENTENCES:
        if text and (found := pattern.match(text)):
            return str(said) % found.groupdict() + text[found.end() :]
    return plain(text) if text else ""
