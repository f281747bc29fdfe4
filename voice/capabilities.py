"""What works with which provider, in words: the table of the README, and why a test is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from voice.profiles import PROFILES, Profile

SHOWN = {
    "twilio": "Twilio",
    "signalwire": "SignalWire",
    "somleng": "Somleng",
    "telnyx": "Telnyx",
    "cloudonix": "Cloudonix",
}
"""The providers, in the order of the table."""

PROOFS = {
    "hmac": "`{header}`",
    "ed25519": "`{header}` (Ed25519)",
    "bearer": "a secret (`Authorization: Bearer`)",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Capability:
    """A row: what it is about, and what is said of a provider; what it cannot do begins with "no"."""

    title: str
    says: Callable[[Profile], str]

    def has(self, profile: Profile) -> bool:
        """Whether a provider can do it."""
        return not self.says(profile).startswith("no")


def _yes(ability: str, otherwise: str) -> Callable[[Profile], str]:
    return lambda profile: "yes" if getattr(profile, ability) else otherwise


def _on_rest(otherwise: str, ability: str | None = None) -> Callable[[Profile], str]:
    """What needs the REST API, and perhaps something of it."""

    def says(profile: Profile) -> str:
        if profile.rest is None or (ability and not getattr(profile.rest, ability)):
            return otherwise
        return "yes" if profile.rest.base else "with `TWILIO_API_URL`"

    return says


CAPABILITIES: dict[str, Capability] = {
    "proof": Capability(
        title="webhook authentication",
        says=lambda profile: PROOFS[profile.proof].format(header=profile.signature_header),
    ),
    "get": Capability(
        title="webhooks by GET as well as POST",
        says=lambda profile: "no, refused: only a body is signed" if profile.proof == "ed25519" else "yes",
    ),
    "fallback": Capability(title="fallback URL", says=_yes("fallback", "no; a failure ends the call")),
    "retries": Capability(
        title="tells an end again that could not be taken",
        says=lambda profile: (
            "yes" if profile.retries else "no; the REST API is asked" if profile.rest else "no; it is held in memory"
        ),
    ),
    "client": Capability(title="browser devices (`client:`)", says=_yes("client", "no, not rung")),
    "whisper": Capability(title="press 1 to accept", says=_yes("whisper", "no; a short ring must beat the mailbox")),
    "legs": Capability(
        title="told when a device is picked up",
        says=_yes("leg_callbacks", "no; who is rung alone counts as busy until the dial ends"),
    ),
    "joined": Capability(
        title="told whether caller and callee were joined (`DialBridged`)",
        says=lambda profile: (
            "yes"
            if profile.dial_bridged
            else "no; the key that was pressed tells"
            if profile.whisper
            else "no; a mailbox that picks up counts as an answer"
        ),
    ),
    "talk": Capability(
        title="told how long they talked", says=_yes("dial_seconds", "no; call details show 0 seconds of talk")
    ),
    "hang_up": Capability(
        title="told when a caller gives up while a device rings",
        says=lambda profile: "yes" if "completed" in profile.gone else "no; only that the dial was canceled",
    ),
    "recording": Capability(title="recording of calls", says=_yes("dial_recording", "no")),
    "sound": Capability(title="told where a recording or message is", says=_yes("record_callback", "no")),
    "silence": Capability(
        title="five seconds of silence end a message",
        says=lambda profile: "no; `#`, hanging up or 120 seconds do" if profile.message else "yes",
    ),
    "ringing": Capability(
        title="real ringing on a forward (`answerOnBridge`)",
        says=lambda profile: (
            "yes, on every dial" if profile.dial_rings else "yes" if profile.answer_on_bridge else "no"
        ),
    ),
    "put_through": Capability(
        title="a waiting caller connected as soon as somebody is free (REST)", says=_on_rest("no; when the music ends")
    ),
    "asked": Capability(
        title="ends that were never told, recordings, balance (REST)", says=_on_rest("no; what is not told is lost")
    ),
    "dialled": Capability(title="which devices were dialled (REST)", says=_on_rest("no", "legs")),
    "numbers": Capability(title="where the numbers' webhooks lead (REST)", says=_on_rest("no", "numbers")),
}


def table() -> str:
    """Write the table, as it stands in the README."""
    head = ["", *SHOWN.values()]
    rows = [[row.title, *(row.says(PROFILES[name]) for name in SHOWN)] for row in CAPABILITIES.values()]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("|" + "".join(f" {cell} |" if cell else " |" for cell in line) for line in lines)
