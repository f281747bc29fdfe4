"""Merging texts line by line, for what their values do not tell: comments, and how things are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

import yaml

try:  # ten times as fast, where PyYAML was built with libyaml
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeLoader  # type: ignore[assignment]

Span = tuple[int, int, int, int]
"""First and last line of the base, and the first line in either of two texts made from it, that all three share."""


def merged_lines(base: str, mine: str, theirs: str) -> str:
    """Write `theirs` with the lines that only `mine` has changed; lines that both have changed are those of theirs."""
    old, ours, others = (text.splitlines(keepends=True) for text in (base, mine, theirs))
    lines: list[str] = []
    at = at_mine = at_theirs = 0
    for start, end, start_mine, start_theirs in _shared(old, ours, others):
        before, one, other = old[at:start], ours[at_mine:start_mine], others[at_theirs:start_theirs]
        lines += one if other == before else other
        lines += old[start:end]
        at, at_mine, at_theirs = end, start_mine + end - start, start_theirs + end - start
    return "".join(lines)


def _shared(base: list[str], mine: list[str], theirs: list[str]) -> Iterator[Span]:
    """List, in order, the runs of lines that all three texts have; the last is their end."""
    one, other = _blocks(base, mine), _blocks(base, theirs)
    first = second = 0
    while first < len(one) and second < len(other):
        (at, at_mine, size), (there, at_theirs, length) = one[first], other[second]
        start, end = max(at, there), min(at + size, there + length)
        if start < end:
            yield start, end, at_mine + start - at, at_theirs + start - there
        if at + size < there + length:
            first += 1
        else:
            second += 1
    yield len(base), len(base), len(mine), len(theirs)


def _blocks(base: list[str], text: list[str]) -> list[Any]:
    return SequenceMatcher(None, base, text).get_matching_blocks()[:-1]


def comments(text: str) -> Counter[str]:
    """Count the comments of a YAML text; a # within a value is none."""
    rest, at = [], 0
    try:
        for token in yaml.scan(text, Loader=SafeLoader):
            if isinstance(token, yaml.ScalarToken):
                rest.append(text[at : token.start_mark.index] + ".")
                at = token.end_mark.index
    except yaml.YAMLError:
        pass  # what cannot be read has the comments that stand before
    rest.append(text[at:])
    return Counter(found.strip() for found in _COMMENT.findall("".join(rest)))


_COMMENT = re.compile(r"(?:^|(?<=\s))#.*[^\s#].*", re.MULTILINE)
