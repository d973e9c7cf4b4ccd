"""Templates, set up for speed: what is printed is escaped without being wrapped first."""

import re
from collections.abc import Callable, MutableMapping
from types import CodeType
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import Environment as AnyEnvironment
from jinja2 import Template
from markupsafe import Markup, escape

_needs_escape = re.compile("[&<>'\"]").search


def install(app: Flask) -> None:
    """Use the environment below; before any template is loaded."""
    app.jinja_environment = PortalEnvironment


def printed(value: Any) -> str:
    """A value as it is printed: escaped, unless it is markup already.

    ``markupsafe.escape`` makes a ``Markup`` object of everything; what is printed is only joined, a page of a list
    prints a thousand values, and few of them hold anything to escape.
    """
    kind = type(value)
    if kind is Markup or (kind is str and not _needs_escape(value)):
        return value
    return str(value) if kind is int else str(escape(value))


class PrintingTemplate(Template):
    """A template whose module prints by the function above where Jinja would call ``escape``."""

    @classmethod
    def from_code(
        cls,
        environment: AnyEnvironment,
        code: CodeType,
        globals: MutableMapping[str, Any],  # noqa: A002 (Jinja's name)
        uptodate: Callable[[], bool] | None = None,
    ) -> Template:
        """The template, with the name changed in its module; its functions look it up there."""
        template = super().from_code(environment, code, globals, uptodate)
        template.root_render_func.__globals__["escape"] = printed
        return template


class PortalEnvironment(Environment):
    """Flask's environment with the templates above."""

    template_class = PrintingTemplate

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals themselves where a template adds none: each import compares them key by key."""
        return super().make_globals(d) if d else self.globals
