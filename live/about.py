"""What is being worked on, so that every line of the log can say so: a call, a request, a job.

A context variable: each thread and each greenlet has its own, so that lines of calls that are served side by side do
not get each other's ids. What is kept is a question, not its answer: a webhook that writes no line works nothing out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

Facts = Mapping[str, str]
Tell = Callable[[], Facts]


def _nothing() -> Facts:
    return {}


_work: ContextVar[Tell] = ContextVar("ringpath_work", default=_nothing)


def facts() -> Facts:
    """Say what is being worked on here: any of `call`, `revision` (of the settings), `request` and `job`, by name.

    Nothing where that cannot be told, as of a request that broke off: a line that does not say whose it is says more
    than none, and so does a report.
    """
    try:
        return _work.get()()
    except Exception:  # whatever it is, somebody else is about to tell of it
        return {}


def begin(tell: Tell) -> Tell:
    """From now on it is what `tell` says; returns what it was before, for `back_to`."""
    before = _work.get()
    _work.set(tell)
    return before


def back_to(before: Tell) -> None:
    """It is again what it was."""
    _work.set(before)


@contextmanager
def at(**told: str) -> Iterator[None]:
    """Inside, it is this besides: at(call="CA1")."""
    before = _work.get()
    _work.set(lambda: {**before(), **told})
    try:
        yield
    finally:
        _work.set(before)
