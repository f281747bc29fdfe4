"""What strangers are told of a part that is not well: our own words; what others said about it is for the log.

/readyz is open to everybody. The page Operation and `flask doctor` tell all of it, such as a driver's message with the
server's address and user.
"""

from __future__ import annotations

import logging

from config.trouble import english
from web.reception import Check

log = logging.getLogger("ringpath.web")


class Discreet:
    """A check for strangers: says less, and puts what it leaves out into the log when that is new."""

    def __init__(self, name: str, check: Check) -> None:
        self._name, self._check = name, check
        self._logged = ""

    def __call__(self) -> str:
        """Say what is wrong, "" when all is well."""
        troubles = self._check()
        said, told = english(troubles), english(troubles, to_strangers=True)
        if told != said and said != self._logged:
            log.warning("%s is not well: %s", self._name, said)
        self._logged = said
        return told
