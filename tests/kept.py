"""What a test process keeps from one app to the next.

Every test that calls a house makes an app of its own, a thousand of them in a run. What comes out the same each time,
and is not what is tested, is worked out once: the code of a template, the functions that build addresses, the tables of
an empty database (tests/databases.py). Passwords are hashed with as little work as the library allows; what a real
process does, tests/web/test_passwords.py tells.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Generator
from types import CodeType

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.routing import Rule

from live import about
from web import passwords

REAL_HASHER = passwords._HASHER
"""The app's own."""


class KeptTemplates(BytecodeCache):
    """The code of each template, as long as its text is the same, and how it is read."""

    def __init__(self) -> None:
        self._codes: dict[object, CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what is kept of a template."""
        bucket.code = self._codes.get(_asked(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self._codes[_asked(bucket)] = bucket.code


def _asked(bucket: Bucket) -> object:
    reads = bucket.environment
    return bucket.key, bucket.checksum, reads.trim_blocks, reads.lstrip_blocks, tuple(sorted(reads.extensions))


class KeptRule(Rule):
    """A rule whose builder of addresses is written and compiled once: it is the same for every app."""

    _builders: dict[object, Callable[..., tuple[str, str]]] = {}  # noqa: RUF012  (shared on purpose)

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        kinds = tuple((name, type(converter)) for name, converter in self._converters.items())
        key = (self.rule, tuple(self._trace), kinds, repr(self.defaults), append_unknown)
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def pytest_configure() -> None:
    """Keep things from now on, in this process."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}
    Flask.url_rule_class = KeptRule
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Search for no garbage while tests are collected: nearly all that is made then stays."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Search for garbage less often, and never among what there is now: ten thousand tests and every module."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5000, 10, 10)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Let go of what a test asked its app.

    A test client leaves its answers open, so that its last request would be what is worked on for ever; and through
    what was worked on before each, every request of the run, with its app.
    """
    about.back_to(dict)
