"""What somebody waits for, for a moment only: in time it is returned or raised, later it is done all the same."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from live.promptly import NotInTimeError, promptly


def works() -> str:
    """Do it."""
    return "done"


def fails() -> str:
    """Do not."""
    raise LookupError("no such thing")


def test_what_is_done_in_time_is_returned_or_raised() -> None:
    assert promptly(60, "it", works) == "done"
    with pytest.raises(LookupError, match="no such thing"):
        promptly(60, "it", fails)


LATE = "it, for which nobody waited, failed: no such thing"


@pytest.mark.parametrize(("work", "said"), [(works, []), (fails, [LATE])])
def test_what_comes_too_late_is_done_all_the_same(work: Callable[[], str], said: list[str], caplog: Any) -> None:
    goes_on, threads = threading.Event(), list[threading.Thread]()

    def late() -> str:
        threads.append(threading.current_thread())
        goes_on.wait(60)
        return work()

    with pytest.raises(NotInTimeError):
        promptly(0.01, "it", late)
    goes_on.set()
    threads[0].join(60)
    assert caplog.messages == said
