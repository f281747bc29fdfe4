"""A day on the telephone of the sample company, on a virtual clock: settled and filed minute by minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count

from redis import Redis
from requests import Session

from calls.tokens import Tokens
from crm.bitrix24.client import Client
from crm.bitrix24.crm import RATE, Bitrix24
from crm.bitrix24.oauth import oauth_of
from crm.bitrix24.wire import session
from crm.filing import Clerk
from live import keys
from live.gate import Gate
from local.house import House
from simulator import Caller
from tests.details.rows import AZAHAR, DIRECT, MAIN, MORENO, PRADO
from tests.moments import MADRID, at
from tests.portal.portal import CLIENT_ID, CLIENT_SECRET, Portal, portal
from tests.portal.telephony import Entity
from voice.ending.closing import settle_due

DATE = "2026-11-24"
BILLING, PBX = "+34910000003", "pbx.acme.sip.example.com"
GUARD, ACCOUNTANTS, BLOCKED = "+34910000999", "+34911222333", "+34900000000"
ANA_MOBILE = "+34600111222"
LOPEZ, GIL, RIOS, BERLIN = "+34655000001", "+34655000002", "+34655000003", "+4915112345678"
USERS = {"ana": 12, "luis": 15, "eva": 18, "marta": 21}
SECRET = "a secret key of this test"
LATER = timedelta(minutes=1)


@dataclass
class Day:
    """A day; what happens in it is written as `day.call("10:30", STRANGER, MAIN).presses("1")…`."""

    house: House
    redis: Redis
    portal: Portal
    clerk: Clerk
    callers: list[Caller] = field(default_factory=list)

    def call(self, time: str, who: str, number: str) -> Caller:
        """Somebody calls at a time of the day; meanwhile the periodic jobs have done their work."""
        self.comes(time)
        return self.dials(who, number)

    def dials(self, who: str, number: str) -> Caller:
        """Somebody calls at this moment."""
        self.callers.append(Caller(self.house.exchange, who).dials(number))
        return self.callers[-1]

    def comes(self, time: str) -> None:
        """It becomes that late."""
        self.house.exchange.advance(LATER.total_seconds())
        self.works()
        left = (at(f"{DATE} {time}") - self.house.clock.now()).total_seconds()
        assert left > 0, f"{time} has passed"
        self.house.exchange.advance(left)

    def works(self) -> None:
        """What the periodic jobs do: settle what is due, and file what is settled."""
        now = self.house.clock.now()
        settle_due(self.redis, self.house.app.extensions["ringpath"].closer, lambda _: (), now)
        self.clerk.file_due(now + LATER)

    def goes_away(self, employee: str, *, away: bool = True) -> None:
        """An employee leaves his desk, or comes back."""
        self.house.app.extensions["ringpath"].live.set_away(employee, away=away, now=self.house.clock.now())


@contextmanager
def a_day(open_house: Callable[..., House], redis: Redis, database: str) -> Iterator[Day]:
    """Open the sample company before its first call, with a portal that knows three of its customers."""
    house = open_house(None, when=f"{DATE} 08:00", provider="twilio", database=database)
    _name_calls_by_the_time(house)
    known = [
        Entity(kind="CONTACT", id=651, number=MORENO, name="Talleres Moreno", user=USERS["eva"]),
        Entity(kind="COMPANY", id=30, number=AZAHAR, name="Floristería Azahar", user=USERS["luis"]),
        Entity(kind="CONTACT", id=652, number=PRADO, name="Clínica Dental Prado", user=USERS["ana"]),
    ]
    with portal(users=USERS.values(), entities=known, clock=_seconds(house)) as there, session() as http:
        crm = _crm(house, redis, there, http)
        clerk = Clerk(engine=house.engine, crm=crm, company=house.company, clock=house.clock.now)
        yield Day(house, redis, there, clerk)
        assert there.complaints == []


def morning(day: Day) -> None:
    """From before the office opens until lunch."""
    day.call("08:12", LOPEZ, MAIN).is_forwarded_to(GUARD).answers(GUARD).talks_to(GUARD, 95).other_side_hangs_up()
    day.call("08:47", GIL, BILLING).hears("message").leaves_message(14).hangs_up()
    day.call("09:05", MORENO, MAIN).stays_silent().stays_silent().answers("eva").talks_to("eva", 192).hangs_up()
    day.call("09:20", LOPEZ, MAIN).presses("1").waits(4).nobody_answers().answers("luis").talks_to("luis", 65)
    day.callers[-1].other_side_hangs_up()
    day.call("09:33", BLOCKED, MAIN).is_rejected()
    day.call("09:41", "anonymous", MAIN).presses("1").rings("ana").hangs_up()
    day.call("09:58", "anonymous", MAIN).presses("101").answers("ana").talks_to("ana", 30).hangs_up()
    day.call("10:06", GIL, MAIN).presses("4").is_forwarded_to(ACCOUNTANTS).answers(ACCOUNTANTS).hangs_up()
    to_ana = (
        day.call("10:24", RIOS, MAIN)
        .presses("1")
        .waits(4)
        .nobody_answers()
        .nobody_answers()
        .is_forwarded_to(ANA_MOBILE)
    )
    to_ana.answers(ANA_MOBILE).accepts(ANA_MOBILE).talks_to(ANA_MOBILE, 240).other_side_hangs_up()
    day.call("10:51", BERLIN, MAIN).presses("1").waits(4).nobody_answers().nobody_answers().nobody_answers()
    day.call("10:55", BERLIN, MAIN).stays_silent().hears("pulse 1").hangs_up()
    day.call("11:15", PRADO, MAIN).presses("1").rings("luis").is_busy("luis").nobody_answers().mailbox_answers(
        ANA_MOBILE
    ).is_not_accepted().ended()


def noon(day: Day) -> None:
    """Forwards that are busy, answered, or cannot be paid for; a caller on hold; nobody at his desk."""
    day.call("11:30", RIOS, DIRECT).is_forwarded_to(GUARD).is_busy(GUARD).ended()
    day.call("11:42", AZAHAR, DIRECT).is_forwarded_to(GUARD).answers(GUARD).talks_to(GUARD, 4012).hangs_up()
    day.redis.set(keys.BALANCE, "0.50")
    day.call("13:05", PRADO, DIRECT).ended()
    day.redis.set(keys.BALANCE, "80.00")
    day.goes_away("luis")
    day.goes_away("ana")
    first = day.call("13:20", MORENO, MAIN).presses("103").answers("eva")
    second = day.dials(PRADO, MAIN).presses("2").waits(4).presses("1").hears("turno").holds()
    second.waits(35)
    first.other_side_hangs_up()
    second.waits(20).answers("eva").talks_to("eva", 77).hangs_up()
    day.call("13:40", GIL, MAIN).presses("2").waits(4).presses("3").hears("mensaje").waits(15).ended()
    day.goes_away("luis", away=False)
    day.goes_away("ana", away=False)


def evening(day: Day) -> None:
    """The afternoon, and calls after hours."""
    day.call("15:10", BERLIN, BILLING).nobody_answers().is_forwarded_to(ACCOUNTANTS).answers(ACCOUNTANTS).hangs_up()
    day.call("15:45", GIL, MAIN).presses("2").waits(4).presses("3").leaves_message(21).presses("#").ended()
    day.call("16:30", f"sip:ventas@{PBX}", f"sip:103@{PBX}").answers("eva").hangs_up()
    day.call("17:10", LOPEZ, "+34919999999").ended()
    day.call("19:02", AZAHAR, BILLING).hangs_up()
    day.call("21:36", LOPEZ, MAIN).is_forwarded_to(GUARD).nobody_answers().ended()


def _crm(house: House, redis: Redis, there: Portal, http: Session) -> Bitrix24:
    """The CRM of that portal, which waits for its turn on the clock of the house."""
    seconds = _seconds(house)
    environment = replace(
        house.environment,
        bitrix24_portal=there.url,
        bitrix24_oauth_url=there.oauth_url,
        bitrix24_client_id=CLIENT_ID,
        bitrix24_client_secret=CLIENT_SECRET,
    )
    tokens = Tokens(house.engine, "bitrix24", SECRET, clock=house.clock.now)
    tokens.put(there.token())
    gate = Gate(redis, rate=RATE, clock=seconds, sleep=house.exchange.advance)
    oauth = oauth_of(environment, http)
    return Bitrix24(Client(there.url, gate=gate, tokens=tokens, oauth=oauth, session=http), clock=seconds)


def _seconds(house: House) -> Callable[[], float]:
    return lambda: house.clock.now().timestamp()


def _name_calls_by_the_time(house: House) -> None:
    """Give every call an id that begins with its hour, minute and second, so that a list can be compared."""
    numbers = count(1)

    def new_sid(prefix: str) -> str:
        return f"{prefix}{house.clock.now().astimezone(MADRID):%H%M%S}{next(numbers):026x}"

    house.exchange.new_sid = new_sid  # type: ignore[method-assign]
