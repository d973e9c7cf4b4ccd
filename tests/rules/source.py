"""The portal's own source, read as syntax trees."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One file of Python."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the root, such as ``portal/bots/routes.py``."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> int:
        """How many lines it has."""
        return len(self.path.read_text("utf-8").splitlines())

    @property
    def tree(self) -> ast.Module:
        """Its syntax tree."""
        return _tree(self.path)

    def imports(self) -> Iterator[str]:
        """The names of the portal's modules that are imported while it is loaded."""
        for node in _outside_functions(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)

    @property
    def dotted(self) -> str:
        """Its name as it is imported, such as ``portal.bots.routes``."""
        return self.name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def imported_names(self) -> Iterator[str]:
        """Everything it imports, wherever in the file and for whatever purpose."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call, with the last word of what is called."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield _last_word(node.func), node

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def modules(*folders: str) -> list[Module]:
    """Every file of Python in those folders; of the portal where none is named."""
    found = [path for folder in folders or ("portal",) for path in sorted((ROOT / folder).rglob("*.py"))]
    return [Module(path) for path in found if "__pycache__" not in path.parts]


def files(folder: str, suffix: str) -> list[Path]:
    """Every file of a kind in a folder."""
    return sorted((ROOT / folder).rglob(f"*{suffix}"))


def count_lines(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text("utf-8").splitlines())


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _outside_functions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        # What only type checkers import is no import at all.
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            continue
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from _outside_functions(node)


def _last_word(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


@cache
def import_graph() -> dict[str, frozenset[str]]:
    """Module → modules of the portal that it imports, wherever in the file and for whatever purpose."""
    present = {module.dotted for module in modules()} | {"config"}
    return {module.dotted: frozenset(_modules_imported(module, present) - {module.dotted}) for module in modules()}


def _modules_imported(module: "Module", present: set[str]) -> set[str]:
    found = set()
    for name in module.imported_names():
        parent = name.rpartition(".")[0]
        found |= {each for each in (name, parent) if each in present and (each == name or name not in present)}
    return found
