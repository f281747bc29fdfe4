"""People who use the pages: an app with a database of its own, and somebody logged in as any role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from calls import sessions, users
from calls.users import User
from config.company import Company
from local.house import House
from tests.moments import OPEN
from tests.web.phones import Phone, log_in, put_away
from web import passwords
from web.access import Role
from web.telephone.lines import Lines

PASSWORD = "correct horse battery"

Desk = Callable[..., "Browser"]


class Browser:
    """Somebody at a browser without scripts: keeps cookies, and sends the forms that the pages show."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.page = ""

    def get(self, path: str, **more: Any) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, **more))

    def post(self, path: str, fields: Any = None, *, token: str | None = None, **more: Any) -> TestResponse:
        """Send a form, with the protection that a page of this session carries."""
        data = {"csrf_token": self.token() if token is None else token, **(fields or {})}
        return self._seen(self.client.post(path, data=data, **more))

    def token(self) -> str:
        """What the forms of this session carry."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/login").text)
        if found is None:
            found = re.search(r'name="csrf-token" content="([^"]+)"', self.client.get("/account").text)
        assert found
        return found[1]

    def _seen(self, answer: TestResponse) -> TestResponse:
        self.page = answer.text if answer.mimetype == "text/html" else ""
        return answer


@pytest.fixture
def open_house(open_house: Callable[..., House]) -> Callable[..., House]:
    """Open houses with their pages."""
    return partial(open_house, with_pages=True)


@pytest.fixture
def web_house(open_house: Callable[..., House], sample: Company) -> House:
    """The sample company's house, with its pages."""
    return open_house(sample, when=OPEN, secret_key="a secret of this test alone")


@pytest.fixture
def somebody(web_house: House) -> Callable[..., User]:
    """Add a user: somebody("ana", Role.MANAGER, employee="ana")."""

    def add(name: str, *roles: Role, employee: str | None = None) -> User:
        with web_house.engine.begin() as connection:
            user = users.add(connection, name, roles=roles, employee=employee, now=web_house.clock.now())
            users.change(connection, user.id, password=_hash())
            return users.by_id(connection, user.id) or user

    return add


@pytest.fixture
def browser(web_house: House) -> Browser:
    """Nobody in particular."""
    return Browser(web_house.app)


@pytest.fixture
def logged_in(web_house: House, somebody: Callable[..., User]) -> Callable[..., Browser]:
    """A browser in which somebody is logged in: logged_in(Role.MANAGER, employee="ana")."""

    def enter(*roles: Role, name: str = "", employee: str | None = None) -> Browser:
        user = somebody(name or "-".join(roles) or "nobody", *roles, employee=employee)
        with web_house.engine.begin() as connection:
            token = sessions.begin(connection, user.id, "tests", web_house.clock.now())
        found = Browser(web_house.app)
        found.client.set_cookie("__Host-ringpath", token, domain="localhost", secure=False)
        return found

    return enter


def _hash(found: list[str] = []) -> str:  # noqa: B006 - made once
    if not found:
        found.append(passwords.hashed(PASSWORD))
    return found[0]


@pytest.fixture
def pick_up(web_house: House) -> Iterator[Callable[..., Phone]]:
    """Pick up a telephone in the browser: pick_up(house, role=…, language="es", origin=…)."""
    phones: list[Phone] = []
    lines: set[Lines] = set()

    def pick(
        house: House = web_house, *, role: Role | None = Role.ADMINISTRATOR, language: str | None = None, **options: Any
    ) -> Phone:
        token = log_in(house, *([role] if role else ()), language=language)
        lines.add(house.app.extensions["telephone"])
        phones.append(Phone(house.connect_url, token, **options))
        return phones[-1]

    yield pick
    for phone in phones:
        phone.drops()
    for each in lines:
        put_away(each)
