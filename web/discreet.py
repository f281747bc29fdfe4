"""What strangers are told of a part that is not well: our own words; what others said about it is for the log.

/readyz is open to everybody. By our convention all that comes from outside, such as a driver's message with the
server's address and user, stands in parentheses: the checks have it, and with them the page Operation and
`flask doctor`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from web.reception import Check

log = logging.getLogger("ringpath.web")


def without_details(problem: str) -> str:
    """Leave out of a problem what stands in parentheses, from the first to the last of them."""
    return re.sub(r" ?\(.*\)", "", problem, flags=re.DOTALL)


class Discreet:
    """A check for strangers: says less, and puts what it leaves out into the log when that is new."""

    def __init__(self, name: str, check: Check, say: Callable[[str], str] = without_details) -> None:
        self._name, self._check, self._say = name, check, say
        self._logged: str | None = None

    def __call__(self) -> str | None:
        """Say what is wrong, None when all is well."""
        problem = self._check()
        told = None if problem is None else self._say(problem)
        if told != problem and problem != self._logged:
            log.warning("%s is not well: %s", self._name, problem)
        self._logged = problem
        return told
