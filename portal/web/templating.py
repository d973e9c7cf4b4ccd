"""Templates, set up for speed: compiled once for each language, and what is printed is not wrapped first."""

import re
from collections.abc import Callable, MutableMapping
from threading import RLock
from types import BuiltinFunctionType, CodeType, FunctionType, MethodType
from typing import Any

from flask import Flask
from flask.templating import Environment
from flask_babel import get_locale
from jinja2 import Environment as AnyEnvironment
from jinja2 import Template, nodes
from jinja2.runtime import Context, Macro
from jinja2.utils import internalcode
from markupsafe import Markup, escape

from portal.web.language import Wording
from portal.web.template_constants import constant_macros, fold

PLAIN = frozenset({FunctionType, MethodType, BuiltinFunctionType, type})
_needs_escape = re.compile("[&<>'\"]").search


def install(app: Flask) -> None:
    """Use the environment below; before any template is loaded."""
    app.jinja_environment = PortalEnvironment


class Portal(Flask):
    """Flask, which would ask of each hook and view of each request whether it is a coroutine: none of ours is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


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


class PortalContext(Context):
    """Calls at once what wants no more than its arguments; Jinja looks for that in four places at each call."""

    @internalcode
    def call(__self, __called: Callable[..., Any], *arguments: Any, **named: Any) -> Any:  # noqa: N805 (as Jinja's)
        """What a template calls."""
        kind = type(__called)
        if kind is Macro:
            arguments = (__self.eval_ctx, *arguments)
        elif kind not in PLAIN or hasattr(__called, "jinja_pass_arg"):
            return super().call(__called, *arguments, **named)
        # What Jinja hands over of the place of the call, for functions that ask for it.
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return __called(*arguments, **named)


class PortalEnvironment(Environment):
    """Flask's environment with the templates above; for each language it keeps one more, whose templates speak it."""

    template_class = PrintingTemplate
    context_class = PortalContext
    language: str | None = None

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._spoken: dict[str, PortalEnvironment] = {}
        self._loaded: dict[str | Template, Template] = {}
        self._constant_macros: dict[str, dict[str, Any]] = {}
        self._lock = RLock()

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """The template in the language of the request."""
        if self.language and globals is None and name in self._loaded:
            return self._loaded[name]
        template = super(PortalEnvironment, self._of_request()).get_template(name, parent, globals)
        if self.language and globals is None:
            # Nothing is left to be looked at again: neither files nor globals change.
            self._loaded[name] = template
        return template

    def select_template(
        self,
        names: Any,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """The first of those that there is, in the language of the request."""
        return super(PortalEnvironment, self._of_request()).select_template(names, parent, globals)

    def constant_macros(self, name: str) -> dict[str, Any]:
        """The macros of a template that depend on nothing but what they are called with."""
        with self._lock:
            if name not in self._constant_macros:
                # Of templates that import each other in a circle none is constant.
                self._constant_macros[name] = {}
                assert self.loader is not None
                source, path, _ = self.loader.get_source(self, name)
                names = constant_macros(self._parse(source, name, path), self._constants(), self.constant_macros)
                module = self.get_template(name).module if names else None
                self._constant_macros[name] = {each: getattr(module, each) for each in names if each[0] != "_"}
            return self._constant_macros[name]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The globals themselves where a template adds none: each import compares them key by key."""
        return super().make_globals(d) if d else self.globals

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        return fold(template, self._constants(), self.constant_macros) if self.language else template

    def _constants(self) -> dict[str, Any]:
        return {name: self.globals[name] for name in ("_", "asset", "locale")}

    def _of_request(self) -> "PortalEnvironment":
        """That of the language; while templates are worked on, this one, which looks texts up as it prints."""
        locale = None if self.language or self.auto_reload else get_locale()
        if locale is None:
            return self
        return self._spoken.get(locale.language) or self._in_language(locale.language)

    def _in_language(self, language: str) -> "PortalEnvironment":
        with self._lock:
            if language not in self._spoken:
                spoken = self.overlay()
                spoken.speak(language)
                self._spoken[language] = spoken
            return self._spoken[language]

    def speak(self, language: str) -> None:
        """Be the environment of one language from here on."""
        self.language, self._constant_macros, self._loaded, self._lock = language, {}, {}, RLock()
        wording = Wording(language)
        told = {"_": wording.text, "gettext": wording.text, "ngettext": wording.plural, "locale": language}
        self.globals = {**self.globals, **told}
