"""Long computations, put aside: under gunicorn's gevent workers all requests of a process share one thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextvars import copy_context
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def aside(function: Callable[Arguments, Result], *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
    """Compute in a thread that takes its turns, so that a large document of settings holds up no webhook.

    Without gevent every request has a thread of its own, and nothing is to be done.
    """
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return function(*arguments, **named)
    pool = sys.modules["gevent"].get_hub().threadpool
    found: Result = pool.apply(copy_context().run, (function, *arguments), named)  # the request is known there too
    return found
