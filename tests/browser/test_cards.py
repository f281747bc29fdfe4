"""On a narrow screen rows of tables are cards: in each every label lies inside it, beside what it is the label of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from playwright.sync_api import Page
from redis import Redis
from sqlalchemy import insert

from calls.tables import recordings
from live import lines
from live.lines import Line, Lines
from simulator import Caller
from tests.browser.conftest import Enter, Office
from tests.details.rows import DIRECT, MAIN, PRADO, STRANGER, a_call, on_file
from tests.live import test_jobs_seen as job_of
from web.access import Role

WIDTHS = (375, 700)
CARDS = {"/": 1, "/me": 1, "/calls": 2, "/calls/missed": 1, "/operator": 5, "/settings/numbers": 3}
"""Pages with such tables, and how many cards each has at least."""

HERE = Line(number=MAIN, name="", voice="here", fallback="here", status="here", instead="")

# Where a label is painted nobody tells; it follows from the cell's edge and the label's own margin and width.
LOOK = """() => {
  const wrong = [], root = document.documentElement, rows = [...document.querySelectorAll('table.stack > tbody > tr')];
  const shown = cell => getComputedStyle(cell).display !== 'none';
  for (const row of rows) {
    const card = row.getBoundingClientRect(), inside = (from, to) => from >= card.left && to <= card.right + 0.5;
    if (card.right > innerWidth) wrong.push(`off the screen: ${row.innerText}`);
    for (const cell of [...row.cells].filter(shown)) {
      const range = document.createRange();
      range.selectNodeContents(cell);
      const values = [...range.getClientRects()].filter(each => each.width > 1);
      if (!values.every(each => inside(each.left, each.right))) wrong.push(`outside: ${cell.innerText}`);
      if (!cell.dataset.label) continue;
      const style = getComputedStyle(cell, '::before'), edge = cell.getBoundingClientRect().left;
      const left = edge + parseFloat(getComputedStyle(cell).paddingLeft) + parseFloat(style.marginLeft);
      const right = left + parseFloat(style.width);
      if (style.content !== `"${cell.dataset.label}"`) wrong.push(`not shown: ${cell.dataset.label}`);
      if (!inside(left, right)) wrong.push(`label outside: ${cell.dataset.label}`);
      if (!values.every(each => each.left >= right)) wrong.push(`label over its value: ${cell.dataset.label}`);
    }
  }
  if (root.scrollWidth > root.clientWidth) wrong.push('wider than the screen');
  return {cards: rows.length, wrong};
}"""


def filled(office: Office, redis: Redis) -> None:
    """Let every table of the pages have rows, the long ones among them."""
    now, engine = office.house.clock.now(), office.house.engine
    stray = replace(HERE, voice="https://demo.twilio.com/a/long/address/of/a/voice/webhook", fallback="")
    ruled = replace(HERE, number="+34910000556", instead="AP" + "1" * 32)
    lines.keep(redis, Lines(at=datetime.now(UTC), lines=(stray, ruled)))
    job_of.failure(redis)
    on_file(
        engine,
        a_call(now, crm_state="failed", crm_reason="Bitrix24: ERROR_CORE: no such user", caller=PRADO),
        a_call(now, "answered", employee="ana", answered_by="ana", contact_name="Talleres Moreno e Hijos"),
    )
    sound = {"id": "RE1", "call_id": "CA1", "kind": "recording", "url": "https://api.example.com/RE1", "seconds": 5}
    rest = {"recorded_at": now, "state": "failed", "reason": "404", "attempts": 60}
    with engine.begin() as connection:
        connection.execute(insert(recordings).values(sound | rest))
    Caller(office.house.exchange, STRANGER).dials(DIRECT)


def look(page: Page, path: str) -> list[str]:
    """Say what is wrong with the cards of a page."""
    page.goto(path)
    found = page.evaluate(LOOK)
    assert found["cards"] >= CARDS[path], f"{path} has {found['cards']} cards"
    return [f"{path}: {each}" for each in found["wrong"]]


def test_every_label_lies_in_its_card_beside_its_value(office: Office, enter: Enter, redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        filled(office, redis)
    wrong = []
    for width in WIDTHS:
        page = enter(Role.ADMINISTRATOR, employee="ana", width=width)
        wrong += [f"{width} px: {each}" for path in CARDS for each in look(page, path)]
    assert wrong == []
