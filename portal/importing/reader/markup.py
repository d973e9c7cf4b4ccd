"""An XML document as a plain tree, of what needs no more: no document type, no entities, nothing from elsewhere."""

from typing import Any
from xml.parsers import expat

from portal.importing.reader.limits import MAX_CELL_LENGTH, MAX_CHARACTERS, UnreadableError

MAX_ELEMENTS = 300_000
MAX_DEPTH = 30

# (name, attributes, text, children)
Element = tuple[str, dict[str, str], str, list[Any]]


class Tree:
    """Builds the tree while the document is read, and stops at the first thing that is too much."""

    def __init__(self) -> None:
        self.root: list[Any] | None = None
        self.open: list[list[Any]] = []
        self.elements = self.characters = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        self.elements += 1
        self._count(len(name) + sum(len(key) + len(text) for key, text in attributes.items()))
        if self.elements > MAX_ELEMENTS or len(self.open) >= MAX_DEPTH:
            raise UnreadableError("text")
        if any(len(text) > MAX_CELL_LENGTH for text in attributes.values()):
            raise UnreadableError("text")
        element: list[Any] = [name, attributes, "", []]
        if self.open:
            self.open[-1][3].append(element)
        else:
            self.root = element
        self.open.append(element)

    def end(self, _name: str) -> None:
        """It closes."""
        self.open.pop()

    def say(self, text: str) -> None:
        """Text between elements."""
        if not self.open or (not text.strip() and not self.open[-1][2]):
            return
        self._count(len(text))
        if len(self.open[-1][2]) + len(text) > MAX_CELL_LENGTH:
            raise UnreadableError("text")
        self.open[-1][2] += text

    def _count(self, characters: int) -> None:
        self.characters += characters
        if self.characters > MAX_CHARACTERS:
            raise UnreadableError("text")


def refuse_document_type(*_told: Any) -> None:
    """What declares a document type may declare entities: no paper needs one."""
    raise UnreadableError("document_type")


def markup(data: bytes) -> list[Any]:
    """The root element of a document, as (name, attributes, text, children)."""
    tree = Tree()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse_document_type
    parser.EntityDeclHandler = refuse_document_type
    parser.StartElementHandler, parser.EndElementHandler = tree.begin, tree.end
    parser.CharacterDataHandler = tree.say
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise UnreadableError("damaged_markup") from error
    if tree.root is None:
        raise UnreadableError("damaged_markup")
    return tree.root
