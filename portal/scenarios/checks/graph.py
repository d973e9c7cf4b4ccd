"""Checks of the scenario as a whole: what can be reached, what never ends."""

from portal.scenarios.document.document import DestinationKind, ScenarioDocument
from portal.scenarios.document.problems import ProblemList
from portal.scenarios.document.wording import _l, shortened

# A chain of steps that go on by themselves is cut off after this many, see the rules for running a scenario.
MAX_AUTOMATIC_HOPS = 25
_MAX_CIRCLES_NAMED = 20

Graph = dict[str, list[str]]


def successors(document: ScenarioDocument) -> Graph:
    """For every step the steps of this file that it leads to."""
    graph: Graph = {}
    for step in document.steps_by_id.values():
        targets = (document.destination(route.target) for route in step.routes)
        graph[step.id] = list(dict.fromkeys(t.name for t in targets if t.kind is DestinationKind.STEP))
    return graph


def reachable(document: ScenarioDocument, graph: Graph) -> set[str]:
    """The steps a conversation can come to."""
    found = set(document.entry_steps)
    waiting = list(document.entry_steps)
    while waiting:
        for name in graph[waiting.pop()]:
            if name not in found:
                found.add(name)
                waiting.append(name)
    return found


def check_graph(document: ScenarioDocument, findings: ProblemList) -> None:
    """Steps nobody reaches, a conversation that never ends, circles and long chains of automatic steps."""
    graph = successors(document)
    found = reachable(document, graph)
    for step in document.steps_by_id.values():
        if found and step.id not in found:
            message = _l("No way leads to this step. Link it from another step, or remove it.")
            findings.within(step.id).warning(step.place, message)
    if found and not any(_may_end(document, name) for name in found):
        findings.warning(("steps",), _l("The conversation never comes to an end. Let a last step have no next_step."))
    _check_automatic(document, graph, findings)


def _may_end(document: ScenarioDocument, name: str) -> bool:
    kinds = (document.destination(route.target).kind for route in document.steps_by_id[name].routes)
    return any(kind in (DestinationKind.END, DestinationKind.OUTSIDE) for kind in kinds)


def _check_automatic(document: ScenarioDocument, graph: Graph, findings: ProblemList) -> None:
    alone = {step.id for step in document.steps_by_id.values() if step.goes_on_alone}
    chains = _Chains({name: [n for n in graph[name] if n in alone] for name in graph if name in alone})
    for circle in chains.circles[:_MAX_CIRCLES_NAMED]:
        names = " → ".join(shortened(name, 30) for name in [*circle[:6], circle[0]])
        message = _l(
            "These steps go round in a circle and wait for no answer: %(names)s. Ask in one of them.",
            names=names,
        )
        findings.within(circle[0]).error(document.steps_by_id[circle[0]].place, message)
    continued = {name for targets in chains.graph.values() for name in targets}
    for name, length in chains.lengths.items():
        if length > MAX_AUTOMATIC_HOPS and name not in continued:
            message = _l(
                "%(count)s steps follow without an answer, the conversation stops after %(most)s. Ask in between.",
                count=length,
                most=MAX_AUTOMATIC_HOPS,
            )
            findings.within(name).warning(document.steps_by_id[name].place, message)


class _Chains:
    """One depth-first walk: the circles it meets, and how many steps follow each other from each step on."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.circles: list[list[str]] = []
        self.lengths: dict[str, int] = {}
        self._path: dict[str, int] = {}
        for name in graph:
            if name not in self.lengths:
                self._walk(name)

    def _walk(self, root: str) -> None:
        stack = [(root, iter(self.graph[root]))]
        self._path = {root: 0}
        while stack:
            name, waiting = stack[-1]
            following = next(waiting, None)
            if following is None:
                self.lengths[name] = 1 + max((self.lengths.get(n, 0) for n in self.graph[name]), default=0)
                del self._path[name]
                stack.pop()
            elif following in self._path:
                if len(self.circles) < _MAX_CIRCLES_NAMED:
                    self.circles.append([step for step, _rest in stack[self._path[following] :]])
            elif following not in self.lengths:
                self._path[following] = len(stack)
                stack.append((following, iter(self.graph[following])))
