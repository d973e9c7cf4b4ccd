"""Templates, compiled for speed: what is printed is escaped without being wrapped first."""

from collections.abc import MutableMapping
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup, escape


def install(app: Flask) -> None:
    """Use the environment below; before any template is loaded."""
    app.jinja_environment = PortalEnvironment


def printed(value: Any) -> str:
    """A value as it is printed: escaped, unless it is markup already.

    ``markupsafe.escape`` makes a ``Markup`` object of everything; what is printed is only joined, and a
    page of a list prints a thousand values.
    """
    return value if type(value) is Markup else str(escape(value)) if type(value) is not str else _escape(value)


try:
    from markupsafe._speedups import _escape_inner as _escape
except ImportError:  # a platform without the compiled part
    from markupsafe._native import _escape_inner as _escape


class PrintingCodeGenerator(CodeGenerator):
    """Prints by ``environment.printed`` where Jinja would call ``escape``."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.printed(")


class PortalEnvironment(Environment):
    """Flask's environment with the generator above."""

    code_generator_class = PrintingCodeGenerator
    printed = staticmethod(printed)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals themselves where a template adds none: each import compares them key by key."""
        return super().make_globals(d) if d else self.globals
