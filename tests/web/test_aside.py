"""Long computations leave the thread of gunicorn's greenlets to the others."""

from __future__ import annotations

import subprocess
import sys

from web.aside import aside

UNDER_GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, threading
from contextvars import ContextVar
from web.aside import aside

asked = ContextVar("asked")
asked.set("this request")
native = monkey.get_original("threading", "get_ident")
turns = []

def others():
    while True:
        turns.append(1)
        gevent.sleep(0.001)

def long(most, *, answer):
    before = len(turns)
    while len(turns) < before + 5:
        sum(range(most))
    return native(), asked.get(), answer

gevent.spawn(others)
where, request, answer = aside(long, 1000, answer="found")
assert where != native() and request == "this request" and answer == "found"

def wrong():
    raise ValueError("wrong")

try:
    aside(wrong)
except ValueError as error:
    print(error)
"""

NESTED = """
from gevent import monkey; monkey.patch_all()
from web.aside import aside

native = monkey.get_original("threading", "get_ident")
outer, inner = aside(lambda: (native(), aside(native)))
print(outer == inner != native())
"""


def ran(script: str) -> tuple[int, str, str]:
    """Run a script as a process of its own: its exit code, and what it wrote."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


# … and what fails there is raised here, and nowhere told of: every wrong password would leave a trace in the log.
def test_others_have_their_turns_while_something_long_is_computed() -> None:
    assert ran(UNDER_GEVENT) == (0, "wrong\n", "")


# A thread of the pool has no threads of its own to put anything into.
def test_what_is_aside_already_goes_on_there() -> None:
    assert ran(NESTED) == (0, "True\n", "")


def test_without_gevent_it_is_computed_at_once() -> None:
    assert aside(sorted, [2, 1], reverse=True) == [2, 1]
