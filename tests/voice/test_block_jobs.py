"""The jobs about the block list and what SQL may forget, as a worker runs them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from calls import blocks, ledger
from calls.blocks import Block
from calls.tables import blocks as blocks_table
from calls.tables import notes
from live import keys
from tests.voice.working import CUSTOMER, Worker

DAY = timedelta(days=1)


def block(worker: Worker, number: str, expires_at: datetime | None) -> None:
    now = datetime.now(UTC)
    made = Block(number=number, reason="a test", automatic=False, created_at=now, expires_at=expires_at)
    with worker.engine.begin() as connection:
        blocks.add(connection, made)


# "Block list: settings and SQL" (issue 3, part 8): the webhooks look where the job has put it.
def test_the_block_list_of_sql_reaches_redis_and_leaves_it(worker: Worker) -> None:
    until = datetime.now(UTC) + DAY
    block(worker, CUSTOMER, None)
    block(worker, "+34600000002", until)
    worker.does("voice.ending.settling.mirror_blocks")
    assert worker.redis.hgetall(keys.BLOCKED) == {
        CUSTOMER.encode(): b"0",
        b"+34600000002": str(int(until.timestamp() * 1000)).encode(),
    }
    with worker.engine.begin() as connection:
        assert blocks.remove(connection, CUSTOMER)
    worker.does("voice.ending.settling.mirror_blocks")
    assert list(worker.redis.hgetall(keys.BLOCKED)) == [b"+34600000002"]


def test_what_nobody_will_ask_for_any_more_is_forgotten(worker: Worker) -> None:
    now = datetime.now(UTC)
    block(worker, CUSTOMER, now - 31 * DAY)
    block(worker, "+34600000002", now - 29 * DAY)
    block(worker, "+34600000003", None)
    for days in (31, 29):
        ledger.keep_notes(worker.engine, [("CA1", f"RE{days}", now - days * DAY, [{"code": "recorded"}])])
    worker.does("voice.ending.settling.forget")
    with worker.engine.connect() as connection:
        assert set(connection.scalars(select(blocks_table.c.number))) == {"+34600000002", "+34600000003"}
        assert connection.scalar(select(func.count()).select_from(notes)) == 1
