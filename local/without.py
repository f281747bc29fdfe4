"""What each part of a webhook costs where it runs: Ringpath without it, and the bare app with a question to Redis.

A warm loop cannot tell it (local.phases): a process that is put to sleep, and woken with other things in the caches,
pays for that wherever it goes on. So whole apps race, under gunicorn, in turns: what one costs less, its part costs.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from flask import Flask

from app import create_app
from flows.calls import Call
from flows.live import Asked, Blind, Offer
from live.connection import connect
from live.wire import Wire
from local import bare
from local.contenders import Contender, Round, ringpath

DOCUMENT = "<Response>" + "<Hangup/>" * 40 + "</Response>"


class FromMemory:
    """A live state that is asked nothing: the first option of a ladder that does not hang on what only Redis knows."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Take what the real one is given."""

    def ask(self, call: Call, asked: Asked) -> Callable[[], Offer]:
        """Answer at once."""
        return Blind().ask(call, asked)

    def end(self, _call: Call, _status: str, _now: datetime, _ended_at: datetime) -> None:
        """Keep nothing."""


def _nothing(*_: Any, **__: Any) -> None:
    return None


PARTS: dict[str, tuple[str, Any]] = {
    "asking Redis": ("app.RedisLive", FromMemory),
    "the signature, and reading the form for it": ("voice.signature.Signature.refuse", _nothing),
    "the document": ("voice.door.write", lambda *_: DOCUMENT),
    "metrics": ("voice.guard.answered", _nothing),
    "telling the log what it is about": ("voice.guard.working_on.init_app", _nothing),
}
"""What can be left out → what is replaced for it, and by what."""


def without(part: str) -> Flask:
    """Make the app without a part."""
    patch(*PARTS[part]).start()
    return create_app()


def bare_and_asking() -> Flask:
    """Make the bare app that asks Redis one question besides, which is sent as ours are, and costs Redis nothing."""
    app = bare.create_app()
    with patch("live.wire.source", lambda _: "return 'x'"):
        wire = Wire(connect(os.environ["REDIS_URL"]), ("nothing",), is_down=lambda: False)

    def asking(view: Callable[[], Any]) -> Callable[[], Any]:
        def ask() -> Any:
            sent = wire.send("nothing", ["{ringpath}:calls"], b"x" * 600)
            answer = view()
            sent.read()
            return answer

        return ask

    app.view_functions.update({name: asking(view) for name, view in app.view_functions.items()})
    return app


ASKING = "bare, and one question to Redis"


def opened(stack: ExitStack, folder: Path) -> Iterator[Contender]:
    """Start Ringpath once for each part, without it."""
    for number, part in enumerate(PARTS):
        yield stack.enter_context(ringpath(folder / str(number), part, 10, 1, 0, f'local.without:without("{part}")'))


def asking(stack: ExitStack, folder: Path) -> Contender:
    """Start the bare app that asks."""
    return stack.enter_context(ringpath(folder, ASKING, 10, 1, 0, "local.without:bare_and_asking()"))


def rows(results: dict[str, list[Round]], whole: str, connections: int) -> Iterator[str]:
    """Lines of a Markdown table, in CPU µs for each webhook: of an app, and what it costs less than the whole one.

    The difference is that of one turn and the turn beside it, of which the median is taken: a machine that is busier
    in one minute than in the next would make more of a difference than a part.
    """
    for name, rounds in results.items():
        costs = ""
        if name == ASKING:
            costs = _difference(rounds, results["bare"])
        elif name in PARTS:
            costs = _difference(results[whole], rounds)
        spent = f"{median(r.web for r in rounds):.0f} + {median(r.store for r in rounds):.0f}"
        yield f"| {_told(name)} | {connections} | {spent} | {costs} |"


def _difference(more: list[Round], less: list[Round]) -> str:
    web = median(a.web - b.web for a, b in zip(more, less, strict=True))
    return f"{web:.0f} + {median(a.store - b.store for a, b in zip(more, less, strict=True)):.0f}"


def _told(name: str) -> str:
    return f"without {name}" if name in PARTS else name


def head() -> Sequence[str]:
    """The lines above them."""
    names = ["app", "connections", "CPU µs, web + Valkey", "so the part costs"]
    return ["", "| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
