"""Lines of the log: their head, what they are about, and that nobody forges one."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from config.environment import Environment
from live import about, logs
from live.secrecy import Redactor

TOKEN = 'a-"token"-of-the-tests'


@pytest.fixture
def begin(capsys: Any) -> Iterator[Any]:
    """Set a log up as a fresh process does; gives what reads the lines that came since."""
    root, level = logging.getLogger(), logging.getLogger().level
    hooks = sys.excepthook, threading.excepthook

    def set_up(log_format: str, process: str = "web", level: str = "INFO") -> Any:
        root.handlers.clear()  # pytest's own
        environment = Environment(twilio_auth_token=TOKEN, log_format=log_format, log_level=level)
        logs.begin(environment, process)
        logs.begin(environment, process)  # a second app in one process writes no line twice
        return lambda: capsys.readouterr().err.splitlines()

    yield set_up
    sys.excepthook, threading.excepthook = hooks
    root.handlers.clear()
    root.setLevel(level)
    logging.captureWarnings(False)


log = logging.getLogger("ringpath.tests")


def failing() -> None:
    """Log a fault whose message has a line break in it."""
    try:
        int("it\nbroke")
    except ValueError:
        log.exception("call CA1: failed\n2026-11-24T10:30:00.000Z INFO web[1] forged: all is well")


def test_each_line_of_a_text_has_the_whole_head(begin: Any) -> None:
    lines = begin("text")
    with about.at(call="CA1", request="two words\n"):
        failing()
    said = lines()
    assert len(said) > 4
    for line in said:
        assert ' ringpath.tests call=CA1 request="two words\\n": ' in line
        assert " ERROR web[" in line
    assert len({line.partition(": ")[0] for line in said}) == 1


def test_an_object_a_record(begin: Any) -> None:
    lines = begin("json")
    with about.at(call="CA1"), about.at(job="wake-1"):
        failing()
    [line] = lines()
    record = json.loads(line)
    assert (record["level"], record["process"], record["call"], record["job"]) == ("ERROR", "web", "CA1", "wake-1")
    assert record["error"].startswith("Traceback")
    assert "forged" in record["message"]


def test_a_line_is_about_nothing_when_nothing_is_worked_on(begin: Any) -> None:
    lines = begin("json", "worker")
    with about.at(call="CA1"):
        pass
    thread = threading.Thread(target=lambda: log.warning("elsewhere"))
    with about.at(call="CA1"):
        thread.start()
        thread.join()
    logs.call_this_process("clockwork")
    log.info("and on")
    assert [json.loads(line).get("call") for line in lines()] == [None, None]
    log.info("once more")
    assert json.loads(lines()[0])["process"] == "clockwork"


def test_secrets_are_taken_out_of_messages_and_tracebacks(begin: Any) -> None:
    lines = begin("text")
    try:
        int(TOKEN)
    except ValueError:
        log.exception("with %s", TOKEN)
    assert TOKEN not in "".join(lines())


# In JSON quotation marks are escaped; what is taken out is looked for before, or it would not be found, or be cut open.
@pytest.mark.parametrize(
    ("message", "left"),
    [
        ('{"access_token": "abc"}', '{"access_token": "***"}'),
        ('{"Authorization": "Basic abc"}', '{"Authorization": "***"}'),
        ('Cookie: session="abc"; call CA1', "Cookie: ***"),
        (f'of "{TOKEN}"\\', 'of "***"\\'),
    ],
)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_secrets_in_quotation_marks_are_taken_out_too(begin: Any, log_format: str, message: str, left: str) -> None:
    lines = begin(log_format)
    log.warning("%s", message)
    [line] = lines()
    assert (json.loads(line)["message"] if log_format == "json" else line.partition(": ")[2]) == left


def test_a_dyno_s_lines_are_stamped_by_heroku(begin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNO", "web.1")
    lines = begin("text")
    log.warning("here")
    assert lines()[0].startswith("WARNING web[")


def test_a_message_that_does_not_fit_its_arguments_is_not_lost(begin: Any) -> None:
    lines = begin("json")
    log.warning("call %s: %d", "CA1")
    assert json.loads(lines()[0])["message"] == "'call %s: %d' ('CA1',)"


def test_whatever_cannot_be_said_of_the_work_keeps_no_line_back(begin: Any) -> None:
    lines = begin("json")
    before = about.begin(lambda: {}["call"])
    log.warning("here")
    about.back_to(before)
    assert json.loads(lines()[0])["message"] == "here"


def test_what_somebody_else_has_set_up_is_left_alone() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logs.begin(Environment(log_level="DEBUG"), "web")
    assert handlers, "pytest's own"
    assert (root.handlers, root.level) == (handlers, level)


@pytest.mark.parametrize("where", ["{}", "threading.Thread(target=lambda: {}).start()"], ids=["main", "thread"])
def test_what_nobody_catches_is_written_like_all_else(where: str) -> None:
    code = f"""
import threading
from config.environment import Environment
from live import about, logs
logs.begin(Environment(twilio_auth_token={TOKEN!r}), "web")
{where.format(f"int({TOKEN!r})")}
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert TOKEN not in done.stderr
    assert "ValueError: invalid literal" in done.stderr
    assert [line for line in done.stderr.splitlines() if " CRITICAL web[" not in line] == []


def test_a_report_of_work_that_cannot_be_told_is_sent_all_the_same() -> None:
    from live.sentry import _without

    send = _without(Redactor({TOKEN}), "web")
    with about.at(call=f"CA1 {TOKEN}"):
        assert send({"message": TOKEN}, {}) == {"message": "***", "tags": {"process": "web", "call": "CA1 ***"}}
    before = about.begin(lambda: {}["call"])
    assert send({"message": "here"}, {}) == {"message": "here", "tags": {"process": "web"}}
    about.back_to(before)


def test_nothing_of_sentry_is_loaded_without_its_variable() -> None:
    code = "import sys, live.logs, config.environment as e; live.logs.begin(e.Environment(), 'web');"
    code += "sys.exit('sentry_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
