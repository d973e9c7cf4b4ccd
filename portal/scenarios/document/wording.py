"""Texts that wait for the reader's language."""

from typing import Any

from flask_babel import lazy_gettext

QUOTED_LENGTH = 60


class Phrase:
    """A text with named values, translated whenever it is turned into a ``str``.

    Flask-Babel's own lazy strings offer ``__html__``, so a template trusts them as markup, the values in them
    included. Here the values come out of an uploaded file: a phrase has no ``__html__`` and gets escaped.
    """

    __slots__ = ("_lazy", "template", "values")

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values = values
        self._lazy: Any = lazy_gettext(template, **values)

    def __str__(self) -> str:
        return str(self._lazy)

    def __repr__(self) -> str:
        return f"Phrase({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Phrase) and (self.template, self.values) == (other.template, other.values)

    def __hash__(self) -> int:
        return hash(self.template)


def shortened(value: object, length: int = QUOTED_LENGTH) -> str:
    """A value as one line of at most ``length`` characters, to be quoted in a sentence."""
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text[: length * 4].split())
    return text if len(text) <= length else text[: length - 1] + "…"


def _l(template: str, /, **values: object) -> Phrase:
    # Named like Flask-Babel's own, so that the texts are found when translations are extracted.
    return Phrase(template, **values)
