"""Whatever stands in a settings file, the answer is a company or a list of problems."""

from __future__ import annotations

import copy
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from config.company import Company
from config.loader import examine, load, parse
from config.problems import SettingsError
from tests.examples import examples

SAMPLE = Path("config/company.yaml").read_text(encoding="utf-8")
DOCUMENT = yaml.safe_load(SAMPLE)

yaml_marks = st.text(alphabet=st.sampled_from(list("ab:-{}[]&*!|>'\"%@`#,? \n\t\x000123+.~<")), max_size=60)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text(max_size=20)
    | st.sampled_from(["continue", "forward_to_mobile", "hold", "+34910000001", "ana", "sales", "main", "back", "*"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8) | st.integers(), inner, max_size=3),
)


def settle(text: str) -> None:
    """Examine a text, and hold the promises that hold for every text."""
    company, problems = examine(text)
    assert (company is None) == any(p.level == "error" for p in problems)
    lines = text.count("\n") + 1
    for problem in problems:
        assert problem.message
        assert len(problem.value) <= 60
        assert problem.line is None or 1 <= problem.line <= lines + 1
        assert "\n" not in problem.value
    if company is not None:
        assert isinstance(company, Company)
        assert company.destinations is not None


@hypothesis_settings(deadline=None)
@given(st.text() | yaml_marks)
def test_any_text(text: str) -> None:
    settle(text)


@hypothesis_settings(deadline=None)
@given(st.binary(max_size=100))
def test_any_file(tmp_path_factory: Any, raw: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "company.yaml"
    path.write_bytes(raw)
    with suppress(SettingsError):
        load(path)


@hypothesis_settings(deadline=None)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 40), yaml_marks)
def test_the_sample_with_a_piece_exchanged(start: int, length: int, piece: str) -> None:
    settle(SAMPLE[:start] + piece + SAMPLE[start + length :])


def paths(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every path of a document."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above] * bool(above) + [path for key, part in parts for path in paths(part, (*above, key))]


PATHS = paths(DOCUMENT)


@hypothesis_settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.just(None) | st.tuples(values)), min_size=1, max_size=4))
def test_the_sample_with_values_removed_or_replaced(changes: list[tuple[tuple[Any, ...], tuple[Any] | None]]) -> None:
    document = copy.deepcopy(DOCUMENT)
    for (*above, last), change in changes:
        holder = document
        try:
            for key in above:
                holder = holder[key]
            if change is None:
                del holder[last]
            else:
                holder[last] = change[0]
        except (KeyError, IndexError, TypeError):  # an earlier change has removed it
            continue
    settle(yaml.safe_dump(document, allow_unicode=True))


@hypothesis_settings(deadline=None)
@given(values)
def test_any_document(value: Any) -> None:
    with suppress(SettingsError):
        parse(yaml.safe_dump(value, allow_unicode=True))
