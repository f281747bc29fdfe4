"""What a caller has experienced, and what must therefore be on file and in the portal."""

from __future__ import annotations

from dataclasses import dataclass

from calls.details import CallDetails
from calls.outcomes import CALL_BACK, Outcome
from simulator import Call, Leg
from tests.kills.people import Plan
from tests.kills.settings import DIRECT, EMPLOYEES, MOBILES, SHUT, SHUT_MAIL, USERS

BY_ADDRESS = {f"client:{key}": key for key in EMPLOYEES} | {mobile: key for key, mobile in MOBILES.items()}
SAID_LAST = ("say", "error")
OVER = ("hang up", "reject", "recorded")
HEARD = (*SAID_LAST, *OVER, "play", "beep", "dialled", "key")


@dataclass(frozen=True, kw_only=True)
class Experience:
    """What became of one call, as the telephone network saw it."""

    plan: Plan
    call: Call

    @property
    def spoke_on(self) -> Leg | None:
        """The device whose owner the caller spoke to; the first, where he was sent on because an answer was lost."""
        return next((leg for leg in self.call.legs if leg.bridged), None)

    @property
    def left_a_message(self) -> bool:
        """Whether he spoke after a beep."""
        return any(line.kind == "speak" for line in self.call.transcript)

    @property
    def gave_up(self) -> bool:
        """Whether he hung up himself."""
        return any(line.kind == "hang up" and not line.who for line in self.call.transcript)

    @property
    def declined(self) -> bool:
        """Whether the call was refused before it was answered."""
        return any(line.kind == "reject" for line in self.call.transcript)

    @property
    def was_told_an_error(self) -> bool:
        """Whether the provider could not get a document anywhere, and said so itself."""
        return any(line.kind == "error" for line in self.call.transcript)

    @property
    def took_the_safe_way(self) -> bool:
        """Whether a document had to be had from the fallback address, which knows nothing of the call."""
        return any("/voice/fallback" in webhook.url and webhook.status_code == 200 for webhook in self.call.webhooks)

    @property
    def rung(self) -> list[str]:
        """The employees whose device or mobile has rung, in order."""
        return [
            BY_ADDRESS[leg.device] for leg in self.call.legs if leg.started_at is not None and leg.device in BY_ADDRESS
        ]

    @property
    def silent(self) -> bool:
        """Whether the call ended without a person, a message, a refusal, or a last word."""
        heard = [line.kind for line in self.call.transcript if not line.who and line.kind in HEARD]
        return self.spoke_on is None and (not heard or heard[-1] not in (*SAID_LAST, *OVER))

    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that tell the truth; more than one where a kill has kept the app from knowing which."""
        if self.plan.behaviour.who == "blocked" and self.declined:
            return ("blocked",)
        leg = self.spoke_on
        if leg is not None:
            return ("answered",) if leg.device.startswith("client:") else ("forwarded",)
        if self.left_a_message:
            return ("voicemail",)
        if self.plan.number in (SHUT, SHUT_MAIL) and not self.was_told_an_error:
            return ("closed",)
        if self.was_told_an_error:
            return CALL_BACK
        if self.took_the_safe_way and self.gave_up:
            return (
                "abandoned",
                "missed",
            )  # its words ask for nothing more: whether he heard them to the end is not told
        return ("abandoned",) if self.gave_up else ("missed",)


def wrong(experience: Experience, found: CallDetails) -> str | None:
    """Say what is wrong with the record of a call, None when it tells the truth."""
    leg, right = experience.spoke_on, experience.outcomes()
    if found.outcome not in right:
        return f"is {found.outcome}, not {' or '.join(right)}"
    spoke = BY_ADDRESS.get(leg.device) if leg else None
    if found.answered_by != spoke:
        return f"was answered by {found.answered_by}, not {spoke}"
    if leg and not leg.device.startswith("client:") and found.forwarded_to != leg.device:
        return f"was forwarded to {found.forwarded_to}, not {leg.device}"
    if not _owner_fits(experience, found.employee, spoke):
        return f"belongs to {found.employee}: spoke {spoke}, known {experience.plan.known}, rung {experience.rung}"
    return None


def _owner_fits(experience: Experience, owner: str | None, spoke: str | None) -> bool:
    """DESIGN section 7: who answered; else the responsible; else the last one rung; a missed call is somebody's."""
    plan = experience.plan
    first = spoke or plan.known
    if first or plan.number == DIRECT:
        return owner == first
    if experience.declined and plan.behaviour.who == "blocked":
        return owner is None
    if experience.rung and not experience.took_the_safe_way:
        return owner == experience.rung[-1]
    return owner in (*EMPLOYEES, None) if experience.spoke_on else owner in EMPLOYEES


def is_filed(experience: Experience) -> bool:
    """Whether the call has a place in the portal."""
    plan = experience.plan
    if plan.behaviour.who == "withheld" or (plan.behaviour.who == "blocked" and experience.declined):
        return False
    nobody = not experience.rung and (plan.number == DIRECT or experience.spoke_on is not None)
    return plan.known is not None or not nobody


def makes_a_lead(experience: Experience) -> bool:
    """Whether a lead is made: an unknown caller has spoken to an employee, on a number that wants leads."""
    plan, leg = experience.plan, experience.spoke_on
    wants = plan.number not in (SHUT, SHUT_MAIL)
    return bool(wants and is_filed(experience) and plan.known is None and leg and leg.device in BY_ADDRESS)


def filed_wrongly(experience: Experience, found: CallDetails, there: dict[str, object]) -> str | None:
    """Say what is wrong with a call in the portal."""
    forwarded = found.outcome == "forwarded"
    expected = {
        "PORTAL_USER_ID": USERS[found.employee] if found.employee else None,
        "INCOMING": "3" if forwarded else "2",
        "CALL_FAILED_CODE": found.code,
        "PHONE_NUMBER": experience.plan.caller,
    }
    differs = {name: (there[name], value) for name, value in expected.items() if there[name] != value}
    return f"is in the portal with {differs}" if differs else None
