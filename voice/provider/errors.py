"""What goes wrong with the REST API of the provider; apart from what asks it, which is loaded where it is needed."""

from __future__ import annotations


class ProviderError(Exception):
    """The provider did not do what was asked; `permanent` when asking again cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class NotAskedError(ProviderError):
    """The provider was not asked, as it has just not told of another call; `turn` counts those that wait for this."""

    def __init__(self, failed: ProviderError, turn: int) -> None:
        super().__init__(str(failed), permanent=failed.permanent)
        self.turn = turn
