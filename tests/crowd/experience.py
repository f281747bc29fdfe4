"""What a caller has experienced, and what must therefore be on file and in the portal."""

from __future__ import annotations

from dataclasses import dataclass

from calls.details import CallDetails
from calls.outcomes import CALL_BACK, Outcome
from simulator import Call, Leg
from tests.crowd.documents import LISTENS, leads_on
from tests.crowd.firm import Firm
from tests.crowd.person import AT_A_DESK
from tests.crowd.plan import Plan

SAID_LAST = ("say", "error")
OVER = ("hang up", "reject", "recorded")
GOES_ON = ("<Gather", "<Dial", "<Redirect")
HEARD = (*SAID_LAST, *OVER, "play", "beep", "dialled", "key")


@dataclass(frozen=True, kw_only=True)
class Experience:
    """What became of one call, as the telephone network saw it."""

    firm: Firm
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
    def was_told_the_end(self) -> bool:
        """Whether the last document was a last word, or asked for a message: everybody had been tried by then."""
        last = self._last_document
        return bool(last) and not any(verb in last for verb in GOES_ON)

    @property
    def _last_document(self) -> str:
        """The last one that was played to him; "" where none was."""
        played = (each for each in reversed(self.call.webhooks) if each.params.get("CallStatus") in LISTENS)
        return next((each.text for each in played if each.status_code == 200), "")

    @property
    def rung(self) -> list[str]:
        """The employees whose device or mobile has rung, in order."""
        owners, rung = self.firm.owners, (leg.device for leg in self.call.legs if leg.started_at is not None)
        return [owners[device] for device in rung if device in owners]

    @property
    def silent(self) -> bool:
        """Whether the call ended without a person, a message, a refusal, or a last word.

        What he had heard before is no last word where the document after it, with which the call ends, says nothing.
        """
        if self.spoke_on is not None:
            return False
        heard = [line.kind for line in self.call.transcript if not line.who and line.kind in HEARD]
        if not heard or heard[-1] not in (*SAID_LAST, *OVER):
            return True
        return not (self.gave_up or self.was_told_an_error or leads_on(self._last_document))

    def outcomes(self) -> tuple[Outcome, ...]:
        """The outcomes that tell the truth; more than one where a kill has kept the app from knowing which."""
        if self.plan.behaviour.who == "blocked" and self.declined:
            return ("blocked",)
        leg = self.spoke_on
        if leg is not None:
            return ("answered",) if leg.device.startswith(AT_A_DESK) else ("forwarded",)
        if self.left_a_message:
            return ("voicemail",)
        if self.plan.behaviour.who == "blocked" and self.was_told_an_error:
            return ("blocked", *CALL_BACK)  # the answer that declined him was lost, perhaps
        if self.plan.number in self.firm.shut and not self.was_told_an_error:
            return ("closed",)
        if self.was_told_an_error:
            return CALL_BACK
        if self.took_the_safe_way and self.gave_up:
            return ("abandoned", "missed")  # the fallback knows nothing of what he had heard before
        return ("abandoned",) if self.gave_up and not self.was_told_the_end else ("missed",)


def wrong(experience: Experience, found: CallDetails) -> str | None:
    """Say what is wrong with the record of a call, None when it tells the truth."""
    leg, right, owners = experience.spoke_on, experience.outcomes(), experience.firm.owners
    if found.outcome not in right:
        return f"is {found.outcome}, not {' or '.join(right)}"
    spoke = owners.get(leg.device) if leg else None
    if found.answered_by != spoke:
        return f"was answered by {found.answered_by}, not {spoke}"
    if leg and not leg.device.startswith(AT_A_DESK) and found.forwarded_to != leg.device:
        return f"was forwarded to {found.forwarded_to}, not {leg.device}"
    if not _owner_fits(experience, found.employee, spoke):
        return f"belongs to {found.employee}: spoke {spoke}, known {experience.plan.known}, rung {experience.rung}"
    return None


def _owner_fits(experience: Experience, owner: str | None, spoke: str | None) -> bool:
    """DESIGN section 7: who answered; else the responsible; else the last one rung; a missed call is somebody's."""
    plan, firm = experience.plan, experience.firm
    first = spoke or plan.known
    if first or plan.number in firm.direct:
        return owner == first
    if experience.declined and plan.behaviour.who == "blocked":
        return owner is None
    if experience.plan.behaviour.who == "blocked" and owner is None:
        return True
    if experience.rung and not (experience.took_the_safe_way or experience.was_told_an_error):
        return owner == experience.rung[-1]
    return owner in firm.employees or (owner is None and experience.spoke_on is not None)


def is_filed(experience: Experience) -> bool:
    """Whether the call has a place in the portal."""
    plan = experience.plan
    if plan.behaviour.who == "withheld" or (plan.behaviour.who == "blocked" and experience.declined):
        return False
    nobody = not experience.rung and (plan.number in experience.firm.direct or experience.spoke_on is not None)
    return plan.known is not None or not nobody


def makes_a_lead(experience: Experience) -> bool:
    """Whether a lead is made: an unknown caller has spoken to an employee, on a number that wants leads."""
    plan, leg, firm = experience.plan, experience.spoke_on, experience.firm
    wants = plan.number not in firm.shut
    return bool(wants and is_filed(experience) and plan.known is None and leg and leg.device in firm.owners)


def filed_wrongly(experience: Experience, found: CallDetails, there: dict[str, object]) -> str | None:
    """Say what is wrong with a call in the portal."""
    forwarded = found.outcome == "forwarded"
    expected = {
        "PORTAL_USER_ID": experience.firm.users[found.employee] if found.employee else None,
        "INCOMING": "3" if forwarded else "2",
        "CALL_FAILED_CODE": found.code,
        "PHONE_NUMBER": experience.plan.caller,
    }
    differs = {name: (there[name], value) for name, value in expected.items() if there[name] != value}
    return f"is in the portal with {differs}" if differs else None
