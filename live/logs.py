"""The log of every process: one form, what each line is about, and no secret in it.

`text` is for people: each line of a message or a traceback has the whole head, so that a search for a call id finds all
of it, and nobody can forge a line by sending a line break. `json` is for whatever collects logs: one object a record.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TextIO

from config.environment import Environment
from live import about
from live.outlet import Outlet
from live.secrecy import Redactor, secrets_of

log = logging.getLogger("ringpath")

Write = Callable[[dict[str, str], str, str], str]
"""Writes a record: its head (by name, in order), its message, and its traceback ("" for none)."""


class Lines(logging.Formatter):
    """Writes records as `write` has it, with what is being worked on, and without what `redact` takes out."""

    def __init__(self, write: Write, redact: Redactor, process: str, *, stamped: bool) -> None:
        super().__init__()
        self._write, self._redact, self.process, self._stamped = write, redact, process, stamped

    def format(self, record: logging.LogRecord) -> str:
        """Write one; whatever is wrong with it, it is written."""
        clean = self._redact  # of each part, before quotation marks are escaped: what it looks for has them as they are
        head = self._head(record) | {name: clean(value) for name, value in about.facts().items()}
        trace = self._trace(record)
        return self._write(head, clean(_message(record)), clean(trace) if trace else "")

    def _head(self, record: logging.LogRecord) -> dict[str, str]:
        """Say when and where it was written, of which nothing comes from outside."""
        moment = datetime.fromtimestamp(record.created, UTC)
        time = {} if self._stamped else {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        where = {"level": record.levelname, "process": self.process, "pid": str(record.process), "logger": record.name}
        return time | where

    def _trace(self, record: logging.LogRecord) -> str:
        trace = self.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        return "\n".join(filter(None, [trace, record.stack_info]))


class Handler(logging.StreamHandler[TextIO]):
    """Writes to what is the error output at the time: it may have been turned elsewhere since the start."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self._outlet = Outlet()

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """The error output."""
        return sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, if it can be written without waiting; raises nothing."""
        try:
            self._outlet.write(self.stream, self.format(record) + self.terminator)
        except Exception:  # as the library has it: where nothing can be written, nothing can be said of it either
            self.handleError(record)


def begin(environment: Environment, process: str) -> None:
    """Have all that this process logs written as LOG_FORMAT says, and with SENTRY_DSN its errors reported.

    As logging.basicConfig, it leaves a log alone that somebody else has set up, such as a test.
    """
    _set_up(environment, process)
    if environment.sentry_dsn:
        from live import sentry

        sentry.begin(environment, process)


def _set_up(environment: Environment, process: str) -> None:
    root = logging.getLogger()
    ours = [handler for handler in root.handlers if isinstance(handler, Handler)]
    if root.handlers and not ours:
        return
    handler = ours[0] if ours else Handler()
    redact = Redactor(secrets_of(environment))
    handler.setFormatter(_lines(environment.log_format, redact, process))
    root.setLevel(environment.log_level)
    if not ours:
        root.addHandler(handler)
    logging.captureWarnings(True)
    sys.excepthook, threading.excepthook = _uncaught, _uncaught_in_a_thread


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Write what nobody caught as the log is written; Python itself would print it with all that is in it."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("nobody caught a fault", exc_info=(kind, error, trace))


def _uncaught_in_a_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        _uncaught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)


def call_this_process(name: str) -> None:
    """Say from now on that lines come from a process of this name: one that was forked does something else."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, Lines):
            handler.formatter.process = name


def for_gunicorn() -> dict[str, Any]:
    """Make gunicorn's `logconfig_dict`: its own lines look like ours, from the start of the master on."""

    def handler() -> Handler:
        made = Handler()
        name = (os.environ.get("LOG_FORMAT") or "").strip().lower()
        made.setFormatter(_lines(name, Redactor(secrets_of(None)), "web"))
        return made

    through = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"lines": {"()": handler}},
        "root": {"handlers": ["lines"]},
        "loggers": {"gunicorn.error": through, "gunicorn.access": through},
    }


def _lines(name: str, redact: Redactor, process: str) -> Lines:
    # A dyno's lines are stamped by Heroku; an object has its own time all the same, for whoever takes it out of there.
    stamped = name != "json" and bool(os.environ.get("DYNO"))
    return Lines(_WRITERS.get(name, _text), redact, process, stamped=stamped)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # a faulty message, of a library's too, is no reason to lose it
        return f"{record.msg!r} {record.args!r}"


def _text(head: dict[str, str], message: str, trace: str) -> str:
    told = dict(head)
    words = [told.pop(name) for name in ("time", "level") if name in told]
    where = f"{told.pop('process')}[{told.pop('pid')}] {told.pop('logger')}"
    marks = [f"{name}={_one_word(value)}" for name, value in told.items()]
    begins = " ".join([*words, where, *marks]) + ": "
    return "\n".join(begins + line for line in [*message.splitlines(), *trace.splitlines()] or [""])


def _one_word(value: str) -> str:
    return value if value.isprintable() and " " not in value else json.dumps(value)


def _json(head: dict[str, str], message: str, trace: str) -> str:
    told = head | {"message": message} | ({"error": trace} if trace else {})
    return json.dumps(told, ensure_ascii=False)


_WRITERS: dict[str, Write] = {"text": _text, "json": _json}
