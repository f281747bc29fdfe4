"""The sample company's house, opened once for the tests of a module, and people who look at its pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count

import pytest
from playwright.sync_api import Page
from redis import Redis

from calls import sessions, users
from calls.users import User
from config.company import Company
from local.house import House, house
from simulator import Caller
from tests.browsers import Open
from tests.details.rows import MAIN, MORENO
from tests.moments import OPEN, SAMPLE, at
from tests.web.site_map import html_pages
from web import passwords
from web.access import Role

PASSWORD = "correct horse battery"

_names = count(1)


@dataclass(frozen=True)
class Office:
    """A house with pages, who may log in there, and a call that is on file."""

    house: House
    call: str = ""

    @property
    def url(self) -> str:
        """Where its pages are."""
        return self.house.connect_url

    def hires(self, *roles: Role, name: str = "", employee: str | None = None, password: str | None = None) -> User:
        """Add a user; without a password he can only be brought in with a session of his own."""
        with self.house.engine.begin() as connection:
            user = users.add(
                connection, name or f"user{next(_names)}", roles=roles, employee=employee, now=self.house.clock.now()
            )
            if password:
                users.change(connection, user.id, password=passwords.hashed(password))
        return user

    def session_of(self, user: User) -> str:
        """Begin a session without the form; what its cookie carries."""
        with self.house.engine.begin() as connection:
            return sessions.begin(connection, user.id, "tests", self.house.clock.now())

    def pages_of(self, user: User) -> list[str]:
        """Every page of the site that is there for somebody."""
        client = self.house.app.test_client()
        client.set_cookie("__Host-ringpath", self.session_of(user), domain="localhost")
        return html_pages(self.house.app, client, call_id=self.call)

    def brings_in(self, user: User, page: Page) -> Page:
        """Log somebody in without the form."""
        place = {"domain": "127.0.0.1", "path": "/", "secure": True, "httpOnly": True}
        page.context.add_cookies([{"name": "__Host-ringpath", "value": self.session_of(user), **place}])
        return page


@pytest.fixture(scope="module")
def office(redis_url: str, sample: Company) -> Iterator[Office]:
    """The sample company on a Tuesday morning; what a test changes the next ones of its module find changed."""
    with Redis.from_url(redis_url) as client:
        client.flushall()
    options = {"published": True, "company_file": SAMPLE, "secret_key": "a secret of these tests alone"}
    with house(sample, redis_url=redis_url, start=at(OPEN), with_pages=True, **options) as found:
        call = Caller(found.exchange, MORENO).dials(MAIN).presses("1").waits(4).answers("ana").talks_to("ana", 65)
        yield Office(found, call.hangs_up().call.sid)
        assert [str(fault) for fault in found.exchange.faults] == []


Enter = Callable[..., Page]


@pytest.fixture
def enter(office: Office, open_browser: Open) -> Enter:
    """Open a browser in which somebody is logged in: enter(Role.MANAGER, employee="ana", width=360)."""

    def enter_(*roles: Role, employee: str | None = None, **more: object) -> Page:
        return office.brings_in(office.hires(*roles, employee=employee), open_browser(office.url, **more))

    return enter_
