"""The one stylesheet, which every part of the site adds to."""

from __future__ import annotations

import re

from tests.moments import ROOT


# A brace that is lost where two parts meet hides all that follows inside a condition, and no browser complains.
def test_every_section_of_the_stylesheet_begins_outside_of_all_braces() -> None:
    text = (ROOT / "web" / "static" / "ringpath.css").read_text("utf-8")
    depth = 0
    for piece in re.findall(r"/\*.*?\*/|[{}]", text, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        assert depth in (0, 1, 2)
        if piece.startswith("/*"):
            assert depth == 0, piece
    assert depth == 0
