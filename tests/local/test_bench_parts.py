"""What a part of a webhook costs: the app without it still answers, and so does the bare app that asks Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from unittest.mock import patch

import pytest
from flask import Flask

from live.wire import Wire
from local import phases, without
from local.contenders import Round
from local.load import Timings

APPS: dict[str, Callable[[], Flask]] = {part: lambda part=part: without.without(part) for part in without.PARTS}  # type: ignore[misc]
APPS[without.ASKING] = without.bare_and_asking


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The whole app, whose environment those without a part are made in."""
    with phases.opened(tmp_path_factory.mktemp("bench")) as app:
        yield app


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    yield
    patch.stopall()


def statuses(app: Flask, whole: Flask) -> list[str]:
    """How an app answers the three webhooks of a call."""
    found: list[str] = []

    def start(status: str, *_: object) -> Callable[[bytes], object]:
        found.append(status)
        return lambda _: None

    for environ, body in phases.webhooks(whole.extensions["ringpath"].company):
        assert b"<Response>" in b"".join(app(environ | {"wsgi.input": BytesIO(body)}, start))
    return found


@pytest.mark.parametrize("name", APPS)
def test_every_app_that_races_answers(name: str, whole: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    send = Wire.send

    def counting(self: Wire, script: str, keys: list[str], *arguments: str | bytes) -> object:
        asked.append(script)
        return send(self, script, keys, *arguments)

    monkeypatch.setattr(Wire, "send", counting)
    assert statuses(APPS[name](), whole) == ["200 OK"] * 3
    assert len(asked) == (0 if name == "asking Redis" else 3)


def test_a_part_costs_what_an_app_without_it_costs_less_in_the_same_turn() -> None:
    def rounds(*web: float) -> list[Round]:
        return [Round(timings=Timings(), web=each, store=each / 10) for each in web]

    results = {"bare": rounds(5, 50, 5), without.ASKING: rounds(8, 90, 9), "all": rounds(10, 100, 10)}
    results["metrics"] = rounds(8, 99, 9)
    table = list(without.rows(results, "all", 1))
    assert [line.count("|") for line in (*table, *without.head()[1:])] == [5] * 6
    assert [line.split("|")[4].strip() for line in table] == ["", "4 + 0", "", "1 + 0"]
