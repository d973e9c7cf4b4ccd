"""What a template says by constants alone is worked out when it is compiled, once for each language (decision 030).

That is texts, addresses of assets, the language itself, and macros called with nothing but constants, which depend on
nothing else: an icon, a badge, an empty state. What is left of a page's skeleton is mostly one string.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from jinja2 import nodes
from jinja2.defaults import DEFAULT_FILTERS, DEFAULT_TESTS
from jinja2.visitor import NodeTransformer

# The constant macros of the template of that name.
MacrosOf: TypeAlias = Callable[[str], Mapping[str, Any]]
# Which depends on the page that is being made, though Jinja brings it.
NOT_CONSTANT = (nodes.ContextReference, nodes.DerivedContextReference, nodes.Include, nodes.Import, nodes.FromImport)
BUILT_IN = frozenset({"dict", "range"})


def fold(template: nodes.Template, constants: Mapping[str, Any], macros_of: MacrosOf) -> nodes.Template:
    """The template with all that is constant in it put in its place.

    ``constants`` are values by name, and functions whose answer for constants is one. Names that the template uses in
    its own way are left alone.
    """
    taken = {each.name for each in template.find_all(nodes.Name) if each.ctx != "load"}
    known = {**constants, **_imported(template, macros_of)}
    folder = _Folder(template, {name: value for name, value in known.items() if name not in taken})
    folder.visit(template)
    return template


def constant_macros(template: nodes.Template, constants: Mapping[str, Any], macros_of: MacrosOf) -> list[str]:
    """The names of a template's macros that use nothing but their arguments and what is constant."""
    allowed = BUILT_IN | set(constants) | set(_imported(template, macros_of))
    found: list[str] = []
    for macro in template.find_all(nodes.Macro):
        if _is_constant(macro, allowed | set(found)):
            found.append(macro.name)
    return found


def _imported(template: nodes.Template, macros_of: MacrosOf) -> dict[str, Any]:
    """The constant macros that a template imports, by the names that it gives them."""
    found: dict[str, Any] = {}
    for node in template.find_all(nodes.FromImport):
        if not node.with_context and isinstance(node.template, nodes.Const):
            macros = macros_of(node.template.value)
            names = (each if isinstance(each, tuple) else (each, each) for each in node.names)
            found |= {own: macros[name] for name, own in names if name in macros}
    return found


def _is_constant(macro: nodes.Macro, allowed: Iterable[str]) -> bool:
    names = list(macro.find_all(nodes.Name))
    own = {each.name for each in names if each.ctx != "load"}
    return (
        {each.name for each in names} <= own.union(allowed)
        and all(each.name in DEFAULT_FILTERS for each in macro.find_all(nodes.Filter))
        and all(each.name in DEFAULT_TESTS for each in macro.find_all(nodes.Test))
        and not any(macro.find_all(NOT_CONSTANT))
    )


class _Folder(NodeTransformer):
    """Puts constants in the place of names and calls."""

    def __init__(self, template: nodes.Template, constants: Mapping[str, Any]) -> None:
        assert template.environment is not None
        self.environment, self.constants = template.environment, constants
        self.context = nodes.EvalContext(self.environment, "constant.html")

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802 (Jinja's name)
        """A value that stays the same."""
        value = self.constants.get(node.name)
        return node if value is None or callable(value) else self._constant(value, node)

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802
        """A call of what is constant, with constants; a text with values keeps only their insertion."""
        self.generic_visit(node)
        function = self.constants.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        if not callable(function) or node.dyn_args or node.dyn_kwargs:
            return node
        try:
            values = [each.as_const(self.context) for each in node.args]
            if node.node.name == "_" and node.kwargs:  # type: ignore[attr-defined]
                return self._with_values(self._constant(function(*values), node), node.kwargs)
            named = {each.key: each.value.as_const(self.context) for each in node.kwargs}
        except nodes.Impossible:
            return node
        return self._constant(function(*values, **named), node)

    def visit_CallBlock(self, node: nodes.CallBlock) -> nodes.Node:  # noqa: N802
        """What a block hands to a macro; its call stays one."""
        self.generic_visit(node.call)
        node.body = [self.visit(each) for each in node.body]
        return node

    def _with_values(self, text: nodes.Const, values: list[nodes.Keyword]) -> nodes.Node:
        place = {"lineno": text.lineno, "environment": self.environment}
        pairs = [nodes.Pair(nodes.Const(each.key, **place), each.value, **place) for each in values]
        return nodes.Mod(text, nodes.Dict(pairs, **place), **place)

    def _constant(self, value: Any, node: nodes.Node) -> nodes.Const:
        return nodes.Const.from_untrusted(value, node.lineno, self.environment)
