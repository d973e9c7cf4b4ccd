"""From the bytes of an answer to its characters, whichever code page it is in; what XML forbids becomes a space."""

import codecs
import re
from collections.abc import Iterator

from portal.iiko.client.answer import Answer
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.outcomes import Flaw, Outcome
from portal.iiko.client.reading import Note, Reading

PIECE = 64 * 1024
_DECLARED = re.compile(rb"\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
# What servers of iiko's have; Python's own list holds things that are no code pages.
_KNOWN = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "windows-1251", "cp1251", "windows-1252", "cp866", "ibm866", "koi8-r",
     "iso-8859-1", "iso-8859-5", "latin1"}
)  # fmt: skip
# Control characters that XML does not have, as they are and as references.
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    r"|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8bcefBCEF]|1[0-9a-fA-F]));"
)
# Longer than any reference that somebody writes.
_MAX_REFERENCE = 20


def characters(answer: Answer, *, is_xml: bool) -> Iterator[str]:
    """The text in pieces, from the beginning. Raises IikoFailure."""
    answer.file.seek(0)
    head = answer.file.read(PIECE)
    charset, skipped = _charset_of(head, answer.charset, is_xml=is_xml)
    decoder = codecs.getincrementaldecoder(charset)("strict")
    piece = head[skipped:]
    while piece:
        try:
            yield decoder.decode(piece)
        except UnicodeDecodeError:
            raise IikoFailure(Outcome.MALFORMED, flaw=Flaw.CHARSET.value) from None
        piece = answer.file.read(PIECE)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise IikoFailure(Outcome.BROKE_OFF) from None


def without_controls(pieces: Iterator[str], reading: Reading) -> Iterator[str]:
    """Control characters and their references are spaces, counted; a reference may be cut by the end of a piece."""
    kept = ""
    for piece in pieces:
        text = kept + piece
        begun = text.rfind("&", -_MAX_REFERENCE)
        kept = text[begun:] if begun >= 0 and ";" not in text[begun:] else ""
        yield _replaced(text[: len(text) - len(kept)], reading)
    yield _replaced(kept, reading)


def _replaced(text: str, reading: Reading) -> str:
    replaced, count = _CONTROLS.subn(" ", text)
    if count:
        reading.note(Note.CONTROL_CHARACTERS, count)
    return replaced


def _charset_of(head: bytes, told: str | None, *, is_xml: bool) -> tuple[str, int]:
    """The code page, and how many bytes of a mark stand before the text. Raises IikoFailure."""
    for mark, charset in _BOMS.items():
        if head.startswith(mark):
            return charset, len(mark)
    declared = _DECLARED.match(head) if is_xml else None
    charset = (declared[1].decode("ascii") if declared else told or "utf-8").lower()
    if charset not in _KNOWN:
        raise IikoFailure(Outcome.MALFORMED, flaw=Flaw.CHARSET.value)
    return charset, 0
