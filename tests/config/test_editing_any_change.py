"""Whatever is put, removed or renamed, the file then says exactly that, and the rest stays as it is written."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.editing import Document, EditError
from config.source import read
from config.splices import same
from config.yaml_writing import plain
from tests.examples import examples

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")

AWKWARD = """\
# head

---
company:   'Acme, "the" firm'  # who
country: !!str ES
numbers: {
    "+34910000001": {name: N, group: sales,},   # one
    +34910000002: {name: M, menu}  # two
  }
groups:
    sales:
        name: >-   # folded
            Ventas y
            más

        members:
        - ana   # first
        # between
        -
          luis
        -   eva
        no_answer:
    "support" : {members: [], no_answer: hold,
        hold: {max_minutes: 10}}   # after
    last: {members: [[a, [b]], {c: d}, [e: f]], text: "two
      lines"}
contacts:
- number: "+34600222001"
  name: |
    Two
    lines

  employee: eva # his
- {number: "+34600222002"}
-
  - - x
    - y
  - z: 1
    w: 2
? odd
: - 1
  - 2.50
empty:
days: [24.12, 2026-12-31, yes, ~, 0x1F, 1_000]
# tail
"""

ANCHORED = """\
defaults: &defaults {ring_seconds: 20, no_answer: voicemail}
groups:
  sales:
    <<: *defaults
    name: Ventas
    members: &people [ana, luis]
  support: {<<: *defaults, name: Soporte, members: *people}
  other: {name: Otro, members: [eva], no_answer: &word hold}
"""

texts = st.text(max_size=12) | st.text(
    alphabet=st.sampled_from(list("ab:-{}[]&*!|>'\"%@`#,? \n\t\r\x0001.~<=+")), max_size=12
)
words = ["", "yes", "null", "~", "24.12", "2026-12-31", "101", "0x1F", "+34600111222", "*", "<<", "a: b", "a #b"]
marks = ["- a", "é ñ", "palabra " * 30 + "fin", "\u2028", "\ufeff", "\x85", "😀", "---", "...", "=", "1e3", "12:30:00"]
special = st.sampled_from([*words, *marks, "a\n b"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | texts | special
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts | special, inner, max_size=4),
    max_leaves=12,
)


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above] + [path for key, part in parts for path in paths(part, (*above, key))]


def written(text: str) -> Any:
    source = read(text)
    assert source.document is not None, source.problems
    assert source.problems == []
    return source.document


def holder_of(document: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        document = document[part]
    return document


@st.composite
def changed(draw: Any, text: str) -> tuple[Document, Any]:
    """A document after one to four changes, and what it should say then."""
    document, wanted = Document.read(text), copy.deepcopy(written(text))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(paths(wanted)))
        here = holder_of(wanted, path)
        what = draw(st.sampled_from(["put", "add", "remove"]))
        if what == "add" and isinstance(here, (dict, list)):
            path = (*path, draw(texts | special) if isinstance(here, dict) else len(here))
        value = draw(values)
        if not path:
            continue
        holder = holder_of(wanted, path[:-1])
        if what == "remove":
            document.remove(path)
            del holder[path[-1]]
            continue
        document.put(path, value)
        if isinstance(holder, list) and path[-1] == len(holder):
            holder.append(plain(value))
        else:
            holder[path[-1]] = plain(value)
    return document, wanted


def settle(case: tuple[Document, Any]) -> None:
    document, wanted = case
    assert same(document.get(()), wanted)
    assert same(written(document.text), wanted)


@hypothesis_settings(max_examples=examples(300), deadline=None)
@given(changed(SAMPLE))
def test_any_change_of_the_sample(case: tuple[Document, Any]) -> None:
    settle(case)


@hypothesis_settings(max_examples=examples(300), deadline=None)
@given(changed(AWKWARD))
def test_any_change_of_a_file_that_is_written_in_every_odd_way(case: tuple[Document, Any]) -> None:
    settle(case)


@hypothesis_settings(max_examples=examples(100), deadline=None)
@given(changed(AWKWARD.replace("\n", "\r\n")))
def test_any_change_of_a_file_with_the_line_ends_of_windows(case: tuple[Document, Any]) -> None:
    settle(case)


@hypothesis_settings(max_examples=examples(150), deadline=None)
@given(st.data(), values.filter(lambda value: isinstance(value, dict)), st.booleans() | st.none())
def test_any_change_of_any_file(data: Any, value: Any, flow: bool | None) -> None:
    settle(data.draw(changed(yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True))))


@hypothesis_settings(max_examples=examples(200), deadline=None)
@given(st.data(), values)
def test_a_change_of_a_file_with_aliases_is_made_there_alone_or_refused(data: Any, value: Any) -> None:
    before = written(ANCHORED)
    path = data.draw(st.sampled_from(paths(before)).filter(bool))
    document, wanted = Document.read(ANCHORED), copy.deepcopy(before)
    wanted = Document.read(yaml.dump(wanted, allow_unicode=True, Dumper=_NoAliases))
    wanted.put(path, value)
    try:
        document.put(path, value)
    except EditError:
        assert document.text == ANCHORED
        assert same(document.get(()), before)
    else:
        assert same(written(document.text), wanted.get(()))


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


@hypothesis_settings(max_examples=examples(200), deadline=None)
@given(st.data())
def test_a_line_that_a_change_does_not_speak_of_stays_as_it_is(data: Any) -> None:
    before = written(SAMPLE)
    path = data.draw(st.sampled_from([path for path in paths(before) if len(path) > 2]))
    document = Document.read(SAMPLE)
    if data.draw(st.booleans()):
        document.remove(path)
    else:
        document.put(path, data.draw(scalars))
    entry = ".".join(map(str, path[:2]))
    lines = read(SAMPLE).lines
    starts = sorted({*lines.values(), SAMPLE.count("\n") + 1})
    first = lines[entry]
    last = next((line for line in starts if line > max(lines[p] for p in lines if f"{p}.".startswith(entry + "."))), 0)
    above, below = SAMPLE.splitlines()[: first - 1], SAMPLE.splitlines()[last - 1 :]
    after = document.text.splitlines()
    assert after[: len(above)] == above
    assert after[len(after) - len(below) :] == below
