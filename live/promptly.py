"""Work for which a webhook waits a moment, and that goes on after it: a store may hang, a caller may not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTimeError
from contextvars import copy_context
from typing import TypeVar

log = logging.getLogger("ringpath.live")

Result = TypeVar("Result")

__all__ = ["NotInTimeError", "promptly"]


def promptly(seconds: float, what: str, work: Callable[[], Result]) -> Result:
    """Do some work, named `what`, in a thread of its own, and wait for it so long; raises what it raises.

    Raises NotInTimeError when it is not done by then. It is not broken off, so it must be safe to repeat.
    """
    future: Future[Result] = Future()
    given_up = threading.Event()

    def run() -> None:
        try:
            result = work()
        except Exception as error:
            if given_up.is_set():
                log.warning("%s, for which nobody waited, failed: %s", what, error)
            future.set_exception(error)
        else:
            future.set_result(result)

    context = copy_context()  # so that what is logged there says what it is about (live.about)
    threading.Thread(target=context.run, args=(run,), daemon=True, name=what).start()
    try:
        return future.result(seconds)
    except NotInTimeError:
        given_up.set()
        raise
