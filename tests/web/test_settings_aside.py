"""What takes long of the settings' pages is computed aside, where it holds up no webhook, and no connection to SQL."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import get_ident
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from config import source
from local.house import House
from tests.calls.companies import MAIN
from tests.web.conftest import Browser
from tests.web.settings_desk import SettingsDesk, ana, house, newest, publish, ringing
from web.access import Role
from web.settings.draft import _examined, _in_words

__all__ = ["ana", "house"]

Readings = list[tuple[bool, int]]
"""Of every reading of a document: whether it was done aside, and how many connections to SQL were held meanwhile."""


@pytest.fixture
def readings(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Readings]:
    """What is read while this process has a pool of threads as under gevent."""
    pages, held, found = get_ident(), set[int](), Readings()
    engine = house.app.extensions["reception"].engine
    event.listen(engine, "checkout", lambda connection, *_: held.add(id(connection)))
    event.listen(engine, "checkin", lambda connection, *_: held.discard(id(connection)))

    class Reader(source._Reader):
        def __init__(self, text: bytes) -> None:
            found.append((get_ident() != pages, len(held)))
            super().__init__(text)

    monkeypatch.setattr(source, "_Reader", Reader)
    with ThreadPoolExecutor(1) as pool:

        def apply(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
            return pool.submit(function, *arguments).result()

        hub = SimpleNamespace(threadpool=SimpleNamespace(apply=apply))
        monkeypatch.setitem(sys.modules, "gevent", SimpleNamespace(get_hub=lambda: hub))
        patched = SimpleNamespace(is_module_patched=lambda _: True)
        monkeypatch.setitem(sys.modules, "gevent.monkey", patched)
        _forget()
        yield found


def _forget() -> None:
    """Let what other requests have read be read anew."""
    _examined.cache_clear()
    _in_words.cache_clear()


def all_aside(readings: Readings) -> bool:
    """Whether something was read since the last question, all of it aside, and with no connection held."""
    done = bool(readings) and set(readings) == {(True, 0)}
    readings.clear()
    _forget()
    return done


def test_publishing_checks_aside_and_before_it_writes(readings: Readings, ana: SettingsDesk) -> None:
    ana.saves(ringing(30))
    ana.opens("/settings/publish")
    assert all_aside(readings)
    assert ana.sends("/settings/publish", comment="longer").status_code == 303
    assert all_aside(readings)


def test_so_does_going_back(readings: Readings, house: House, ana: SettingsDesk) -> None:
    publish(house, ringing(30), "longer", 1)
    readings.clear()
    ana.opens("/settings/history/1")
    assert all_aside(readings)
    assert ana.sends("/settings/history/1", newest="2", comment="shorter").status_code == 303
    assert newest(house.engine).number == 3
    assert all_aside(readings)


def test_so_does_bringing_a_draft_onto_a_newer_revision(readings: Readings, house: House, ana: SettingsDesk) -> None:
    ana.saves(ringing(30))
    publish(house, ringing(20).replace("company: Acme Ibérica", "company: Acme"), "name", 1)
    readings.clear()
    ana.opens("/settings/publish")
    assert all_aside(readings)
    assert ana.sends("/settings/rebase").status_code == 303
    assert all_aside(readings)


def test_so_does_ones_own_mobile(readings: Readings, house: House, logged_in: Callable[..., Browser]) -> None:
    browser = logged_in(Role.MANAGER, employee="ana")
    assert browser.post("/me/mobile", {"mobile": "+34600999888"}).status_code == 303
    assert newest(house.engine).number == 2
    assert all_aside(readings)


# An employee may change some things only: what he touches is compared, aside too.
def test_so_do_the_forms(readings: Readings, ana: SettingsDesk, logged_in: Callable[..., Browser]) -> None:
    luis = SettingsDesk(logged_in(Role.MANAGER, employee="luis"))
    for desk, path, fields in (
        (ana, "/settings/employees/entry/ana", {"name": "Ana R."}),
        (luis, "/settings/employees/entry/luis", {"name": "Luis P."}),
        (ana, "/settings/groups/new", {"name": "Everybody"}),
        (ana, "/settings/groups/rename/sales", {"key": "sellers"}),
        (ana, "/settings/groups/remove/everybody", {}),
        (ana, "/settings/company", {"company": "Acme"}),
    ):
        desk.opens(path.replace("rename", "entry"))
        assert all_aside(readings), path
        desk.sends(path, **fields)
        assert all_aside(readings), path


@pytest.mark.parametrize(
    "path", ["", "/yaml", "/numbers", f"/numbers/entry/{MAIN}", "/employees", "/menus", "/forwarding", "/blocked"]
)
def test_so_does_every_page(readings: Readings, ana: SettingsDesk, path: str) -> None:
    ana.opens(f"/settings{path}")
    assert all_aside(readings)
