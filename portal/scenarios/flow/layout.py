"""Layered drawing of a directed graph: pure geometry, the same picture for the same graph every time.

The usual four passes (Sugiyama, Tagawa, Toda 1981): break circles, assign layers by the longest path, order
each layer by barycentres, assign coordinates. Edges that go back, or far, run beside the drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

MARGIN = 24.0
COLUMN_GAP = 26.0
LANE_WIDTH = 16.0
GAP_PLAIN, GAP_LABELLED = 48.0, 84.0
MAX_SPAN = 12
_ORDERING_SWEEPS = 8
_PLACING_SWEEPS = 10


@dataclass(frozen=True, slots=True)
class Box:
    """A node's size in pixels."""

    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between boxes, by their indexes; ``label_width`` 0 where it has no label."""

    source: int
    target: int
    label_width: float = 0.0


@dataclass(slots=True)
class Item:
    """A place in a layer: a box, or a bend of an edge that passes through it. ``x`` is its centre."""

    width: float
    layer: int
    box: int | None = None
    x: float = 0.0
    above: list["Item"] = field(default_factory=list)
    below: list["Item"] = field(default_factory=list)
    order: int = 0


@dataclass(slots=True)
class Layout:
    """Where everything stands; ``runs`` holds per link the items it passes, None where it runs beside."""

    items: list[Item]
    layers: list[list[Item]]
    tops: list[float]
    bottoms: list[float]
    runs: list[list[Item] | None]
    width: float
    height: float


def reading_order(successors: Sequence[Sequence[int]], roots: Sequence[int]) -> list[list[int]]:
    """Groups of nodes, one for each root not reached before, in an order in which people would read them.

    Within a group every edge that does not close a circle goes forward, and a branch stays together.
    """
    seen: set[int] = set()
    groups = []
    for root in (*roots, *range(len(successors))):
        if root not in seen:
            groups.append(_postorder(successors, root, seen)[::-1])
    return groups


def _postorder(successors: Sequence[Sequence[int]], root: int, seen: set[int]) -> list[int]:
    seen.add(root)
    stack = [(root, iter(reversed(successors[root])))]
    finished = []
    while stack:
        node, waiting = stack[-1]
        following = next((n for n in waiting if n not in seen), None)
        if following is None:
            finished.append(node)
            stack.pop()
        else:
            seen.add(following)
            stack.append((following, iter(reversed(successors[following]))))
    return finished


def lay_out(boxes: Sequence[Box], links: Sequence[Link], groups: list[list[int]]) -> Layout:
    """Place the boxes and decide on each link's way; ``groups`` come from :func:`reading_order`."""
    depth = _layers_of(links, groups)
    items = [Item(box.width, depth[index], index) for index, box in enumerate(boxes)]
    layers: list[list[Item]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for group in groups:
        for index in group:
            layers[depth[index]].append(items[index])
    runs = [_run(link, items, layers) for link in links]
    _order(layers)
    _place(layers)
    tops, bottoms = _heights(boxes, links, layers, depth)
    left = min((item.x - item.width / 2 for item in items), default=0.0)
    for layer in layers:
        for item in layer:
            item.x += MARGIN - left
    width = max((item.x + item.width / 2 for layer in layers for item in layer), default=0.0) + MARGIN
    return Layout(items, layers, tops, bottoms, runs, width, bottoms[-1] + MARGIN if bottoms else 0.0)


def _layers_of(links: Sequence[Link], groups: list[list[int]]) -> list[int]:
    """Longest path from the root. Groups that nothing leads to stand below the first."""
    position = {node: place for place, node in enumerate(node for group in groups for node in group)}
    group_of = {node: number for number, group in enumerate(groups) for node in group}
    outgoing: dict[int, list[int]] = {}
    for link in links:
        forward = position[link.source] < position[link.target]
        if forward and group_of[link.source] == group_of[link.target]:
            outgoing.setdefault(link.source, []).append(link.target)
    depth = [0] * len(position)
    below = 0
    for number, group in enumerate(groups):
        for node in group:
            depth[node] = max(depth[node], below)
            for target in outgoing.get(node, ()):
                depth[target] = max(depth[target], depth[node] + 1)
        if number == 0:
            below = max(depth[node] for node in group) + 1
    return depth


def _run(link: Link, items: list[Item], layers: list[list[Item]]) -> list[Item] | None:
    source, target = items[link.source], items[link.target]
    if not 0 < target.layer - source.layer <= MAX_SPAN:
        return None
    run = [source]
    for layer in range(source.layer + 1, target.layer):
        bend = Item(max(LANE_WIDTH, link.label_width if len(run) == 1 else 0.0), layer)
        layers[layer].append(bend)
        run.append(bend)
    run.append(target)
    for upper, lower in pairwise(run):
        upper.below.append(lower)
        lower.above.append(upper)
    return run


def _order(layers: list[list[Item]]) -> None:
    _number(layers)
    best, fewest = [list(layer) for layer in layers], _crossings(layers)
    for sweep in range(_ORDERING_SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        for layer in layers if downwards else layers[::-1]:
            layer.sort(key=lambda item: _barycentre(item, item.above if downwards else item.below))
            for order, item in enumerate(layer):
                item.order = order
        crossings = _crossings(layers)
        if crossings < fewest:
            best, fewest = [list(layer) for layer in layers], crossings
    layers[:] = best
    _number(layers)


def _number(layers: list[list[Item]]) -> None:
    for layer in layers:
        for order, item in enumerate(layer):
            item.order = order


def _barycentre(item: Item, neighbours: list[Item]) -> float:
    if not neighbours:
        return float(item.order)
    return sum(neighbour.order for neighbour in neighbours) / len(neighbours)


def _crossings(layers: list[list[Item]]) -> int:
    """How many pairs of edges cross, counted with a binary indexed tree for each pair of layers."""
    total = 0
    for layer, lower in pairwise(layers):
        tree = [0] * (len(lower) + 1)
        placed = 0
        for item in layer:
            ends = sorted(neighbour.order for neighbour in item.below)
            total += sum(placed - _count_upto(tree, end + 1) for end in ends)
            for end in ends:
                _count_one(tree, end + 1)
            placed += len(ends)
    return total


def _count_upto(tree: list[int], index: int) -> int:
    count = 0
    while index:
        count += tree[index]
        index -= index & -index
    return count


def _count_one(tree: list[int], index: int) -> None:
    while index < len(tree):
        tree[index] += 1
        index += index & -index


def _place(layers: list[list[Item]]) -> None:
    for layer in layers:
        _settle(layer, [0.0] * len(layer))
    for sweep in range(_PLACING_SWEEPS):
        downwards = sweep % 2 == 0
        for layer in layers if downwards else layers[::-1]:
            _settle(layer, [_wanted(item, item.above if downwards else item.below) for item in layer])


def _wanted(item: Item, neighbours: list[Item]) -> float:
    if not neighbours:
        return item.x
    return sum(neighbour.x for neighbour in neighbours) / len(neighbours)


def _settle(layer: list[Item], wanted: list[float]) -> None:
    """Move every item as near as possible to where it wants to be, in order and without overlaps.

    Least squares under minimum distances is isotonic regression: neighbours that collide share their mean.
    Bends weigh more, which keeps long edges straight.
    """
    offsets: list[float] = []
    blocks: list[tuple[float, float, int]] = []
    for index, item in enumerate(layer):
        before = layer[index - 1] if index else None
        distance = (before.width + item.width) / 2 + COLUMN_GAP if before else 0.0
        offsets.append((offsets[-1] if offsets else 0.0) + distance)
        weight = 1.0 if item.box is not None else 3.0
        block = (wanted[index] - offsets[index], weight, 1)
        while blocks and blocks[-1][0] > block[0]:
            mean, mass, count = blocks.pop()
            joined = mass + block[1]
            block = ((mean * mass + block[0] * block[1]) / joined, joined, count + block[2])
        blocks.append(block)
    places = [mean for mean, _mass, count in blocks for _ in range(count)]
    for item, place, offset in zip(layer, places, offsets, strict=True):
        item.x = place + offset


def _heights(
    boxes: Sequence[Box], links: Sequence[Link], layers: list[list[Item]], depth: list[int]
) -> tuple[list[float], list[float]]:
    """Upper and lower edge of every layer."""
    labelled = {depth[link.source] for link in links if link.label_width}
    tops: list[float] = []
    bottoms: list[float] = []
    y = MARGIN
    for number, layer in enumerate(layers):
        tops.append(y)
        bottoms.append(y + max((boxes[item.box].height for item in layer if item.box is not None), default=0.0))
        y = bottoms[-1] + (GAP_LABELLED if number in labelled else GAP_PLAIN)
    return tops, bottoms
