"""The templates' markup, with Jinja's own words taken out of it."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment
from jinja2.lexer import Lexer

from tests.rules.source import ROOT, files

SPOKEN_ATTRIBUTES = {"aria-label", "alt", "placeholder", "title", "data-label", "aria-description", "content"}
# A page tells its layout the class of an element.
CLASS_BLOCK = re.compile(r"{% block \w+_class %}[\w -]*{% endblock %}")
# Stands where Jinja puts something, so that markup around it stays markup.
HOLE = "\ue000"


def templates() -> list[Path]:
    """Every template of a page."""
    return files("templates", ".html")


def named(path: Path) -> str:
    """The name that templates call each other by."""
    return path.relative_to(ROOT / "templates").as_posix()


def markup(environment: Environment, path: Path) -> str:
    """The HTML alone; each expression, statement and comment is a hole."""
    lexer: Lexer = environment.lexer
    parts: list[str] = []
    source = CLASS_BLOCK.sub("", path.read_text("utf-8"))
    for _, kind, value in lexer.tokeniter(source, path.name):
        if kind == "data":
            parts.append(value)
        elif kind.endswith("_end") or kind in ("comment", "raw_begin"):
            parts.append(HOLE)
    return "".join(parts)


class MarkupReader(HTMLParser):
    """Collects what a reader would see or hear, and what a CSP would stop."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.inline: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        for name, value in told.items():
            if name in SPOKEN_ATTRIBUTES and not (tag == "meta" and told.get("name") != "description"):
                self.texts.append(value)
            if name == "style" or re.fullmatch(r"on[a-z]+", name) or name.startswith("hx-on"):
                self.inline.append(f"{tag} {name}")
            if value.strip().lower().startswith("javascript:"):
                self.inline.append(f"{tag} {name}={value}")
        if tag == "style" or (tag == "script" and "src" not in told):
            self.inline.append(f"<{tag}>")
        if tag in ("code", "pre"):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("code", "pre"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def read(environment: Environment, path: Path) -> MarkupReader:
    """What one template says."""
    reader = MarkupReader()
    reader.feed(markup(environment, path))
    reader.close()
    return reader


def words(text: str) -> Iterator[str]:
    """Words of two letters and more."""
    yield from re.findall(r"[^\W\d_]{2,}", text.replace(HOLE, " "))
