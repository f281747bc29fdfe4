"""Calls as the provider's REST API shows them: one by one, and in lists that are chosen from and turned by pages."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from urllib.parse import urlencode

from simulator.leg import Leg
from simulator.machine import RunningCall

_MOST_ON_A_PAGE = 1000
_USUALLY_ON_A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class CallRecord:
    """One call, or one leg of the call `parent`; `seconds` only where it was answered and is over."""

    sid: str
    from_: str
    to: str
    status: str
    direction: str
    started_at: datetime | None
    ended_at: datetime | None = None
    seconds: int | None = None
    parent: str | None = None

    def fields(self, account: str) -> dict[str, object]:
        """The call as JSON has it; nothing is charged here."""
        return {
            "sid": self.sid,
            "account_sid": account,
            "parent_call_sid": self.parent,
            "from": self.from_,
            "to": self.to,
            "status": self.status,
            "direction": self.direction,
            "start_time": _written(self.started_at),
            "end_time": _written(self.ended_at),
            "duration": None if self.seconds is None else str(self.seconds),
            "price": None,
            "uri": f"/2010-04-01/Accounts/{account}/Calls/{self.sid}.json",
        }


def record_of(party: RunningCall | Leg) -> CallRecord:
    """What the provider knows of a call, or of a leg, that it has carried."""
    at = party.network.clock.at
    return CallRecord(
        sid=party.sid,
        from_=party.from_,
        to=party.to,
        status=party.status,
        direction=party.direction,
        started_at=None if party.started_at is None else at(party.started_at),
        ended_at=None if party.ended_at is None else at(party.ended_at),
        seconds=party.duration if party.is_over and party.answered else None,
        parent=party.call.sid if isinstance(party, Leg) else None,
    )


class BadRequestError(ValueError):
    """A list was asked for in a way that makes no sense."""


def page_of(records: Iterable[CallRecord], query: Mapping[str, str], *, path: str, account: str) -> dict[str, object]:
    """A page of the calls that `query` chooses, the latest first; `path` is where the list is.

    Source: twilio.com/docs/voice/api/call-resource and twilio.com/docs/usage/twilios-response#pagination.
    """
    choices = [(choose, query[name]) for name, choose in _CHOICES.items() if query.get(name)]
    chosen = [record for record in records if all(choose(record, wanted) for choose, wanted in choices)]
    chosen.sort(key=lambda record: record.started_at or datetime.max.replace(tzinfo=UTC), reverse=True)
    size = _count(query, "PageSize", _USUALLY_ON_A_PAGE)
    start = _start(chosen, query.get("PageToken", ""))
    shown, more = chosen[start : start + size], chosen[start + size :]
    number = _count(query, "Page", 0)
    return {
        "calls": [record.fields(account) for record in shown],
        "page": number,
        "page_size": size,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "next_page_uri": _address(path, query, size, number + 1, shown[-1].sid) if more and shown else None,
        "uri": f"{path}?{urlencode(query)}" if query else path,
    }


def _address(path: str, query: Mapping[str, str], size: int, number: int, last: str) -> str:
    wanted = {name: query[name] for name in _CHOICES if query.get(name)}
    return f"{path}?{urlencode(wanted | {'PageSize': size, 'Page': number, 'PageToken': f'PA{last}'})}"


def _start(chosen: list[CallRecord], token: str) -> int:
    """Where a page begins: after the last call of the page before, however many were placed since."""
    if not token:
        return 0
    for at, record in enumerate(chosen):
        if token == f"PA{record.sid}":
            return at + 1
    raise BadRequestError(f"PageToken is not valid: {token}")


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if text and not text.isdigit():
        raise BadRequestError(f"{name} is not a number: {text}")
    return min(int(text), _MOST_ON_A_PAGE) if text else default


def _moment(text: str) -> datetime:
    """A date, or a date with a time in UTC."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise BadRequestError(f"not a date: {text}") from None


def _since(record: CallRecord, wanted: str) -> bool:
    return record.started_at is not None and record.started_at >= _moment(wanted)


def _after(record: CallRecord, wanted: str) -> bool:
    """Telnyx counts by days, and leaves out the one that is named."""
    return record.started_at is not None and record.started_at.date() > date.fromisoformat(wanted)


def _until(record: CallRecord, wanted: str) -> bool:
    return record.started_at is not None and record.started_at <= _moment(wanted)


def _on(record: CallRecord, wanted: str) -> bool:
    return record.started_at is not None and record.started_at.date() == date.fromisoformat(wanted[:10])


_CHOICES: Mapping[str, Callable[[CallRecord, str], bool]] = {
    "To": lambda record, wanted: record.to == wanted,
    "From": lambda record, wanted: record.from_ == wanted,
    "Status": lambda record, wanted: record.status == wanted,
    "ParentCallSid": lambda record, wanted: record.parent == wanted,
    "StartTime": _on,
    "StartTime>": _since,
    "StartTime<": _until,
    "StartTime_gt": _after,
}


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else format_datetime(moment)
