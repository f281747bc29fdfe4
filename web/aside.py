"""Long computations, put aside: under gunicorn's gevent workers all requests of a process share one thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_is_aside = ContextVar("_is_aside", default=False)


def aside(function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Compute in a thread that takes its turns, so that a large document of settings holds up no webhook.

    Never within a transaction: others that want to write would wait for it. Raises what the function raises. Without
    gevent every request has a thread of its own, and nothing is to be done.
    """
    monkey = sys.modules.get("gevent.monkey")
    if _is_aside.get() or monkey is None or not monkey.is_module_patched("threading"):
        return function(*arguments, **named)

    def caught() -> tuple[Result, None] | tuple[None, Exception]:
        _is_aside.set(True)
        try:
            return function(*arguments, **named), None
        except Exception as error:  # gevent prints the trace of whatever leaves a thread of its pool
            return None, error

    pool = sys.modules["gevent"].get_hub().threadpool
    found: Result
    found, error = pool.apply(copy_context().run, (caught,))  # the request is known there too
    if error is not None:
        raise error
    return found
