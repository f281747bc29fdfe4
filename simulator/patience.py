"""How long the provider waits for an answer, and what it tries again."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.dialects import Dialect

_MOST_RETRIES = 5
_EVERYTHING = frozenset(("ct", "rt", "4xx", "5xx"))


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds to wait for a connection and for an answer, and how often to retry after what.

    `retry_on` holds `ct` (no connection), `rt` (no answer in time), `4xx`, `5xx`. By default only a failed
    connection is tried again: an answer of 500 is not.
    """

    connect: float
    total: float
    retries: int = 1
    retry_on: frozenset[str] = frozenset(("ct",))

    @classmethod
    def of(cls, url: str, dialect: Dialect) -> "Patience":
        """The dialect's limits with the overrides in the fragment of `url`, e.g. `#rc=2&rp=5xx,rt&tt=8000`.

        Times there are milliseconds. Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides.
        """
        connect, total = dialect.connect_timeout, dialect.total_timeout
        wishes = dict(wish.split("=", 1) for wish in urlsplit(url).fragment.split("&") if "=" in wish)
        if not wishes:
            return cls(connect=connect, total=total)
        retry_on = frozenset(wishes.get("rp", "ct").split(","))
        limits = [int(wishes[name]) / 1000 for name in ("rt", "tt") if name in wishes]
        return cls(
            connect=int(wishes["ct"]) / 1000 if "ct" in wishes else connect,
            total=min(limits, default=total),
            retries=min(int(wishes.get("rc", 1)), _MOST_RETRIES),
            retry_on=_EVERYTHING if "all" in retry_on else retry_on,
        )
