"""The drawing of a route map: the stages down the left, what hangs on each to the right of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from markupsafe import Markup

from config.company import Company
from flows.route_map import ENDS, Node
from web.route_map.boxes import LINE, Box, badge, box_of, drawn_box
from web.route_map.markup import cut, tag, width
from web.route_map.tree import Branch, Tree, Trunk
from web.route_map.words import stage_detail, stage_name, way
from web.words import _

MARGIN = 16.0
GAP = 10.0
"""Between two branches, one below the other."""

STAGE_WIDTH, STAGE_HEIGHT = 178.0, 46.0
OFF_HEIGHT = 22.0
STAGE_GAP = 34.0
UNSAID_GAP = 22.0
"""Between two stages: with room for the words that say when a call goes on."""

SPINE = MARGIN + 20
ELBOW = 14.0
LONGEST_WAY = 150.0


@dataclass(slots=True)
class Block:
    """A branch that has been laid out: everything in it is placed from its top, `middle` is where its own box is."""

    box: Box
    label: str
    blocks: list[Block] = field(default_factory=list)
    gap: float = 0.0
    middle: float = 0.0
    height: float = 0.0


class Picture:
    """A drawing in the making; `marked` are the ids of nodes and edges that a call has passed."""

    def __init__(self, tree: Tree, company: Company, number: str, marked: frozenset[str]) -> None:
        self.tree, self.company, self.number, self.marked = tree, company, number, marked
        self.stage_numbers = {trunk.stage.id: str(place) for place, trunk in enumerate(tree.trunks, 1)}
        self._ways: list[tuple[bool, Markup]] = []
        self._nodes: list[Markup] = []
        self._right = MARGIN + STAGE_WIDTH

    def drawn(self, *first: Markup, **attributes: str) -> Markup:
        """Draw everything; `first` stands before it in the picture."""
        bottom = self._trunks()
        ways = [drawing for _marked, drawing in sorted(self._ways, key=lambda way: way[0])]
        wide, high = self._right + MARGIN, bottom + MARGIN
        box = f"0 0 {wide:g} {high:g}"
        return tag("svg", *first, *ways, *self._nodes, viewBox=box, width=wide, height=high, **attributes)

    # The stages.

    def _trunks(self) -> float:
        y = bottom = MARGIN
        spans: list[tuple[Trunk, float, float]] = []
        for trunk in self.tree.trunks:
            middle, bottom = self._trunk(trunk, y) if trunk.stage.on else self._off(trunk.stage, y)
            if trunk.stage.on:
                spans.append((trunk, middle - STAGE_HEIGHT / 2, middle + STAGE_HEIGHT / 2))
            said = trunk.onward and way((trunk.onward,), trunk.stage, self.company)
            y = bottom + (STAGE_GAP if said else UNSAID_GAP if trunk.stage.on else GAP)
        for (trunk, _top, lower), (_following, upper, _bottom) in pairwise(spans):
            self._spine(trunk, lower, upper)
        return bottom

    def _trunk(self, trunk: Trunk, top: float) -> tuple[float, float]:
        """Draw a stage and what hangs on it; returns the middle of the stage, and where all of it ends."""
        blocks = [self._block(branch, trunk.stage) for branch in trunk.branches]
        middle = top + max(STAGE_HEIGHT / 2, blocks[0].middle if blocks else 0)
        self._stage(trunk, MARGIN, middle)
        bottom = self._hang(blocks, MARGIN + STAGE_WIDTH, middle, _gap(blocks))
        return middle, max(bottom, middle + STAGE_HEIGHT / 2)

    def _off(self, stage: Node, top: float) -> tuple[float, float]:
        said = _("%(stage)s: off", stage=stage_name(stage.key))
        dot = tag("circle", cx=SPINE, cy=top + OFF_HEIGHT / 2, r=4.0)
        text = tag("text", said, x=SPINE + 18, y=top + 15)
        self._nodes.append(tag("g", dot, text, class_="off"))
        return top + OFF_HEIGHT / 2, top + OFF_HEIGHT

    def _stage(self, trunk: Trunk, x: float, y: float) -> None:
        stage, top = trunk.stage, y - STAGE_HEIGHT / 2
        detail = stage_detail(stage, self.company, self.number) if trunk.reached else _("no call gets here")
        room = STAGE_WIDTH - 50
        parts = [
            tag("title", f"{stage_name(stage.key)} · {detail}"),
            tag("rect", x=x, y=top, width=STAGE_WIDTH, height=STAGE_HEIGHT, rx=7.0, class_="shape"),
            badge(self.stage_numbers[stage.id], SPINE, y),
            tag("text", stage_name(stage.key), x=x + 40, y=top + (20 if detail else 28), class_="title"),
            tag("text", cut(detail, room, LINE), x=x + 40, y=top + 36, class_="line"),
        ]
        marked = " marked" if stage.id in self.marked else ""
        self._nodes.append(tag("g", *parts, class_=f"node stage{'' if trunk.reached else ' unreached'}{marked}"))

    def _spine(self, trunk: Trunk, upper: float, lower: float) -> None:
        """Draw the line from a stage to the next: with an arrow where calls go on by themselves, else only dotted."""
        line = tag("path", d=f"M{SPINE:g} {upper:g}V{lower:g}", class_="line")
        if trunk.onward is None:
            self._ways.append((False, tag("g", line, class_="way apart")))
            return
        marked = trunk.onward.id in self.marked
        label = way((trunk.onward,), trunk.stage, self.company)
        tip = tag("path", d=f"M{SPINE:g} {lower:g}l-4 -7h8z", class_="tip")
        text = tag("text", label, x=SPINE + 14, y=upper + 20)
        self._ways.append((marked, tag("g", line, tip, text, class_="way marked" if marked else "way")))

    # What hangs on them.

    def _block(self, branch: Branch, source: Node) -> Block:
        letter = self.tree.letters.get(branch.node.id, "")
        number = self.stage_numbers.get(branch.node.id, "")
        block = Block(box=box_of(branch, self.company, letter or number), label=self._label(branch, source))
        block.blocks = [self._block(each, branch.node) for each in branch.branches]
        block.gap = _gap(block.blocks)
        first = block.blocks[0].middle if block.blocks else 0.0
        block.middle = max(block.box.height / 2, first)
        below = sum(each.height + GAP for each in block.blocks) - GAP
        block.height = max(block.middle + block.box.height / 2, block.middle - first + below)
        return block

    def _label(self, branch: Branch, source: Node) -> str:
        return cut(way(branch.edges, source, self.company), LONGEST_WAY, LINE)

    def _hang(self, blocks: list[Block], x: float, y: float, gap: float) -> float:
        """Draw branches to the right of a point, the first on its level; returns where they end."""
        top = y - blocks[0].middle if blocks else y
        for block in blocks:
            middle = top + block.middle
            self._way(block, x, y, gap, middle)
            marked = self._is_marked(block.box.branch)
            self._nodes.append(drawn_box(block.box, x + gap, middle, marked=marked))
            right = x + gap + block.box.width
            self._right = max(self._right, right + 10)
            self._hang(block.blocks, right, middle, block.gap)
            top += block.height + GAP
        return top - GAP if blocks else y

    def _is_marked(self, branch: Branch) -> bool:
        """A node that stands here is passed on whatever way; an end, and one that is only named, on this one."""
        if branch.shown == "here" and branch.node.kind not in ENDS:
            return branch.node.id in self.marked
        return any(edge.id in self.marked for edge in branch.edges)

    def _way(self, block: Block, x: float, y: float, gap: float, to: float) -> None:
        turn, end = x + ELBOW, x + gap
        bend = 6.0
        path = f"M{x:g} {y:g}H{end:g}"
        if to > y:
            path = f"M{x:g} {y:g}H{turn - bend:g}Q{turn:g} {y:g} {turn:g} {y + bend:g}V{to - bend:g}"
            path += f"Q{turn:g} {to:g} {turn + bend:g} {to:g}H{end:g}"
        marked = any(edge.id in self.marked for edge in block.box.branch.edges)
        parts = [
            tag("path", d=path, class_="line"),
            tag("path", d=f"M{end:g} {to:g}l-7 -4v8z", class_="tip"),
            tag("text", block.label, x=turn + 7, y=to - 5),
        ]
        self._ways.append((marked, tag("g", *parts, class_="way marked" if marked else "way")))


def _gap(blocks: list[Block]) -> float:
    """The room between a node and what hangs on it: enough for what is written over the lines."""
    widest = max((width(block.label, LINE) for block in blocks if block.label), default=0.0)
    return ELBOW + 7 + widest + 16 if widest else 34.0
