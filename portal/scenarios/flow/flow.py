"""A scenario as a picture and as a list, in the language of the request it is built in."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.scenarios.checks.graph import reachable, successors
from portal.scenarios.document.document import Destination, DestinationKind, ScenarioDocument
from portal.scenarios.document.steps import Route, RouteKind, Step
from portal.scenarios.document.wording import shortened
from portal.scenarios.flow.cards import Card, CardBadge, CardText, label_width, place_card, step_card
from portal.scenarios.flow.labels import ROUTE_KINDS, condition_label
from portal.scenarios.flow.layout import Box, Link, lay_out, reading_order
from portal.scenarios.flow.outline import Outline, OutlineStep
from portal.scenarios.flow.routing import LABEL_HEIGHT, Wire, route

# Beyond these nobody can read a picture, and a server should not draw one.
MAX_DRAWN_STEPS = 300
MAX_DRAWN_EDGES = 900
# What can be drawn stands on one page; longer lists are read page by page.
STEPS_PER_PAGE = MAX_DRAWN_STEPS
_LABEL_LENGTH = 28


@dataclass(frozen=True, slots=True)
class FlowNode:
    """A card with its place in pixels.

    ``kind``: message, question, conditional_message, action, unknown, end, outside, missing. ``anchor`` is
    the fragment of the step's entry in the list, empty for what is no step.
    """

    kind: str
    title: str
    title_y: float
    x: float
    y: float
    width: float
    height: float
    anchor: str
    lines: tuple[CardText, ...]
    badges: tuple[CardBadge, ...]
    is_start: bool


@dataclass(frozen=True, slots=True)
class FlowEdge:
    """An arrow: the SVG paths of its line and its head. ``kind``: next, automatic, condition, otherwise, broken.

    ``label_x`` and ``label_y`` are the label's centre; ``is_beside`` marks those that run past the drawing,
    mostly back to an earlier step.
    """

    d: str
    head: str
    kind: str
    label: str
    label_x: float
    label_y: float
    label_width: float
    label_height: float
    is_beside: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """The picture (``nodes``, ``edges``, size; empty when too large to draw) and a page of the list (``steps``).

    Pages count from 1.
    """

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]
    width: int
    height: int
    steps: tuple[OutlineStep, ...]
    page: int
    pages: int

    @property
    def is_drawn(self) -> bool:
        """Whether there is a picture."""
        return bool(self.nodes)


def build_flow(document: ScenarioDocument, page: int = 1, *, plain: bool = False) -> Flow:
    """The flow of a document, malformed parts left out; the same for the same document, page and language.

    A page beyond the last is the last one. ``plain`` leaves out what only those who write scenarios know: what steps
    and variables are called.
    """
    return _FlowBuilder(document, page, plain).flow()


@dataclass(slots=True)
class _Edge:
    source: Destination
    target: Destination
    kind: str
    labels: list[str]

    @property
    def label(self) -> str:
        return shortened(" / ".join(label for label in dict.fromkeys(self.labels) if label), _LABEL_LENGTH)


def step_order(document: ScenarioDocument) -> list[str]:
    """The ids of the steps in the order in which they are read and numbered, wherever people see numbers."""
    graph = successors(document)
    ids = list(graph)
    index = {step_id: place for place, step_id in enumerate(ids)}
    roots = [index[step_id] for step_id in document.entry_steps]
    groups = reading_order([[index[name] for name in graph[step_id]] for step_id in ids], roots)
    return [ids[place] for group in groups for place in group]


class _FlowBuilder:
    def __init__(self, document: ScenarioDocument, page: int, plain: bool) -> None:
        self.document, self.plain = document, plain
        self.reached = reachable(document, successors(document))
        self.order = step_order(document)
        self.pages = max(1, -(-len(self.order) // STEPS_PER_PAGE))
        self.page = min(max(page, 1), self.pages)
        listed = self.order[(self.page - 1) * STEPS_PER_PAGE : self.page * STEPS_PER_PAGE]
        self.outline = Outline(document, self.order, self.reached, STEPS_PER_PAGE, plain=plain)
        self.listed = tuple(self.outline.entry(document.steps_by_id[step_id]) for step_id in listed)

    def flow(self) -> Flow:
        edges = self.edges() if len(self.order) <= MAX_DRAWN_STEPS else []
        if not edges or len(edges) > MAX_DRAWN_EDGES:
            return Flow((), (), 0, 0, self.listed, self.page, self.pages)
        return self.drawn(edges)

    def edges(self) -> list[_Edge]:
        """Every way between two places once; several ways between the same two share an arrow."""
        edges: dict[tuple[Destination, Destination], _Edge] = {}
        for step_id in self.order:
            step = self.document.steps_by_id[step_id]
            source = Destination(DestinationKind.STEP, step_id)
            for way in step.routes:
                target = self.document.destination(way.target)
                edge = edges.setdefault((source, target), _Edge(source, target, _edge_kind(way, target), []))
                edge.labels.append(self.label(step, way))
        return list(edges.values())

    def label(self, step: Step, way: Route) -> str:
        if way.kind is RouteKind.CONDITION:
            return condition_label(self.document, step, way.condition or "", plain=self.plain)
        return str(ROUTE_KINDS[way.kind]) if way.kind is RouteKind.OTHERWISE else ""

    def drawn(self, edges: Sequence[_Edge]) -> Flow:
        steps = [Destination(DestinationKind.STEP, step_id) for step_id in self.order]
        places = list(dict.fromkeys([*steps, *(edge.target for edge in edges)]))
        index = {place: number for number, place in enumerate(places)}
        cards = [self.card(place) for place in places]
        boxes = [Box(card.width, card.height) for card in cards]
        links = [
            Link(index[edge.source], index[edge.target], label_width(edge.label) if edge.label else 0.0)
            for edge in edges
        ]
        following: list[list[int]] = [[] for _ in places]
        for link in links:
            following[link.source].append(link.target)
        roots = [index[Destination(DestinationKind.STEP, step_id)] for step_id in self.document.entry_steps]
        layout = lay_out(boxes, links, reading_order(following, roots))
        wires, width = route(layout, boxes, links)
        nodes = [
            self.node(place, card, item.x, layout.tops[item.layer])
            for place, card, item in zip(places, cards, layout.items, strict=True)
        ]
        drawn = [_drawn_edge(edge, link, wire) for edge, link, wire in zip(edges, links, wires, strict=True)]
        size = round(width), round(layout.height)
        return Flow(tuple(nodes), tuple(drawn), *size, self.listed, self.page, self.pages)

    def card(self, place: Destination) -> Card:
        if place.kind is not DestinationKind.STEP:
            return place_card(place, plain=self.plain)
        name = place.name
        is_start = name == self.document.start_step
        number = self.outline.numbers[name]
        return step_card(self.document.steps_by_id[name], number, is_start, name in self.reached, plain=self.plain)

    def node(self, place: Destination, card: Card, centre: float, y: float) -> FlowNode:
        is_step = place.kind is DestinationKind.STEP
        return FlowNode(
            kind=card.kind,
            title=card.title.text,
            title_y=card.title.y,
            x=round(centre - card.width / 2, 1),
            y=round(y, 1),
            width=round(card.width, 1),
            height=round(card.height, 1),
            anchor=self.outline.anchors[place.name] if is_step else "",
            lines=tuple(card.lines),
            badges=tuple(card.badges),
            is_start=is_step and place.name == self.document.start_step,
        )


def _edge_kind(way: Route, target: Destination) -> str:
    return "broken" if target.kind is DestinationKind.MISSING else way.kind.value


def _drawn_edge(edge: _Edge, link: Link, wire: Wire) -> FlowEdge:
    return FlowEdge(
        d=wire.path,
        head=wire.head,
        kind=edge.kind,
        label=edge.label,
        label_x=round(wire.label_x, 1),
        label_y=round(wire.label_y, 1),
        label_width=round(link.label_width, 1),
        label_height=LABEL_HEIGHT,
        is_beside=wire.beside,
    )
