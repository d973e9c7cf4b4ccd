"""One XML parser with limits: no declarations, no great depth, and one row in memory."""

from collections.abc import Iterator
from xml.parsers import expat

from portal.iiko.client.answer import Answer
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.characters import characters, without_controls
from portal.iiko.client.outcomes import Flaw, Outcome
from portal.iiko.client.reading import Note, Reading
from portal.iiko.client.xml_row import XmlRow

MAX_DEPTH = 16
MAX_ELEMENTS = 5_000_000
# Of one row: more than any document has, and all of it is in memory.
MAX_ROW_PARTS, MAX_ROW_TEXT = 100_000, 8 * 1024 * 1024
# A tag or a comment without an end is kept by expat until it ends.
_MAX_UNFINISHED = 1024 * 1024
_CUT = frozenset(
    expat.errors.codes[each]
    for each in (
        expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)  # fmt: skip
_JUNK = expat.errors.codes[expat.errors.XML_ERROR_JUNK_AFTER_DOC_ELEMENT]


class XmlParser:
    """The elements called ``element`` below one of the ``envelopes``; the envelope itself where there is none."""

    def __init__(self, envelopes: tuple[str, ...], element: str | None, reading: Reading) -> None:
        self._envelopes, self._element, self._reading = envelopes, element, reading
        self._row_depth = 1 if element is None else 2
        self._depth = self._elements = self._unknown = self._fed = self._found = 0
        self._row_parts = self._row_text = 0
        # The row that is being read, and its parts that are open.
        self._open: list[XmlRow] = []
        self._ready: list[XmlRow] = []
        self._expat = expat.ParserCreate(encoding="utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._data
        for handler in (
            "StartDoctypeDeclHandler", "EntityDeclHandler", "ExternalEntityRefHandler", "ProcessingInstructionHandler",
        ):  # fmt: skip
            setattr(self._expat, handler, self._refuse_declaration)

    def rows(self, answer: Answer) -> Iterator[XmlRow]:
        """Row by row, the last ones before the end was seen to be whole. Raises IikoFailure."""
        is_begun = False
        for text in without_controls(characters(answer, is_xml=True), self._reading):
            if not is_begun:
                # Some servers begin with a line break, which XML forbids before its declaration.
                text = text.lstrip()
                is_begun = bool(text)
            self._feed(text.encode("utf-8", "replace"))
            yield from self._taken()
        if not is_begun:
            raise _malformed(Flaw.EMPTY)
        self._feed(b"", is_final=True)
        yield from self._taken()
        if self._unknown and not self._found:
            # Something else than what was asked for in the right envelope.
            raise _malformed(Flaw.ENVELOPE)
        if self._unknown:
            self._reading.note(Note.UNKNOWN_PARTS, self._unknown)

    def _taken(self) -> list[XmlRow]:
        ready, self._ready = self._ready, []
        return ready

    def _feed(self, data: bytes, *, is_final: bool = False) -> None:
        try:
            self._expat.Parse(data, is_final)
        except expat.ExpatError as error:
            raise _failure_of(error, is_final=is_final) from None
        self._fed += len(data)
        if self._fed - self._expat.CurrentByteIndex > _MAX_UNFINISHED:
            raise _malformed(Flaw.NO_XML)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise _malformed(Flaw.TOO_DEEP)
        if self._elements > MAX_ELEMENTS:
            raise _malformed(Flaw.TOO_MANY)
        name = tag.rpartition(":")[2]
        if self._open:
            self._add_part(XmlRow(name))
        elif self._depth == 1 and name not in self._envelopes:
            raise _malformed(Flaw.ENVELOPE)
        elif self._depth == self._row_depth:
            self._begin_row(name)

    def _add_part(self, part: XmlRow) -> None:
        self._row_parts += 1
        if self._row_parts > MAX_ROW_PARTS:
            raise _malformed(Flaw.TOO_MANY)
        self._open[-1].add(part)
        self._open.append(part)

    def _begin_row(self, name: str) -> None:
        self._row_parts = self._row_text = 0
        if self._element in (None, name):
            self._found += 1
            self._open.append(XmlRow(name))
        else:
            self._unknown += 1

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._open:
            ended = self._open.pop()
            if not self._open:
                self._ready.append(ended)

    def _data(self, text: str) -> None:
        if self._open:
            self._row_text += len(text)
            if self._row_text > MAX_ROW_TEXT:
                raise _malformed(Flaw.TOO_MANY)
            self._open[-1].add_text(text)

    @staticmethod
    def _refuse_declaration(*declared: object) -> None:
        raise _malformed(Flaw.DECLARATIONS)


def _failure_of(error: expat.ExpatError, *, is_final: bool) -> IikoFailure:
    if is_final and error.code in _CUT:
        return IikoFailure(Outcome.BROKE_OFF)
    return _malformed(Flaw.TRAILING if error.code == _JUNK else Flaw.NO_XML)


def _malformed(flaw: Flaw) -> IikoFailure:
    return IikoFailure(Outcome.MALFORMED, flaw=flaw.value)
