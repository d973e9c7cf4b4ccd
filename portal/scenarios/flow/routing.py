"""How the edges of a layered drawing run: SVG paths and the places of their labels."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from portal.scenarios.flow.layout import MARGIN, Box, Item, Layout, Link

LABEL_HEIGHT = 22.0
_ARROW = 5.0
_CORNER = 8.0
_PORT_GAP = 22.0
_LANE_GAP = 18.0
# Shares of the way down. Where several labelled wires leave together, they are apart only near their ends.
_LABEL_PLACES = (0.5, 0.64, 0.36, 0.76, 0.24)
_LABEL_PLACES_FANNED = (0.74, 0.62, 0.84, 0.5, 0.36)


@dataclass(frozen=True, slots=True)
class Wire:
    """A drawn edge: its path, its head, the centre of its label. ``beside``: it runs past the drawing."""

    path: str
    head: str
    label_x: float
    label_y: float
    beside: bool


@dataclass(frozen=True, slots=True)
class Label:
    """The room a label takes."""

    x: float
    y: float
    width: float

    def collides(self, other: "Label") -> bool:
        """Whether the two would touch."""
        return abs(self.x - other.x) < (self.width + other.width) / 2 + 4 and abs(self.y - other.y) < LABEL_HEIGHT


def route(layout: Layout, boxes: Sequence[Box], links: Sequence[Link]) -> tuple[list[Wire], float]:
    """Every link as a wire, and the width of the drawing with the wires beside it."""
    return _Router(layout, boxes, links).wires()


class _Router:
    def __init__(self, layout: Layout, boxes: Sequence[Box], links: Sequence[Link]) -> None:
        self.layout = layout
        self.boxes = boxes
        self.links = links
        self.leaving = self.ports([link.source for link in links], 1)
        self.arriving = self.ports([link.target for link in links], -2)
        self.labelled = Counter(link.source for link in links if link.label_width)
        self.labels: dict[int, list[Label]] = {}
        self.lanes: list[tuple[float, float, list[tuple[float, float]]]] = []
        self.width = layout.width
        self.runs_beside: dict[int, int] = {}

    def wires(self) -> tuple[list[Wire], float]:
        order = sorted(range(len(self.links)), key=lambda number: self.layout.runs[number] is None)
        drawn = {number: self.wire(number) for number in order}
        return [drawn[number] for number in range(len(self.links))], self.width

    def wire(self, number: int) -> Wire:
        run = self.layout.runs[number]
        return self.through(number, run) if run else self.past(number)

    def ports(self, ends: list[int], next_place: int) -> list[float]:
        """Where each link touches its box: spread along the side, in the order of where the link heads."""
        touching: dict[int, list[int]] = {}
        for number, end in enumerate(ends):
            touching.setdefault(end, []).append(number)
        places = [0.0] * len(ends)
        for end, numbers in touching.items():
            item = self.layout.items[end]
            gap = min(_PORT_GAP, item.width * 0.35 / len(numbers))
            direct = [number for number in numbers if self.layout.runs[number]]
            direct.sort(key=lambda number: self.heading(number, next_place))
            # Wires that run beside keep to the right, so that they bend no straight line.
            beside = [number for number in numbers if not self.layout.runs[number]]
            for place, number in enumerate(direct + beside):
                places[number] = item.x + gap * (place - max(len(direct) - 1, 0) / 2)
        return places

    def heading(self, number: int, place: int) -> float:
        run = self.layout.runs[number]
        return run[place].x if run else 0.0

    def through(self, number: int, run: list[Item]) -> Wire:
        """Down through the layers, in curves between them."""
        layout = self.layout
        source = run[0]
        x = self.leaving[number]
        top = layout.tops[source.layer] + self.boxes[self.links[number].source].height
        path = [f"M{x:.1f} {top:.1f}V{layout.bottoms[source.layer]:.1f}"]
        label = (x, top)
        for place, item in enumerate(run[1:]):
            end = self.arriving[number] if item is run[-1] else item.x
            upper, lower = layout.bottoms[item.layer - 1], layout.tops[item.layer]
            path.append(_curve(x, upper, end, lower))
            if place == 0:
                label = self.label_place(number, (x, upper), (end, lower))
            if item is not run[-1]:
                path.append(f"V{layout.bottoms[item.layer]:.1f}")
            x = end
        head = _arrow(x, layout.tops[run[-1].layer])
        return Wire("".join(path), head, *label, beside=False)

    def label_place(self, number: int, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float]:
        """A point on the first curve where the label touches no other, if there is one."""
        width = self.links[number].label_width
        if not width:
            return start
        others = self.labels.setdefault(round(start[1]), [])
        is_fanned = self.labelled[self.links[number].source] > 1
        shares = _LABEL_PLACES_FANNED if is_fanned else _LABEL_PLACES
        candidates = [Label(*_point(start, end, share), width) for share in shares]
        free = (label for label in candidates if not any(label.collides(other) for other in others))
        chosen = next(free, candidates[0])
        others.append(chosen)
        return chosen.x, chosen.y

    def past(self, number: int) -> Wire:
        """Out below the source, along a lane on the right, in above the target."""
        layout, link = self.layout, self.links[number]
        source, target = layout.items[link.source], layout.items[link.target]
        start = layout.tops[source.layer] + self.boxes[link.source].height
        out = layout.bottoms[source.layer] + self.step_aside(source.layer)
        into = layout.tops[target.layer] - self.step_aside(target.layer - 1)
        lane = self.lane(min(out, into), max(out, into), link.label_width)
        x, end = self.leaving[number], self.arriving[number]
        r = _CORNER
        turn = r if into > out else -r
        path = (
            f"M{x:.1f} {start:.1f}V{out - r:.1f}q0 {r:g} {r:g} {r:g}"
            f"H{lane - r:.1f}q{r:g} 0 {r:g} {turn:g}V{into - turn:.1f}"
            f"q0 {turn:g} {-r:g} {turn:g}H{end + r:.1f}q{-r:g} 0 {-r:g} {r:g}"
            f"V{layout.tops[target.layer]:.1f}"
        )
        return Wire(
            path,
            _arrow(end, layout.tops[target.layer]),
            lane,
            out + max(-40.0, min(40.0, (into - out) / 2)),
            beside=True,
        )

    def step_aside(self, gap: int) -> float:
        """Wires that share the space between two layers keep a little apart."""
        taken = self.runs_beside.get(gap, 0)
        self.runs_beside[gap] = taken + 1
        return 10.0 + 4.0 * (taken % 3)

    def lane(self, upper: float, lower: float, label_width: float) -> float:
        """The x of the first lane that is free between two heights and wide enough, a new one if none is."""
        for x, width, taken in self.lanes:
            if width >= label_width and all(lower + 12 < start or end + 12 < upper for start, end in taken):
                taken.append((upper, lower))
                return x
        width = max(label_width, _LANE_GAP)
        x = self.width - MARGIN / 2 + width / 2
        self.lanes.append((x, width, [(upper, lower)]))
        self.width = x + width / 2 + MARGIN
        return x


def _curve(x: float, y: float, end_x: float, end_y: float) -> str:
    middle = (y + end_y) / 2
    return f"C{x:.1f} {middle:.1f} {end_x:.1f} {middle:.1f} {end_x:.1f} {end_y:.1f}"


def _point(start: tuple[float, float], end: tuple[float, float], share: float) -> tuple[float, float]:
    """A point on the curve that :func:`_curve` draws."""
    (x, y), (end_x, end_y) = start, end
    across = share * share * (3 - 2 * share)
    down = 1.5 * (1 - share) * share + share**3
    return x + (end_x - x) * across, y + (end_y - y) * down


def _arrow(x: float, y: float) -> str:
    return f"M{x - _ARROW:.1f} {y - _ARROW - 2:.1f}L{x:.1f} {y:.1f}L{x + _ARROW:.1f} {y - _ARROW - 2:.1f}"
