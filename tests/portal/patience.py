"""How long an answer of a portal is waited for: hardly at all where none may come, and for long where one does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.waiting import SOON

HURRIED, PATIENT = 0.25, SOON
"""Seconds, real ones. No answer is late because this machine does something else meanwhile."""


class _Watchful:
    """What crm.bitrix24.wire.Patience is, with an eye on the portal."""

    def __init__(self, may_hang: Callable[[], bool], gate: float, *, urgent: bool) -> None:
        self.gate, self.urgent, self.connect, self._may_hang = gate, urgent, PATIENT, may_hang

    @property
    def answer(self) -> float:
        """Seconds to wait for the answer that is asked for now."""
        return HURRIED if self._may_hang() else PATIENT


def patience(may_hang: Callable[[], bool], *, gate: float = 0, urgent: bool = False) -> Any:
    """Patience with a portal that may hang by now, or not: patience(lambda: there.may_hang)."""
    return _Watchful(may_hang, gate, urgent=urgent)
