"""What a paper's file is, told by its content; what it may be, and how large."""

import re

from flask_babel import gettext as _

from portal.media.content_types import MEGABYTE, FileType, sniff
from portal.media.names import format_size, plain_name

MAX_BYTES = 10 * MEGABYTE
_OFFICE = "application/vnd.openxmlformats-officedocument"
PICTURES = ("image/jpeg", "image/png", "image/webp")
# What a camera and a scanner make of a paper.
PHOTO_TYPES = (*PICTURES, "image/heic", "application/pdf")
XML = FileType("application/xml", "document", "xml")
TYPES = frozenset(
    {
        *PHOTO_TYPES,
        f"{_OFFICE}.spreadsheetml.sheet",
        f"{_OFFICE}.wordprocessingml.document",
        "application/vnd.oasis.opendocument.spreadsheet",
        "application/x-ole-storage",
        "application/zip",
        "text/plain",
        XML.content_type,
    }
)
# An electronic paper says what it is in its first line, in one byte a letter or in two.
_XML = re.compile(rb"\s*<\?xml\s")
_UTF_8, _UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
_BEGINNING = 256
_UNNAMED = FileType("", "document", "bin")


class DocumentRefused(Exception):
    """A file is not taken; ``sentence`` says why, in words for people."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def look_at(data: bytes, file_name: str | None, taken: frozenset[str] = TYPES) -> FileType:
    """What is inside. Raises ``DocumentRefused`` where that is nothing, too much, or none of what is ``taken``."""
    name = plain_name(file_name, _UNNAMED)
    if not data:
        raise DocumentRefused(_("%(name)s is empty.", name=name))
    if len(data) > MAX_BYTES:
        raise DocumentRefused(_("%(name)s is too large: at most %(size)s.", name=name, size=format_size(MAX_BYTES)))
    found = XML if _is_xml(data) else sniff(data)
    if found is None or found.content_type not in taken:
        raise DocumentRefused(_not_taken(name, taken))
    return found


def _not_taken(name: str, taken: frozenset[str]) -> str:
    if XML.content_type in taken:
        return _("%(name)s: send a photo, a PDF, a table (XLSX, XLS, ODS, CSV) or an XML paper.", name=name)
    return _("%(name)s: send a photo (JPEG, PNG, WebP, HEIC) or a PDF.", name=name)


def _is_xml(data: bytes) -> bool:
    beginning = data[:_BEGINNING].removeprefix(_UTF_8)
    if beginning.startswith(_UTF_16):
        beginning = beginning.decode("utf-16", "replace").encode()
    return _XML.match(beginning) is not None
