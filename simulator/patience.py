"""How long the provider waits for an answer, and what it tries again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from simulator.dialects import Dialect

_MOST_RETRIES = 5
_EVERYTHING = frozenset(("ct", "rt", "4xx", "5xx"))


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to wait for a connection, for one answer, and for all attempts together; how often to retry after what.

    `retry_on` holds `ct` (no connection), `rt` (no answer in time), `4xx`, `5xx`. By default only a failed
    connection is tried again: an answer of 500 is not, and neither is one that broke off.
    """

    connect: float
    answer: float
    total: float
    retries: int = 1
    retry_on: frozenset[str] = frozenset(("ct",))

    def within(self, seconds: float) -> "Patience":
        """The same, for another attempt that has only so long."""
        longest = max(seconds, 0.001)  # a time-out of nothing would be none
        return replace(self, connect=min(self.connect, longest), answer=min(self.answer, longest))

    @classmethod
    def of(cls, url: str, dialect: Dialect, *, callback: bool = False) -> "Patience":
        """The dialect's limits with the overrides in the fragment of `url`, e.g. `#rc=2&rp=5xx,rt&tt=8000`.

        Times there are milliseconds. Some providers repeat a `callback`, to which nobody listens, by themselves.
        Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
        """
        wishes = _wishes(url, dialect)
        total = _seconds(wishes.get("tt"), dialect.total_timeout)
        retries, retry_on = int(wishes.get("rc", 1)), frozenset(wishes.get("rp", "ct").split(","))
        if callback and dialect.callback_retries:
            retries, retry_on = dialect.callback_retries, _EVERYTHING
        return cls(
            connect=_seconds(wishes.get("ct") or wishes.get("ot"), dialect.connect_timeout),
            answer=min(_seconds(wishes.get("rt"), total), total),
            total=total,
            retries=min(retries, _MOST_RETRIES),
            retry_on=_EVERYTHING if "all" in retry_on else retry_on,
        )


def _wishes(url: str, dialect: Dialect) -> Mapping[str, str]:
    """The overrides that the provider knows; others it passes over."""
    wishes = dict(wish.split("=", 1) for wish in urlsplit(url).fragment.split("&") if "=" in wish)
    return {name: wish for name, wish in wishes.items() if name in dialect.overrides}


def _seconds(milliseconds: str | None, default: float) -> float:
    return default if milliseconds is None else int(milliseconds) / 1000
