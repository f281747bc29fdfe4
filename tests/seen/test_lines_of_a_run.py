"""The log of a whole run: every line of a call has its id, and Sentry is told of what fails."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from live import keys
from live.queue import queue
from tests.seen.conftest import Running, form
from tests.seen.running import PATIENCE
from tests.seen.served import UNLUCKY


def about(records: list[dict[str, Any]], sid: str) -> list[dict[str, Any]]:
    """The records of one call."""
    return [record for record in records if record.get("call") == sid]


# Structured logs with the call id on every line of a call (issue 5, part 7), lines of libraries too.
def test_lines_of_calls_that_are_answered_side_by_side_have_their_own_ids(run: Running) -> None:
    sids = [f"CA-side-{i}" for i in range(24)]
    with ThreadPoolExecutor(8) as callers:
        list(callers.map(lambda sid: run.web.webhook("/voice/incoming", form(sid)), sids))
    run.gunicorn.says("goes on with CA-side-", times=len(sids))
    said = [record for record in run.gunicorn.records if record["logger"] == "a.library"]
    mine = [record for record in said if "CA-side-" in record["message"]]
    assert [record for record in mine if record["call"] not in record["message"].split()] == []
    assert {record["call"] for record in mine} == set(sids)
    order = [record["call"] for record in mine]
    assert any(before != after for before, after in zip(order[::2], order[1::2], strict=True)), "none was interleaved"


def test_a_whole_call_can_be_followed_in_the_log(run: Running) -> None:
    run.web.webhook("/voice/incoming", form("CA-whole"))
    run.web.webhook("/voice/status", form("CA-whole", CallStatus="completed", CallDuration="12"))
    run.gunicorn.says('"ringpath.calls".*"CA-whole".*over after')
    came, went = (each for each in about(run.gunicorn.records, "CA-whole") if each["logger"] == "ringpath.calls")
    assert (came["level"], came["message"]) == ("INFO", "+34…99 calls +34…01 (Principal)")
    assert went["message"].endswith("s: +34…99 called +34…01 (Principal): abandoned (603-S), 0 s of talk")


# Who calls is asked of the CRM in a thread of its own; this one's portal is away.
def test_lines_of_a_look_up_have_the_id_of_the_call_that_it_is_for(run: Running) -> None:
    run.web.webhook("/voice/incoming", form("CA-asks", "+34600111777"))
    run.gunicorn.says('"ringpath.crm".*the CRM did not say who .*77 is')
    said = [record for record in run.gunicorn.records if record["message"].startswith("the CRM did not say who")]
    assert [record for record in said if "call" not in record] == []
    assert "CA-asks" in {record["call"] for record in said}


def test_what_comes_after_a_call_on_its_connection_is_not_put_down_to_it(run: Running) -> None:
    connection, fields = HTTPConnection(run.web.host, timeout=PATIENCE), form("CA-first")
    head = {"Content-Type": "application/x-www-form-urlencoded", "X-Request-ID": "from-a-router"}
    signed = head | run.web.signed("/voice/incoming", fields)
    connection.request("POST", "/voice/incoming", urlencode(fields), signed)
    assert connection.getresponse().read().startswith(b"<?xml")
    connection.request("POST", "/voice/incoming?mark=nobody", "From=x", head | {"X-Request-ID": "two words"})
    answer = connection.getresponse()
    assert (answer.status, answer.read()[:3]) == (403, b"The")
    connection.request("POST", "/voice/incoming", urlencode(fields), signed)
    assert connection.getresponse().read().startswith(b"<?xml")
    connection.sock.sendall(b"no request at all\r\n\r\n")  # of which gunicorn itself complains
    run.gunicorn.says("Invalid request from ip")
    connection.close()
    first = about(run.gunicorn.records, "CA-first")
    assert {record["request"] for record in first} == {"from-a-router"}
    said = ("mark=nobody", "Invalid request from ip")
    after = [record for record in run.gunicorn.records if any(words in record["message"] for words in said)]
    assert len(after) >= 2
    assert [record for record in after if {"call", "request"} & record.keys()] == []


def test_a_fault_is_told_with_its_call_and_without_what_it_quotes(run: Running) -> None:
    assert "<Response>" in run.web.webhook("/voice/incoming", form("CA-fault", UNLUCKY))
    run.gunicorn.says("CA-fault.*safe document")
    [told] = [record for record in about(run.gunicorn.records, "CA-fault") if "safe document" in record["message"]]
    assert told["level"] == "ERROR"
    assert told["error"].startswith("Traceback")
    assert "RuntimeError: a fault\nfor +34…01 with ***, at redis://***@127.0.0.1, Authorization: ***" in told["error"]


# Secrets never; optional Sentry by environment variable (issue 5, part 7).
def test_sentry_is_told_of_a_fault_in_a_call_and_of_nothing_else(run: Running) -> None:
    run.web.webhook("/voice/incoming", form("CA-sent", UNLUCKY, Digits="1234567"))
    event = run.sentry.event(lambda event: event["tags"].get("call") == "CA-sent")
    assert event["tags"] == {"call": "CA-sent", "process": "web"}
    assert event["release"].startswith("ringpath@")
    assert event["exception"]["values"][-1]["type"] == "RuntimeError"
    assert event["exception"]["values"][-1]["value"].startswith("a fault\nfor +34…01 with ***")
    assert not {"request", "user", "server_name", "modules", "extra"} & event.keys()
    frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
    assert [frame for frame in frames if "vars" in frame] == []


def a_caller_on_hold(run: Running, sid: str) -> None:
    """Put a call on hold and let it be woken, which the provider refuses."""
    run.redis.hset(keys.call(sid), mapping={"queue": "support", "resume": "https://ringpath.example.com/voice/at/hold"})
    run.redis.zadd(keys.waiting("support"), {sid: 1})
    queue(run.redis).enqueue("voice.jobs.wake", sid, job_id=f"wake-{sid}", failure_ttl=3600)


def test_a_job_that_fails_is_told_with_its_call_in_the_log_and_to_sentry(run: Running) -> None:
    a_caller_on_hold(run, "CA-held")
    event = run.sentry.event(lambda event: event["tags"].get("call") == "CA-held")
    assert event["tags"] == {"call": "CA-held", "job": "wake-CA-held", "process": "worker"}
    assert event["exception"]["values"][-1]["type"] == "ProviderError"
    run.worker.says('"rq.worker".*"wake-CA-held", "call": "CA-held".*Traceback')
    lines = about(run.worker.records, "CA-held")
    assert {record["job"] for record in lines} == {"wake-CA-held"}
    assert "rq.worker" in {record["logger"] for record in lines}


def test_gunicorn_s_and_rq_s_own_lines_look_like_ours(run: Running) -> None:
    run.worker.says('"clockwork|"rq.worker"')
    for process, logger in ((run.gunicorn, "gunicorn.error"), (run.worker, "rq.worker")):
        assert logger in {record["logger"] for record in process.records}
        for record in process.records:
            assert {"time", "level", "process", "pid", "logger", "message"} <= record.keys()
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["time"])


# One for each webhook would cost as much as a tenth of it, and say nothing that the trace does not.
def test_no_line_is_written_for_each_request(run: Running) -> None:
    assert {record["message"] for record in run.gunicorn.records if record["logger"] == "gunicorn.access"} == set()
