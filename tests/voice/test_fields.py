"""Fields of forms and queries: read as the standard library reads them."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.fields import fields

TEXTS = st.text(alphabet="ab1&=+%20;ñ€\0 ", max_size=40)


@given(TEXTS)
def test_whatever_is_sent_is_read_as_the_standard_library_reads_it(text: str) -> None:
    assert fields(text) == parse_qsl(text, keep_blank_values=True)


@given(st.lists(st.tuples(st.text(max_size=9), st.text(max_size=9))))
def test_what_is_encoded_comes_back(pairs: list[tuple[str, str]]) -> None:
    assert fields(urlencode(pairs)) == pairs


@pytest.mark.parametrize("text", ["", "&", "a", "a=b=c", "=x", "%", "%ff", "a+b=c%20d", "%2B=%26"])
def test_odd_ones_are_read_so_too(text: str) -> None:
    assert fields(text) == parse_qsl(text, keep_blank_values=True)
